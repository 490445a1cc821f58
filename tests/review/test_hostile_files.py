"""Files that are none, or that mean harm, given to the app as it is served: each is refused in a sentence."""

import gzip
import io
import json
import tarfile
import threading
import zipfile
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from tests.review.hostile import FILE, PATIENT, WORDS, dicom

pytestmark = pytest.mark.usefixtures("nobody_else_notices")


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def tarred(name: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name), None)
    return file.getvalue()


def png_bomb() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((20_000, 20_000), np.uint8)).save(file, "PNG")
    return file.getvalue()


NO_FILES = {
    "nothing.dcm": b"",
    "nothing.wav": b"",
    "nothing.json": b"",
    "words.wav": WORDS.encode(),
    "program.dcm": b"\x7fELF" + bytes(1000),
    "bomb.zip": zipped("a.dcm", bytes(50 * 2**20)),
    "outside.zip": zipped("../../../../tmp/zarniwoop.dcm", b"x"),
    "outside.tar.gz": tarred("../../zarniwoop.dcm"),
    "bomb.dcm.gz": gzip.compress(bytes(50 * 2**20)),
    "many_frames.dcm": dicom(NumberOfFrames="20000000"),
    "huge.dcm": dicom(Rows=65535, Columns=65535),
    "deep.json": b"[" * 200_000,
    "deep_order.json": b'{"name":' * 100_000 + b"1" + b"}" * 100_000,
    "number.json": b'{"age": 1' + b"0" * 5000 + b"}",
    "twice.json": b'{"name": "A", "name": "B"}',
    "long.json": b'{"name": "' + b"x" * 9 * 2**20 + b'"}',
    "bad.json": b'{"name": "\xff\xfe"}',
    "unlike.json": f'{{"name": ["{PATIENT}"]}}'.encode(),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_a_file_that_is_none_is_refused_in_one_sentence(program, client, name):
    status, answer = program.upload(name, NO_FILES[name])
    assert status == 200
    [path] = json.loads(answer)
    threading.Thread(target=program.give, args=(client.page, client.case, path), daemon=True).start()
    said = client.until(lambda m: m["kind"] == "notice" or (m["kind"] == "bar" and m["state"] == "error"))
    sentence = said.get("text") or said["message"]
    assert name in sentence and str(program.home) not in sentence and "\n" not in sentence, sentence
    assert PATIENT not in sentence.lower()
    assert client.state["case"]["images"] == 0


def test_a_picture_that_unpacks_to_gigabytes_is_refused(program, client):
    before_mb = program.memory_mb
    [path] = json.loads(program.upload("bomb.png", png_bomb())[1])
    threading.Thread(target=program.give, args=(client.page, client.case, path), daemon=True).start()
    assert "bomb.png" in client.notice()
    assert program.memory_mb < before_mb + 200


@pytest.mark.parametrize(
    "name",
    [f"../../../{FILE}.dcm", f"/etc/{FILE}.dcm", f"..\\..\\{FILE}.dcm", f"{FILE}\n{PATIENT}.dcm", f"{FILE}\0.dcm",
     "..", ".", "x" * 5000 + ".dcm", f"<img src=x onerror=alert(1)>{FILE}.dcm", f"{PATIENT}^{FILE}\r\nX-Evil: 1.dcm"],
)  # fmt: skip
def test_a_name_that_is_none_stays_in_the_folder_of_uploads(program, name):
    status, answer = program.upload(name, b"x")
    assert status in (200, 400, 413), answer
    for path in json.loads(answer) if status == 200 else ():
        assert Path(path).resolve().is_relative_to(program.home / "uploads")
        assert "\n" not in path and "\0" not in path
    inside = {path for path in program.home.rglob(f"*{FILE}*") if path.is_file()}
    assert all(path.is_relative_to(program.home / "uploads") for path in inside)


def test_a_file_that_nobody_uploaded_is_neither_read_nor_copied_nor_served(program, client, tmp_path):
    secret = tmp_path / f"{FILE}_secret.dcm"
    secret.write_bytes(dicom())
    token = (program.home / "key_token").read_text()
    for path in (str(secret), "/etc/passwd", str(program.home / "records.sqlite3"), "../key_token",
                 str(program.home / "uploads" / ".." / "key_token")):  # fmt: skip
        told = program.give(client.page, client.case, path)[-1]
        assert not told["success"], told
        for value in ({"path": path, "meta": {"_type": "gradio.FileData"}},):  # in the place of a text
            assert not program.gradio("pasted", client.page, client.case, value)[-1]["success"]
        status, answer = program.ask(f"/gradio_api/file={path.replace('/../', '/%2e%2e/')}")
        assert status == 404 and token.encode() not in answer
    copied = [
        path for path in (program.home / "uploads").rglob("*") if path.name in (secret.name, "passwd", "key_token")
    ]
    assert not copied
    assert client.state["case"]["images"] == 0


def test_a_pasted_report_that_is_longer_than_any_is_refused_in_a_sentence(program, client):
    program.gradio("pasted", client.page, client.case, "FINDINGS: " + "Clear. " * 6_000)
    assert "has 42,010 characters, at most 40,000 are read; give one report." in client.notice()


def test_files_that_were_given_to_the_case_before_are_not_taken_into_the_next_one(program, client):
    before = client.case
    [path] = json.loads(program.upload(f"{FILE}.dcm", dicom())[1])
    client.ask("new", id=uuid4().hex)
    if client.case == before:  # the case is told after the answer, or before it
        client.until(lambda message: message["kind"] == "case" and message["case"] != before)
    told = program.give(client.page, before, path)[-1]
    assert told["success"] and told["output"]["data"][0] is None  # the list is empty again
    assert "case that was open before" in client.notice()
    assert client.state["case"]["images"] == 0
    program.gradio("pasted", client.page, before, "FINDINGS: Clear.")
    assert "was not taken" in client.notice()
    assert program.give(client.page, client.case, path)[-1]["success"]
    client.until(lambda message: message["kind"] == "case" and message["images"] == 1)


def test_a_case_that_is_opened_writes_over_nothing_but_what_belonged_to_the_one_before(program, client):
    def shown(*told: object) -> list[object]:
        return program.gradio("shown", client.page, client.case, [], *told)[-1]["output"]["data"]

    kept = {"__type__": "update"}
    assert shown("", *[""] * 8) == [kept] * 10
    assert shown("FINDINGS: Clear.", "A", "1", "1960-01-01", "F", "2", "3", "left", "") == [kept, *[""] * 8, kept]


def test_nobody_reads_what_somebody_uploaded(program):
    [path] = json.loads(program.upload(f"{FILE}.txt", b"FINDINGS: Clear.")[1])
    status, answer = program.ask(f"/gradio_api/file={path}")
    assert status == 404 and b"Clear" not in answer
