"""The batch of `dictation transcribe` on a Ray cluster: Ray Data carries recordings to workers, and results back.

One worker a device loads the recognizer once and gives back what a local run would have written, recording by
recording; this process alone writes, with the same ledger. A worker that is lost takes what it had not yet given back
with it; that is heard again by others, and what was given back is never asked for a second time. Ray's own retries are
off: they give again all that a share had given back, and never end for a recording that ends each of its workers.
"""

import json
import os
import shutil
import socket
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from heapq import heappop, heappush
from pathlib import Path, PurePath
from typing import Any

from dictation import errors
from dictation.case import choose_recognizer
from dictation.errors import DictationError, InputError, MissingError, UsageError
from dictation.extras import install_command
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech.transcript import Engine
from pipelines.batch import Asked
from pipelines.batch_decoding import Decoders
from pipelines.batch_pace import Pace
from pipelines.exits import BUG, note
from pipelines.inputs import Input
from pipelines.ledger import content
from pipelines.remote_inputs import Address
from pipelines.transcribe import Made, hear, kept, made_of, transcript_key

LOCAL = "local"
SHARES = 8  # of the work for each worker, so that all end at about the same time
SHARE_S = 60.0, 4 * 3600.0  # of sound, at least and at most: less is not worth another worker
UNRETRIED = {"max_restarts": -1, "max_task_retries": 0}  # a lost worker is begun again, its share is not
FRUITLESS = 2  # passes without a new result, until what is left has failed
REACHED_S = 10.0
STORE_BYTES = 200_000_000  # of a Ray of our own: texts, no sound
# What the words depend on; folders, logins and names are each machine's own.
SHIPPED = frozenset(("threads", "whisper_device", "spelling", "guessed_punctuation"))
SHIPPED |= {name for name in Settings.model_fields if name.startswith("medasr_")}
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_SHARE = "put the recordings on a disk that all machines share, or name them by an address such as s3://bucket/folder."
_OWN = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_niceness": "0"}  # only 127.0.0.1, as on those two


@dataclass(frozen=True)
class Work:
    """What every worker is told once. `is_shared` says that the worker may be on another machine than the user."""

    recognizer: str
    model: str | None
    form: str
    vocabulary: Vocabulary
    settings: Mapping[str, Any]
    folder: str
    is_shared: bool

    def here(self) -> Settings:
        """The settings of this machine with those that were shipped."""
        return Settings().model_copy(update=dict(self.settings))


@dataclass(frozen=True)
class Devices:
    """How many workers a cluster has room for, and what Ray must keep for each."""

    count: int
    each: Mapping[str, int]


class Hearing:
    """A worker: the recognizer, and the recordings that come to it. Nothing that it does is written to Ray's logs."""

    def __init__(self, work: Work) -> None:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
        self._work, self._missing = work, ""
        with suppress(OSError):
            os.chdir(work.folder)  # where the user is, if it is there on this machine
        self._settings = work.here()
        self._decoders = Decoders()
        try:
            self._recognizer = choose_recognizer(work.recognizer, self._settings, work.model, for_files=True)
            self._engine = self._recognizer.engine.model_dump_json()
        except DictationError as error:
            self._missing = f"{socket.gethostname()}: {error}"

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[str]]]:
        """Yield a result for each recording of the share in `batch`, as it is done."""
        try:
            for said in self._heard([_input(*row) for row in json.loads(batch["share"][0])]):
                yield {"said": [json.dumps(said)]}
        except Exception as error:  # whatever it is, this process is not to be trusted with the next one
            where = traceback.extract_tb(error.__traceback__)[-1]
            os.write(2, f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}\n".encode())
            os._exit(BUG)

    def __del__(self) -> None:
        """End the decoders, or this process waits for them when it should end."""
        self._decoders.close()

    def _heard(self, inputs: list[Input]) -> Iterator[dict[str, Any]]:
        if self._missing:
            yield {"missing": self._missing}
            return
        work, here = self._work, []
        for item in inputs:
            if work.is_shared and not item.address and not item.path.exists():
                yield _failed(item, InputError(f"{item.shown}: {socket.gethostname()} has no such file; {_SHARE}"))
            else:
                here.append(item)
        for item, heard in hear(here, self._recognizer, lambda item: work.vocabulary, decoders=self._decoders):
            made = made_of(item, heard, work.form, "", work.vocabulary, self._settings)
            if isinstance(made, DictationError):
                yield _failed(item, made)
            else:
                duration_s = 0.0 if isinstance(heard, DictationError) else heard.duration_s
                yield {"number": item.line, "made": asdict(made), "engine": self._engine, "duration_s": duration_s}


