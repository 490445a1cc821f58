"""The batch of `transcribe` and `report` on a Ray cluster: Ray Data carries inputs to workers, and results back.

One worker a device loads the engines once and gives back what a local run would have written, input by input; this
process alone writes, with the same ledger. A worker that is lost takes what it had not yet given back with it; that is
done again by others, and what was given back is never asked for a second time. Ray's own retries are off: they give
again all that a share had given back, and never end for a recording that ends each of its workers.
"""

import json
import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from dictation.errors import DictationError, InputError, MissingError, UsageError, error_named
from dictation.extras import install_command
from dictation.settings import Settings
from pipelines.batch import Asked, Made, kept
from pipelines.batch_pace import Pace
from pipelines.batch_worker import SHARE, Command, Work, Worker, row_of, shared_key_of
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.ledger import content

LOCAL = "local"
SHARES = 8  # of the work for each worker, so that all end at about the same time
SHARE_S = 60.0, 4 * 3600.0  # of sound, at least and at most: less is not worth another worker
UNRETRIED = {"max_restarts": -1, "max_task_retries": 0}  # a lost worker is begun again, its share is not
FRUITLESS = 2  # passes without a new result, until what is left has failed
REACHED_S = 10.0
STORE_BYTES = 200_000_000  # of a Ray of our own: texts, no sound
# What the words depend on; folders, logins and names are each machine's own.
SHIPPED = frozenset(("threads", "speech", "whisper_device", "spelling", "guessed_punctuation", "inferences"))
SHIPPED |= {name for name in Settings.model_fields if name.startswith(("medasr_", "medgemma_", "read_"))}
# For the workers: Ray tells libraries how many threads to use, and numpy's sums, so the words, depend on it.
_ALIKE = {"env_vars": {"OPENBLAS_NUM_THREADS": "1"}}
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_OWN = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_niceness": "0"}  # only 127.0.0.1, as on those two


@dataclass(frozen=True)
class Devices:
    """How many workers a cluster has room for, and what Ray must keep for each."""

    count: int
    each: Mapping[str, int]


def run_on(address: str, asked: Asked, command: Command, settings: Settings) -> bool:
    """Do all that was asked on the Ray at `address`; True where every input gave a result.

    "local" starts one on this machine for the time of the job. Raises UsageError, and MissingError where Ray is not
    installed or not there, or where a worker lacks what the engines need.
    """
    if asked.watch is not None:
        raise UsageError("--watch is of one machine; leave --ray out, or run the command again when files have come.")
    with joined(address) as ray:
        devices = _devices(ray, settings.threads)
        shipped = {name: getattr(settings, name) for name in SHIPPED}
        if "num_gpus" not in devices.each:
            shipped["threads"] = devices.each["num_cpus"]
        return kept(asked, _Job(ray, devices, Work(command, shipped, str(Path.cwd()), address != LOCAL)))


