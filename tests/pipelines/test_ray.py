"""The same batch on a Ray of our own with two workers, from an S3 of our own: what is lost is heard again, once.

All tests share one Ray, as it takes long to begin.
"""

import json
import shutil
import socket
import sys
import tempfile
import threading
import time
from contextlib import nullcontext, suppress
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from dictation.errors import MissingError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from pipelines import batch_ray
from pipelines.batch import Asked, kept
from pipelines.batch_worker import Command
from pipelines.transcribe import Transcribing
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

if not find_spec("ray"):  # not imported here: how it listens is settled when it is
    pytest.skip("Ray is not installed", allow_module_level=True)
ONE_CORE = Settings(threads=1)
COPIES = 2
SPOKEN = ("pleural", "effusion", "nodule", "lungs are clear")


@pytest.fixture(scope="module")
def bucket():
    """An S3 server on this machine with the clips, many times over, in the folder clips of the bucket hospital."""
    import boto3
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


@pytest.fixture(scope="module")
def running(bucket):
    """A Ray as "local" begins it, with the keys of the bucket, and its folder."""
    folders: list[str] = []

    def mkdtemp(**how) -> str:
        folders.append(tempfile.mkdtemp(**how))
        return folders[-1]

    with pytest.MonkeyPatch.context() as own:
        own.setattr(batch_ray, "tempfile", SimpleNamespace(mkdtemp=mkdtemp))
        with batch_ray.joined(batch_ray.LOCAL) as ray:
            yield SimpleNamespace(ray=ray, folder=Path(folders[0]))
    assert not Path(folders[0]).exists()


@pytest.fixture
def one_ray(running, monkeypatch):
    """Jobs of this test find that Ray begun; the folder of its logs."""
    monkeypatch.setattr(batch_ray, "joined", lambda address: nullcontext(running.ray))
    return running.folder


TRANSCRIBING = Transcribing("json", "medasr", str(SMALL_LASR), EMPTY_VOCABULARY)


def on_ray(asked: Asked, command: Command = TRANSCRIBING) -> bool:
    return batch_ray.run_on("local", asked, command, ONE_CORE)


def here(asked: Asked) -> bool:
    return kept(asked, TRANSCRIBING.maker(ONE_CORE))


def results(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.json")}


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


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
    """Kills one of two workers in the middle of its share: it is stopped there until others have given what they can.

    Also keeps who listens where.
    """

    def __init__(self, out: Path) -> None:
        super().__init__(daemon=True)
        self.out, self.killed, self.before, self.listening, self.over = out, 0, 0, set(), False

    def run(self) -> None:
        stopped, found = None, 0
        while not (self.over or self.killed):
            time.sleep(0.01)
            ours = psutil.Process().children(recursive=True)
            workers = [one for one in ours if name_of(one).startswith("ray::MapWorker")]
            if stopped is None:
                stopped = next((one for one in workers if is_stopped_at_work(one)), None)
                found = len(results(self.out))
                continue
            self.before = len(results(self.out))
            others_work = any(name_of(one).endswith(".submit") for one in workers if one.pid != stopped.pid)
            if not self.before or (self.before == found and others_work):
                continue
            stopped.kill()
            self.killed += 1
            for one in ours:
                with suppress(psutil.Error):  # ended meanwhile
                    ports = one.net_connections("inet")
                    self.listening |= {port.laddr.ip for port in ports if port.status == psutil.CONN_LISTEN}
        if stopped is not None and not self.killed:
            stopped.resume()


def is_stopped_at_work(worker: psutil.Process) -> bool:
    """Stop a worker that has a share; one that has none goes on."""
    if not name_of(worker).endswith(".submit"):
        return False
    with suppress(psutil.Error):
        worker.suspend()
        if name_of(worker).endswith(".submit"):
            return True
        worker.resume()
    return False


def test_one_of_two_workers_that_is_killed_loses_nothing_and_doubles_nothing(
    one_ray, manifest, tmp_path, capfd, monkeypatch
):
    monkeypatch.setattr("pipelines.batch_ray.SHARE_S", (1.0, 60.0))  # work for two workers
    killing = Killing(tmp_path / "ray")
    killing.start()
    try:
        assert not on_ray(Asked((manifest,), "json", tmp_path / "ray"))  # two objects are not what they should be
    finally:
        killing.over = True
        killing.join()
    out, err = capfd.readouterr()
    assert killing.killed == 1 and "workers were lost" in err
    assert out == ""
    assert 0 < killing.before < COPIES * len(CLIPS) + 1
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
    assert one_ray.stat().st_mode & 0o077 == 0
    written = b"".join(path.read_bytes() for path in one_ray.rglob("*") if path.is_file())
    assert len(written) > 1000
    for word in (*SPOKEN, "hospital/clips", "here.flac", "kept-to-itself"):
        assert word.encode() not in written, word
    assert "kept-to-itself" not in err
    assert killing.listening and all(ip.removeprefix("::ffff:") in ("127.0.0.1", "::1") for ip in killing.listening)


def test_what_is_missing_is_said_in_a_sentence(tmp_path, monkeypatch):
    asked = Asked((tmp_path,), "json", tmp_path / "out")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(MissingError, match="ray start --head"):
            batch_ray.run_on("127.0.0.1:{1}".format(*nobody.getsockname()), asked, TRANSCRIBING, ONE_CORE)
    with pytest.raises(UsageError, match="--watch"):
        on_ray(Asked((), "json", tmp_path / "out", watch=tmp_path))
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingError, match=r"pip install .*ray"):
        on_ray(asked)