def transcribe_on(
    address: str, asked: Asked, recognizer: str, model: str | None, vocabulary: Vocabulary, settings: Settings
) -> bool:
    """Transcribe all that was asked on the Ray at `address`; True where every input gave a result.

    "local" starts one on this machine for the time of the job. Raises UsageError, and MissingError where Ray is not
    installed or not there, or where a worker lacks what the recognizer needs.
    """
    if asked.watch is not None:
        raise UsageError("--watch is of one machine; leave --ray out, or run the command again when files have come.")
    with _joined(address) as ray:
        devices = _devices(ray, settings.threads)
        shipped = {name: getattr(settings, name) for name in SHIPPED}
        if "num_gpus" not in devices.each:
            shipped["threads"] = devices.each["num_cpus"]
        work = Work(recognizer, model, asked.form, vocabulary, shipped, str(Path.cwd()), address != LOCAL)
        job = _Job(ray, devices, work, settings)
        return kept(asked, job.key, lambda todo: job.made(todo, in_order=asked.out is None))


class _Job:
    """The driver's side of one run."""

    def __init__(self, ray: Any, devices: Devices, work: Work, settings: Settings) -> None:
        self._ray, self._devices, self._work, self._settings = ray, devices, work, settings
        self._keys: dict[str, str] = {}  # by the record of an engine
        self._key = ""

    def key(self) -> str:
        """What a result depends on besides its recording, as the workers' engine is; it is loaded once for that."""
        if not self._key:
            ask = self._ray.remote(max_calls=1, **self._devices.each)(_engine_of)
            engine, missing = self._ray.get(ask.remote(self._work))
            if missing:
                raise MissingError(missing)
            self._key = self._key_of(engine)
        return self._key

    def made(self, todo: list[Input], *, in_order: bool) -> Iterator[tuple[Input, Made | DictationError]]:
        """Yield each input once with its result, or why there is none; as they are done, or in the order of `todo`."""
        pace, is_alone = Pace(todo), len(todo) == 1
        left = dict(enumerate(todo))
        held: list[tuple[int, Made | DictationError]] = []
        following = 0
        for number, made, heard_s in self._all(left, pace):
            line = pace.done(todo[number], heard_s)
            if not is_alone:
                note(line)
            if not in_order:
                yield todo[number], made
                continue
            heappush(held, (number, made))
            while held and held[0][0] == following:
                yield todo[following], heappop(held)[1]
                following += 1

    def _all(self, left: dict[int, Input], pace: Pace) -> Iterator[tuple[int, Made | DictationError, float]]:
        fruitless, why = 0, ""
        while left and fruitless < FRUITLESS:
            before = len(left)
            try:
                for said in self._pass(left, pace, are_apart=fruitless > 0):
                    if "missing" in said:
                        raise MissingError(said["missing"])
                    item = left.pop(said["number"], None)
                    if item is not None:  # else it was given back before
                        yield said["number"], self._result(item, said), said.get("duration_s", 0.0)
            except self._ray.exceptions.RayError as error:
                why = f" ({type(error).__name__})"
            fruitless = fruitless + 1 if len(left) == before else 0
            if left and fruitless < FRUITLESS:
                note(f"workers were lost; {len(left)} recordings are given to others.")
        for number, item in list(left.items()):
            lost = (
                f"{item.shown}: its worker was lost each time{why}; see Ray's own logs, and whether every machine has"
            )
            yield number, DictationError(f"{lost} this program in the same version and memory enough."), 0.0

    def _pass(self, left: Mapping[int, Input], pace: Pace, *, are_apart: bool) -> Iterator[dict[str, Any]]:
        """What workers give back for all that is left; one that ends its worker takes no other along, if `are_apart`.

        Raises RayError where that comes to an end too early.
        """
        from ray.data import ActorPoolStrategy, from_items

        shares = _shares(left, pace, self._devices.count, are_apart)
        count = min(self._devices.count, len(shares))
        data = from_items([{"share": share} for share in shares], override_num_blocks=len(shares)).map_batches(
            Hearing,
            batch_size=1,
            fn_constructor_args=(self._work,),
            compute=ActorPoolStrategy(size=count, max_tasks_in_flight_per_actor=1),
            **self._devices.each,
            **UNRETRIED,
        )
        for row in data.iter_rows():
            yield json.loads(row["said"])

    def _result(self, item: Input, said: dict[str, Any]) -> Made | DictationError:
        if "error" in said:
            error: DictationError = getattr(errors, said["error"], DictationError)(said["message"])
            return error
        made = Made(**said["made"] | {"warnings": tuple(said["made"]["warnings"])})
        if self._work.is_shared and not item.address and not _is(item, made.sha256):
            return InputError(f"{item.shown}: on the machine that heard it another file has this path; {_SHARE}")
        return replace(made, settings=self._key_of(said["engine"]))

    def _key_of(self, engine: str) -> str:
        if engine not in self._keys:
            if self._keys:
                note("warning: the workers' engines are not alike; --resume may hear some recordings again.")
            record = Engine.model_validate_json(engine)
            self._keys[engine] = transcript_key(record, self._work.vocabulary, self._settings)
        return self._keys[engine]


