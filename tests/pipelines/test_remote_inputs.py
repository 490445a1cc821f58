"""Recordings by address: what lies behind one, where its result goes, and what is said where nothing does."""

import shutil
import sys
from pathlib import Path, PurePath

import fsspec
import pytest

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import InputError, MissingError
from dictation.report import ExtractiveWriter
from pipelines.batch import Asked
from pipelines.beside import Beside
from pipelines.inputs import Input, apart, expand
from pipelines.ledger import Ledger, content
from pipelines.remote_inputs import Address, place, recording_at
from pipelines.report import report
from tests.speech.tiny_lasr import CLIPS


@pytest.fixture
def there():
    """A file system elsewhere, in memory."""
    fs = fsspec.filesystem("memory")
    for name in ("monday/a.flac", "monday/deep/b.FLAC", "monday/notes.pdf", "tuesday/c.flac", "tuesday/d.dat"):
        fs.pipe_file(f"/ward/{name}", CLIPS[0].read_bytes())
    yield fs
    fs.rm("/ward", recursive=True)


def places(*named: str) -> list[str]:
    return [item.mirrored.as_posix() for item in expand([place(one) for one in named], AUDIO_ENDINGS)]


def test_a_folder_a_pattern_and_a_file_elsewhere_are_mirrored_like_those_here(there):
    assert places("memory://ward/monday") == ["a.flac", "deep/b.FLAC"]
    assert places("memory://ward/*/*.flac") == ["monday/a.flac", "tuesday/c.flac"]
    assert places("memory://ward/**/*.dat") == ["tuesday/d.dat"]
    assert places("memory://ward/tuesday/d.dat") == ["d.dat"]


def test_a_manifest_may_name_addresses_beside_files(there, tmp_path):
    (tmp_path / "here.flac").write_bytes(CLIPS[0].read_bytes())
    (tmp_path / "all.csv").write_text("audio\nmemory://ward/monday/a.flac\nhere.flac\nmemory://ward/../secret.flac\n")
    first, second, third = expand([tmp_path / "all.csv"], AUDIO_ENDINGS)
    assert (first.mirrored.as_posix(), second.mirrored.as_posix()) == ("ward/monday/a.flac", "here.flac")
    assert isinstance(third.failure, InputError) and "'..'" in str(third.failure)


def test_an_object_has_the_id_of_the_same_file_here_and_leaves_nothing_behind(there):
    address = Address("memory://ward/monday/a.flac")
    with recording_at(address) as recording:
        where = recording.path
        assert recording.id == address.sha256() == content(CLIPS[0])
        assert recording.duration_s() > 1
    assert not where.exists()


def test_what_is_not_there_is_named_and_the_rest_is_found(there, tmp_path):
    gone, found = expand([place("memory://ward/gone"), place("memory://ward/monday/a.flac")], AUDIO_ENDINGS)
    assert "memory://ward/gone: there is no such object or folder" in str(gone.failure)
    assert found.failure is None
    with pytest.MonkeyPatch.context() as without:
        without.setitem(sys.modules, "adlfs", None)
        with pytest.raises(MissingError, match="for abfs:// adlfs"):
            expand([place("abfs://bucket/a.wav")], AUDIO_ENDINGS)


def test_what_only_a_query_tells_apart_gets_places_of_its_own(tmp_path):
    rows = "".join(f"https://pacs/wado?objectUID={number}\n" for number in (1, 2, 3))
    (tmp_path / "m.csv").write_text(f"audio\n{rows}")
    inputs = apart(expand([tmp_path / "m.csv"], AUDIO_ENDINGS))
    assert inputs[0].mirrored.as_posix() == "pacs/wado"
    assert len({item.mirrored for item in inputs}) == len({item.whole for item in inputs}) == 3
    assert {item.shown for item in inputs} == {"https://pacs/wado"} and not any("UID" in item.whole for item in inputs)


def test_a_result_is_known_by_the_etag_of_its_object_without_reading_it(tmp_path, monkeypatch):
    monkeypatch.setattr(Address, "sha256", lambda self: pytest.fail("it was read"))
    item, other = (
        Input(Path("a.wav"), "s3://b/a.wav", PurePath("a.wav"), Path(), address=Address("s3://b/a.wav", 9, etag))
        for etag in ("one", "two")
    )
    Ledger(tmp_path, "text").keep(item, "words", "sha", "settings")
    assert Ledger(tmp_path, "text").holds(item, "settings")
    monkeypatch.setattr(Address, "sha256", lambda self: "another")
    assert not Ledger(tmp_path, "text").holds(other, "settings")


def test_a_login_and_a_signature_are_never_shown():
    address = Address("https://somebody:secret@host/a.wav?X-Amz-Signature=secret")
    assert str(address) == "https://host/a.wav"


def test_a_disk_of_windows_is_no_address():
    assert [place(one) for one in ("C:/a.wav", "in/a.wav")] == [Path("C:/a.wav"), Path("in/a.wav")]


def test_reports_of_recordings_and_texts_elsewhere_are_those_of_the_same_files_here(ear, settings, tmp_path):
    ward = tmp_path / "ward"
    ward.mkdir()
    shutil.copy(CLIPS[0], ward / "a.flac")
    (ward / "said.txt").write_text("Findings: small left pleural effusion.", encoding="utf-8")
    (ward / "broken.txt").write_bytes(b"\xff")
    (tmp_path / "typed.txt").write_text("FINDINGS: Large pneumothorax on the right.", encoding="utf-8")
    rows = ("a.flac", "said.txt", "broken.txt")
    made = {}
    for name, named in (("here", ward), ("elsewhere", ward.as_uri())):
        manifest = tmp_path / f"{name}.csv"
        lines = [f"{named}/{row},typed.txt" for row in rows]
        manifest.write_text("\n".join(["audio,written", *lines, ""]), encoding="utf-8")
        asked = Asked((manifest,), "html", tmp_path / name)
        assert not report(asked, lambda: ear, ExtractiveWriter(), Beside(), settings)
        made[name] = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / name).rglob("*.html")}
        failures = (tmp_path / name / "failures.jsonl").read_text(encoding="utf-8")
        assert "broken.txt: is not UTF-8 text" in failures
    assert made["here"] == made["elsewhere"] and len(made["here"]) == 2
    assert "data:audio" in made["here"]["a.flac.html"]


def test_a_row_knows_the_size_and_the_etag_of_its_object_so_that_resuming_reads_nothing(there, tmp_path, monkeypatch):
    told = type(there).info
    monkeypatch.setattr(type(there), "info", lambda self, path: told(self, path) | {"ETag": '"one"'})
    monkeypatch.setattr(Address, "sha256", lambda self: pytest.fail("it was read"))
    (tmp_path / "all.csv").write_text("audio\nmemory://ward/monday/a.flac\nmemory://ward/gone.flac\nnone://a.flac\n")
    found, gone, unknown = expand([tmp_path / "all.csv"], AUDIO_ENDINGS)
    assert (found.address.size, found.address.etag) == (CLIPS[0].stat().st_size, '"one"')
    assert (gone.address.etag, unknown.address.etag, gone.failure) == ("", "", None)
    Ledger(tmp_path / "out", "text").keep(found, "words", "sha", "settings")
    assert Ledger(tmp_path / "out", "text").holds(*expand([tmp_path / "all.csv"], AUDIO_ENDINGS)[:1], "settings")