class _Job:
    """The driver's side of one run."""

    def __init__(self, ray: Any, devices: Devices, work: Work) -> None:
        self._ray, self._devices, self._work = ray, devices, work
        self.command, self.endings, self.columns = work.command.command, work.command.endings, work.command.columns
        self._shared: dict[bool, str] = {}  # of texts and of recordings, as the workers' engines are

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""
        self._work.command.check(asked, inputs)

    def key(self, item: Input) -> str:
        """What a result depends on besides its file, as a worker's engines are; they are loaded once for that."""
        if item.is_text not in self._shared:
            ask = self._ray.remote(max_calls=1, **self._devices.each)(shared_key_of)
            shared, *unable = self._ray.get(ask.remote(self._work, item.is_text))
            if any(unable):
                raise error_named(*unable)
            self._shared[item.is_text] = shared
        return self._work.command.key(self._shared[item.is_text], item)

    def made(self, todo: list[Input], *, in_order: bool) -> Iterator[tuple[Input, Made | DictationError]]:
        """Yield each input once with its result, or why there is none; as they are done, or in the order of `todo`."""
        pace, is_alone = Pace(todo), len(todo) == 1
        left = dict(enumerate(todo))
        held: list[tuple[int, Made | DictationError]] = []
        following = 0
        for number, made in self._all(left, pace):
            line = pace.done(todo[number], made.heard_s if isinstance(made, Made) else 0.0)
            if not is_alone:
                note(line)
            if not in_order:
                yield todo[number], made
                continue
            heappush(held, (number, made))
            while held and held[0][0] == following:
                yield todo[following], heappop(held)[1]
                following += 1

    def _all(self, left: dict[int, Input], pace: Pace) -> Iterator[tuple[int, Made | DictationError]]:
        fruitless, why = 0, ""
        while left and fruitless < FRUITLESS:
            before = len(left)
            try:
                for said in self._pass(left, pace, are_apart=fruitless > 0):
                    if "unable" in said:
                        raise error_named(*said["unable"])
                    item = left.pop(said["number"], None)
                    if item is not None:  # else it was given back before
                        yield said["number"], self._result(item, said)
            except self._ray.exceptions.RayError as error:
                why = f" ({type(error).__name__})"
            fruitless = fruitless + 1 if len(left) == before else 0
            if left and fruitless < FRUITLESS:
                note(f"workers were lost; {len(left)} inputs are given to others.")
        for number, item in list(left.items()):
            lost = (
                f"{item.shown}: its worker was lost each time{why}; see Ray's own logs, and whether every machine has"
            )
            yield number, DictationError(f"{lost} this program in the same version and memory enough.")

    def _pass(self, left: Mapping[int, Input], pace: Pace, *, are_apart: bool) -> Iterator[dict[str, Any]]:
        """What workers give back for all that is left; one that ends its worker takes no other along, if `are_apart`.

        Raises RayError where that comes to an end too early.
        """
        from ray.data import ActorPoolStrategy, from_items

        shares = _shares(left, pace, self._devices.count, are_apart)
        count = min(self._devices.count, len(shares))
        data = from_items([{"share": share} for share in shares], override_num_blocks=len(shares)).map_batches(
            Worker,
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
            return error_named(*said["error"])
        made = dict(said["made"])
        warnings, lacks = tuple(made.pop("warnings")), made.pop("lacks")
        if said["shared"] != self._shared.setdefault(said["is_text"], said["shared"]):
            note("warning: the workers' engines are not alike; --resume may do some inputs again.")
            self._shared[said["is_text"]] = said["shared"]
        if self._work.is_shared and not item.address and not _is(item, made["sha256"]):
            return InputError(f"{item.shown}: on the machine that worked on it another file has this path; {SHARE}")
        return Made(**made, warnings=warnings, lacks=error_named(*lacks) if lacks else None)


def _reach(address: str) -> None:
    """Raise OSError where nobody listens at a HOST:PORT: Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), REACHED_S).close()


def _begun(ray: Any, address: str, place: Mapping[str, Any]) -> None:
    """Join a Ray, or begin one: twice, as it gives a machine that does much else half a minute."""
    import logging

    for is_last in (address != LOCAL, True):
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **place)
            return
        except Exception:
            if is_last:
                raise
            ray.shutdown()


def _shares(left: Mapping[int, Input], pace: Pace, workers: int, are_apart: bool) -> list[str]:
    """The recordings in shares of about the same sound, the long ones first, as JSON."""
    order = sorted(left.items(), key=lambda one: (-pace.weight(one[1]), one[1].shown))
    least_s, most_s = SHARE_S
    share_s = min(most_s, max(least_s, sum(pace.weight(item) for _, item in order) / (workers * SHARES)))
    shares: list[list[tuple[Any, ...]]] = [[]]
    taken_s = 0.0
    for number, item in order:
        if shares[-1] and (are_apart or taken_s + pace.weight(item) > share_s):
            shares.append([])
            taken_s = 0.0
        taken_s += pace.weight(item)
        shares[-1].append((number, *row_of(item)))
    return [json.dumps(share) for share in shares]


def _is(item: Input, sha256: str) -> bool:
    with suppress(OSError):
        return content(item.path) == sha256
    return False


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
def joined(address: str) -> Iterator[Any]:
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
    place: dict[str, Any] = {"runtime_env": _ALIKE}
    folder = None
    if is_local:  # a short path, because those of sockets are; private, which Ray's own folder in it is not
        folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp" if os.name == "posix" else None)  # nosec B108
        place |= {"_temp_dir": f"{folder}/r", "include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        try:
            _reach(address)
            _begun(ray, address, place)
        except Exception as error:  # it raises that very class where it did not begin in time
            if is_local:
                raise MissingError(
                    f"no Ray began here ({type(error).__name__}); close other programs, or leave --ray out."
                ) from None
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