def _reach(address: str) -> None:
    """Raise OSError where nobody listens at a HOST:PORT: Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), REACHED_S).close()


def _shares(left: Mapping[int, Input], pace: Pace, workers: int, are_apart: bool) -> list[str]:
    """The recordings in shares of about the same sound, the short ones first, as JSON."""
    order = sorted(left.items(), key=lambda one: (pace.weight(one[1]), one[1].shown))
    least_s, most_s = SHARE_S
    share_s = min(most_s, max(least_s, sum(pace.weight(item) for _, item in order) / (workers * SHARES)))
    shares: list[list[tuple[int, str, str, str, int]]] = [[]]
    taken_s = 0.0
    for number, item in order:
        if shares[-1] and (are_apart or taken_s + pace.weight(item) > share_s):
            shares.append([])
            taken_s = 0.0
        taken_s += pace.weight(item)
        there = item.address or Address("")
        shares[-1].append((number, str(item.path), item.shown, there.url, there.size))
    return [json.dumps(share) for share in shares]


def _input(number: int, path: str, shown: str, url: str, size: int) -> Input:
    address = Address(url, size) if url else None
    return Input(Path(path), shown, PurePath(str(number)), Path(), line=number, address=address)


def _failed(item: Input, error: DictationError) -> dict[str, Any]:
    return {"number": item.line, "error": type(error).__name__, "message": str(error)}


def _is(item: Input, sha256: str) -> bool:
    with suppress(OSError):
        return content(item.path) == sha256
    return False


def _engine_of(work: Work) -> tuple[str, str]:
    """The record of the engine that a worker loads, or what it lacks."""
    hearing = Hearing(work)
    return ("", hearing._missing) if hearing._missing else (hearing._engine, "")


def _devices(ray: Any, threads: int) -> Devices:
    """A worker a GPU; where there is none, one for so many cores as the setting `threads` says, else one a machine."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if gpus := sum(int(node.get("GPU", 0)) for node in nodes):
        return Devices(gpus, {"num_cpus": 1, "num_gpus": 1})
    cpus = [int(node["CPU"]) for node in nodes if node.get("CPU", 0) >= 1]
    each = threads or min(cpus, default=1)
    count = sum(cpu // each for cpu in cpus)
    if not count:
        raise UsageError(f"no machine of this Ray has {each} cores; set DICTATION_THREADS to fewer.")
    return Devices(count, {"num_cpus": each})


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    """Ray, connected, and told to be quiet: no telemetry, no dashboard, no worker's output here."""
    import logging

    is_local = address == LOCAL
    for name, value in (_QUIET | (_OWN if is_local else {})).items():
        os.environ.setdefault(name, value)
    try:
        import ray
        from ray.data import DataContext
    except ImportError:
        raise MissingError(f"--ray needs packages that are not installed; run: {install_command('cluster')}.") from None
    place: dict[str, Any] = {}
    folder = None
    if is_local:  # a short path, because those of sockets are; private, which Ray's own folder in it is not
        folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp" if os.name == "posix" else None)
        place = {"_temp_dir": f"{folder}/r", "include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        try:
            _reach(address)
            ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **place)
        except (OSError, RuntimeError, ValueError, AssertionError, ImportError) as error:
            raise MissingError(
                f"no Ray that this program can join answers at {address} ({type(error).__name__}); start one with "
                f"ray start --head, of version {ray.__version__}, or give --ray local."
            ) from None
        ray._private.worker._worker_logs_enabled = False  # there is no other way to keep a lost worker out of stdout
        context = DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = context.enable_auto_log_stats = False
        context.max_errored_blocks = -1  # a lost share is ours to see to
        context.target_max_block_size = 1  # each result comes back by itself, at once
        context.execution_no_progress_timeout_s = -1  # an hour of dictation may take a CPU longer
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", "`ray_remote_args` is deprecated")  # the only way to say UNRETRIED
        yield ray
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
