"""The same batch on a Ray of our own with two workers, from an S3 of our own: what is lost is heard again, once."""

import json
import shutil
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from dictation.errors import MissingError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from pipelines.batch import Asked
from pipelines.remote_inputs import place
from pipelines.transcribe import transcribe
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

if not find_spec("ray"):  # not imported here: how it listens is settled when it is
    pytest.skip("Ray is not installed", allow_module_level=True)
psutil = pytest.importorskip("psutil")
ONE_CORE = Settings(threads=1)
COPIES = 4
SPOKEN = ("pleural", "effusion", "nodule", "lungs are clear")


@pytest.fixture(scope="module")
def bucket():
    """An S3 server on this machine with the clips, many times over, in the folder clips of the bucket hospital."""
    boto3 = pytest.importorskip("boto3")
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as own:
        server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        server.start()
        own.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:{1}".format(*server.get_host_and_port()))
        own.setenv("AWS_ACCESS_KEY_ID", "somebody")
        own.setenv("AWS_SECRET_ACCESS_KEY", "kept-to-itself")
        own.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="hospital")
        for clip in CLIPS:
            for number in range(COPIES):
                s3.upload_file(str(clip), "hospital", f"clips/{number}/{clip.name}")
        s3.put_object(Bucket="hospital", Key="clips/broken.wav", Body=b"no sound")
        yield s3
        server.stop()


@pytest.fixture
def manifest(bucket, tmp_path):
    """The objects of the bucket, a file of this machine, an object that is not there."""
    keys = [found["Key"] for found in bucket.list_objects_v2(Bucket="hospital")["Contents"]]
    shutil.copy(CLIPS[0], tmp_path / "here.flac")
    rows = [*(f"s3://hospital/{key}" for key in keys), "s3://hospital/clips/gone.wav", "here.flac"]
    path = tmp_path / "all.csv"
    path.write_text("\n".join(["audio", *rows, ""]))
    return path


def on_ray(asked: Asked) -> bool:
    from pipelines.batch_ray import transcribe_on

    return transcribe_on("local", asked, "medasr", str(SMALL_LASR), EMPTY_VOCABULARY, ONE_CORE)


def here(asked: Asked) -> bool:
    from dictation.case import choose_recognizer

    return transcribe(asked, choose_recognizer("medasr", ONE_CORE, str(SMALL_LASR)), EMPTY_VOCABULARY, ONE_CORE)


def results(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.json")}


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def is_socket(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def made_of(out: Path) -> set[tuple[str, str, str, str]]:
    noted = [(one["result"], one["sha256"], one["settings"], one["input"]) for one in lines(out / ".done.jsonl")]
    assert len(set(noted)) == len(noted)
    return set(noted)


def name_of(process: psutil.Process) -> str:
    """What a process is called, nothing where it ended meanwhile."""
    with suppress(psutil.Error):
        return process.name()
    return ""


class Killing(threading.Thread):
    """Kills a worker in the middle of its work; keeps what Ray has written and who listens where."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.killed, self.listening, self.over = 0, set(), False

    def run(self) -> None:
        while not (self.over or self.killed):
            time.sleep(0.01)
            ours = psutil.Process().children(recursive=True)
            busy = [
                one for one in ours if (name := name_of(one)).startswith("ray::MapWorker") and name.endswith(".submit")
            ]
            if not busy:
                continue
            busy[0].kill()
            self.killed += 1
            for one in ours:
                with suppress(psutil.Error):  # ended meanwhile
                    ports = one.net_connections("inet")
                    self.listening |= {port.laddr.ip for port in ports if port.status == psutil.CONN_LISTEN}


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(manifest, tmp_path, capfd, monkeypatch):
    logs = tmp_path / "logs"

    def kept(folder: str, **how) -> None:
        assert Path(folder).stat().st_mode & 0o077 == 0
        shutil.copytree(folder, logs, ignore=lambda at, names: [one for one in names if is_socket(Path(at) / one)])
        shutil.rmtree(folder, **how)

    monkeypatch.setattr("pipelines.batch_ray.shutil", SimpleNamespace(rmtree=kept))
    killing = Killing()
    killing.start()
    try:
        assert not on_ray(Asked((manifest,), "json", tmp_path / "ray"))  # two objects are not what they should be
    finally:
        killing.over = True
        killing.join()
    out, err = capfd.readouterr()
    assert killing.killed == 1 and "workers were lost" in err
    assert out == ""
    assert not here(Asked((manifest,), "json", tmp_path / "here"))
    whole = results(tmp_path / "here")
    assert len(whole) == COPIES * len(CLIPS) + 1 and results(tmp_path / "ray") == whole
    assert made_of(tmp_path / "ray") == made_of(tmp_path / "here")
    failures = [
        sorted(lines(tmp_path / run / "failures.jsonl"), key=lambda one: one["path"]) for run in ("ray", "here")
    ]
    assert failures[0] == failures[1]
    assert [one["path"] for one in failures[0]] == ["s3://hospital/clips/broken.wav", "s3://hospital/clips/gone.wav"]
    assert "there is no such object" in failures[0][1]["error"]
    written = b"".join(path.read_bytes() for path in logs.rglob("*") if path.is_file())
    assert len(written) > 1000
    for word in (*SPOKEN, "hospital/clips", "here.flac", "kept-to-itself"):
        assert word.encode() not in written, word
    assert "kept-to-itself" not in err
    assert killing.listening and all(ip.removeprefix("::ffff:") in ("127.0.0.1", "::1") for ip in killing.listening)


def test_what_was_done_without_ray_is_not_done_again_on_it(bucket, tmp_path, capsys):
    folder, out = place("s3://hospital/clips/0"), tmp_path / "out"
    assert here(Asked((folder,), "json", out)) and len(results(out)) == len(CLIPS)
    noted = (out / ".done.jsonl").read_bytes()
    assert on_ray(Asked((place("s3://hospital/clips/0/lungs.flac"), folder), "json", out, resume=True))
    assert f"{len(CLIPS)} of {len(CLIPS)} were done before" in capsys.readouterr().err
    assert (out / ".done.jsonl").read_bytes() == noted


def test_what_is_missing_is_said_in_a_sentence(tmp_path, monkeypatch):
    from pipelines.batch_ray import transcribe_on

    asked = Asked((tmp_path,), "json", tmp_path / "out")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(MissingError, match="ray start --head"):
            transcribe_on(
                "127.0.0.1:{1}".format(*nobody.getsockname()), asked, "medasr", None, EMPTY_VOCABULARY, ONE_CORE
            )
    with pytest.raises(UsageError, match="--watch"):
        on_ray(Asked((), "json", tmp_path / "out", watch=tmp_path))
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingError, match=r"pip install .*ray"):
        on_ray(asked)
