"""The app as a program of its own, and clients that mean it no good: raw sockets, gradio's routes, the page's wire."""

import io
import json
import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.conftest import ROOT
from tests.review.ports import HeldPort
from tests.waiting import until

START_S, WAIT_S = 180, 60
PLANTED = ("zorbulent", "quixbyte", "zarniwoop")  # a dictated word, a patient's name, a file's name
SAID, PATIENT, FILE = PLANTED
WORDS = f"There is a {SAID} pleural effusion."
FAILS = """
import sys
sys.argv[0] = "dictation"
from importlib import import_module
for place in {places!r}:
    module, owner, name = place.split(":")
    def fail(*_, **__):
        raise RuntimeError({message!r})
    fail.__name__ = name
    setattr(getattr(import_module(module), owner), name, fail)
from pipelines.cli import main
main()
"""


class Program:
    """`dictation serve` with the embedded recognizer, and all that it wrote. `fails`: our own functions that raise."""

    def __init__(self, home: Path, *fails: str, **environment: str) -> None:
        self.home, self.log = home, home / "output.txt"
        home.mkdir(parents=True, exist_ok=True)
        self._held = HeldPort()
        self.port = self._held.number
        message = f"the {SAID} effusion of {PATIENT} in {FILE}.dcm"
        begin = ["-c", FAILS.format(places=fails, message=message)] if fails else ["-m", "pipelines"]
        command = [sys.executable, *begin, "serve", "--port", str(self.port), "--recognizer", "whisper"]
        environment = {**os.environ, "DICTATION_HOME": str(home), "PYTHONPATH": str(ROOT), **environment}
        with self.log.open("w") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        until(lambda: self.is_there() or self.process.poll() is not None, "the server listens", START_S)
        assert self.process.poll() is None, self.output

    def is_there(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    until = staticmethod(until)

    def stop(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.process.kill()
        self.process.wait(20)
        self._held.close()

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    @property
    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def says_nothing(self) -> None:
        """No planted word in anything that was written, nor in a file's name, nor in a log."""
        written = self.output.lower()
        for word in PLANTED:
            assert word not in written, self.output
        for path in self.home.rglob("*"):
            if path.suffix in (".log", ".txt") and path.is_file() and path.name != "vocabulary.txt":
                assert not any(word in path.read_text(errors="replace").lower() for word in PLANTED), path

    def disk_takes(self, most_bytes: int | None) -> None:
        """No file of the server may grow beyond this, as on a full disk; None: it takes everything again."""
        unlimited = resource.RLIM_INFINITY
        most = unlimited if most_bytes is None else most_bytes
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most, unlimited))

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def ask(self, path: str, method: str = "GET", body=None, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        try:
            connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
            content = body.encode() if isinstance(body, str) else body
            if content is not None:
                connection.putheader("Content-Length", str(len(content)))
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(content)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    # gradio's side

    def upload(self, name: str, content: bytes) -> tuple[int, bytes]:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode()
        body = b"".join(
            (
                b'--cut\r\nContent-Disposition: form-data; name="files"; filename="', quoted,
                b'"\r\nContent-Type: application/octet-stream\r\n\r\n', content, b"\r\n--cut--\r\n",
            )
        )  # fmt: skip
        kind = "multipart/form-data; boundary=cut"
        return self.ask("/gradio_api/upload", "POST", body, Content_Type=kind)

    def gradio(self, name: str, *data) -> list[dict]:
        """Do what a control of the panel does; return what gradio said of it."""
        config = json.loads(self.ask("/config")[1])
        numbers = [one["id"] for one in config["dependencies"] if one["api_name"] == name]
        session = uuid4().hex[:12]
        body = json.dumps({"data": list(data), "fn_index": numbers[0], "session_hash": session, "event_data": None})
        status, answer = self.ask("/gradio_api/queue/join", "POST", body, Content_Type="application/json")
        if status != 200:
            return [{"status": status, "answer": answer.decode(errors="replace")}]
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        connection.request("GET", f"/gradio_api/queue/data?session_hash={session}")
        told, stream = [], connection.getresponse()
        while line := stream.readline():
            if line.startswith(b"data:"):
                told.append(json.loads(line[5:]))
                if told[-1]["msg"] in ("process_completed", "close_stream", "unexpected_error"):
                    break
        connection.close()
        return told

    def give(self, page: str, case: str, *paths: str) -> list[dict]:
        """List files in a page's panel, for a case."""
        return self.gradio(
            "filed", page, case, [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
        )


class Client:
    """A page, as far as the wire knows. `state` has the newest message of each kind, `notices` all sentences."""

    def __init__(self, program: Program, case: str | None = None, page: str | None = None) -> None:
        self.page, self.number = page or uuid4().hex, 0
        self.state: dict[str, dict] = {}
        self.notices: list[str] = []
        address = f"ws://127.0.0.1:{program.port}/desk"
        self.socket = connect(
            address, legacy=True, origin=f"http://127.0.0.1:{program.port}", max_size=None, open_timeout=WAIT_S
        )
        self.ask("hello", page=self.page, case=case)
        if case is None:
            self.ask("new", id=uuid4().hex)

    @property
    def case(self) -> str:
        return self.state["case"]["case"]

    def send(self, do: str, **more) -> int:
        self.number += 1
        self.socket.send(json.dumps({"do": do, "number": self.number, **more}))
        return self.number

    def ask(self, do: str, **more) -> dict:
        number = self.send(do, **more)
        return self.until(lambda message: message.get("number") == number and message["kind"] == "answer")

    def until(self, is_so, wait_s: float = WAIT_S) -> dict:
        ends_at_s = time.monotonic() + wait_s
        while True:
            message = json.loads(self.socket.recv(max(0.01, ends_at_s - time.monotonic())))
            self.state[message["kind"]] = message
            if message["kind"] == "notice":
                self.notices.append(message["text"])
            if is_so(message):
                return message

    def until_review(self) -> None:
        """Wait until the report is compared, which may be told before whatever asked for it is answered."""
        if self.state["case"]["stage"] != "review":
            self.until(lambda message: message["kind"] == "case" and message["stage"] == "review")

    def notice(self) -> str:
        return self.until(lambda message: message["kind"] == "notice")["text"]

    def type(self, text: str) -> dict:
        """Type at the end of what there is."""
        if "pad" not in self.state:
            self.until(lambda message: message["kind"] == "pad")
        end = len(self.state["pad"]["text"])
        answer = self.ask("type", version=self.state["pad"]["version"], start=end, stop=end, text=text)
        if answer["ok"] and self.state["pad"]["seen"] < answer["number"]:  # state may be told before the answer
            self.until(lambda message: message["kind"] == "pad" and message["seen"] >= answer["number"])
        return answer

    def block(self, take: str, number: int, samples: int = 1600) -> dict:
        self.socket.send(bytes.fromhex(take) + number.to_bytes(4, "little") + bytes(2 * samples))
        return self.until(
            lambda m: (
                (m["kind"] == "ack" and m["take"] == take and m["taken"] > number)
                or (m["kind"] == "notice" and m.get("about") == "sound")
            )
        )

    def leave(self) -> None:
        self.socket.close()


def closes(socket) -> bool:
    """Whether the server hung up."""
    try:
        while True:
            socket.recv(20)
    except ConnectionClosed:
        return True


def dicom(**values) -> bytes:
    """An image of 16 x 16 pixels, with these header values."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = SecondaryCaptureImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid()
    data.StudyInstanceUID = data.SeriesInstanceUID = generate_uid()
    data.Rows = data.Columns = 16
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.SamplesPerPixel, data.PhotometricInterpretation, data.Modality = 1, "MONOCHROME2", "CR"
    data.PatientName = f"{PATIENT.upper()}^ZELDA"
    data.PixelData = np.arange(256, dtype="<u2").tobytes()
    for name, value in values.items():
        setattr(data, name, value)
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()
