"""The state of a server in figures: pages, cases, what waits, how late words are, whether it is ready."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from dictation.records.clock import applied_at
from dictation.records.delivering import Deliveries, Due
from dictation.review.counting import STATUSES
from dictation.review.event_log import note
from dictation.review.open_cases import OpenCases
from dictation.review.readiness import LIMIT_S, Check, Found, Readiness, looks

LOOK_S = 30.0  # between two looks for the log
CLOCKS_DIFFER = timedelta(minutes=5)  # those of two machines, at most


class Watching(Collector):
    """What /readyz and /metrics tell of a server, and its log of what changed there."""

    def __init__(self, cases: OpenCases) -> None:
        desk = cases.desk
        self._cases, self._ear, self._counts, self._lag = cases, desk.ear, desk.counts, desk.lag
        self.readiness = Readiness(looks(desk))
        self._found: dict[str, Found] = {}
        self._text = b""
        self._taking, self._backup = Check(self._take), Check(self._look_for_backup)
        self._backed_up_at: datetime | None = None
        self._purge = Check(self._look_for_purge)
        self._purged_at: datetime | None = None
        self._is_ahead = {"backup_time": False, "purge_time": False}  # the last is of a time to come: a wrong clock
        self._deliveries = Deliveries(desk.records) if desk.settings.outbox else None
        self._outbox = Check(self._look_at_outbox)
        self._due: tuple[Due, ...] | None = None
        self._ending = Event()
        ProcessCollector(registry=self._counts.registry)
        self._counts.registry.register(self)
        self._thread = Thread(target=self._watch, name="watching", daemon=True)

    async def metrics(self) -> bytes | None:
        """Return the metrics in Prometheus' text format, None where something holds them up."""
        self._found = await self.readiness.look()
        if self._found["database"].ok:
            await asyncio.wait([asyncio.wrap_future(self._backup.begin())], timeout=LIMIT_S)
            await asyncio.wait([asyncio.wrap_future(self._purge.begin())], timeout=LIMIT_S)
            await asyncio.wait([asyncio.wrap_future(self._outbox.begin())], timeout=LIMIT_S)
        taking = asyncio.wrap_future(self._taking.begin())
        await asyncio.wait([taking], timeout=LIMIT_S)
        return self._text if taking.done() and taking.result().ok else None

    def begin(self) -> None:
        """Look every half minute, and write what changed into the log."""
        self._thread.start()

    def close(self) -> None:
        """End; what was refused since the last look is still written."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(LIMIT_S)

    def describe(self) -> Iterable[Metric]:
        """Nothing before it is asked."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the figures as they are now."""
        cases = self._cases.present()
        yield _gauge("pages_open", "Pages that are connected", self._cases.page_count)
        yield _gauge("cases_open", "Cases that are open", len(cases))
        yield _gauge("phrases_waiting", "Phrases that wait for their final words", self._ear.waiting)
        yield _gauge("ear_waiting_seconds", "Expected wait of a phrase for its turn", self._ear.waiting_s)
        yield _gauge("reports_waiting", "Reports to be written or compared", sum(one.awaits_report for one in cases))
        yield _gauge(
            "sound_to_hear_seconds", "Sound that is kept and has no words yet", sum(one.sounds.kept_s for one in cases)
        )
        given_up = [one for case in cases for one in case.draft_to_sign.unheard]
        yield _gauge(
            "sound_given_up_seconds", "Sound of open cases that could not be heard",
            sum(one.end_s - one.start_s for one in given_up),
        )  # fmt: skip
        if (p95_s := self._lag.p95_s) is not None:
            yield _gauge("final_lag_p95_seconds", "95th percentile of the last five minutes' final lags", p95_s)
        if (disk := self._found.get("disk")) is not None and disk.amount:
            yield _gauge("disk_free_bytes", "Free where the home lies", disk.amount)
        if (at := self._backed_up_at) is not None:
            age_s = max(0.0, (datetime.now(UTC) - at).total_seconds())
            yield _gauge("backup_age_seconds", "Since the last backup that is whole", age_s)
        yield from self._undone()
        ok = GaugeMetricFamily(
            "dictation_check_ok", "Checks of /readyz, backup_time, purge_time: 1 where they pass", labels=["check"]
        )
        for name, found in self._found.items():
            ok.add_metric([name], float(found.ok))
        for name, is_ahead in self._is_ahead.items():
            ok.add_metric([name], float(not is_ahead))
        yield ok

    def _undone(self) -> Iterable[Metric]:
        """What others are to do beside the dictations: the timer's purge, and the outbox."""
        if (at := self._purged_at) is not None:
            age_s = max(0.0, (datetime.now(UTC) - at).total_seconds())
            yield _gauge("purge_age_seconds", "Since the last purge under a rule that left nothing undone", age_s)
        if (due := self._due) is not None:
            now = datetime.now(UTC)
            oldest_s = max((0.0, *((now - datetime.fromisoformat(one.at)).total_seconds() for one in due)))
            yield _gauge("outbox_waiting", "Signed versions that are not in the outbox", len(due))
            yield _gauge("outbox_oldest_seconds", "Since the first of them was signed, 0 where none waits", oldest_s)
            yield _gauge("outbox_ok", "1 where the outbox took all at the last look", self._cases.outbox_takes_all)

    def _look_for_backup(self) -> Found:
        self._backed_up_at = self._last("backup_time", self._cases.desk.records.backed_up_at)
        return Found(True, "")

    def _last(self, name: str, last_at: Callable[[datetime | None], datetime | None]) -> datetime | None:
        """The time of the last one before now, where the last is of a time to come; that it is so is kept by `name`."""
        until = datetime.now(UTC) + CLOCKS_DIFFER
        last = last_at(None)
        self._is_ahead[name] = last is not None and last > until
        return last_at(until) if self._is_ahead[name] else last

    def _look_at_outbox(self) -> Found:
        self._due = self._deliveries.due() if self._deliveries is not None else None
        return Found(True, "")

    def _look_for_purge(self) -> Found:
        self._purged_at = self._last("purge_time", partial(applied_at, self._cases.desk.records))
        return Found(True, "")

    def _take(self) -> Found:
        self._text = generate_latest(self._counts.registry)
        return Found(True, "")

    def _watch(self) -> None:
        was: dict[str, bool] = {}
        refused: dict[str, float] = {}
        is_over = False
        while not is_over:
            for name, one in self.readiness.look_and_wait().items():
                if one.ok != was.get(name, True):
                    amount = {"free_mb": int(one.amount // 1_000_000)} if name == "disk" else {}
                    note("ready" if one.ok else "not ready", check=name, **amount)
                was[name] = one.ok
            is_over = self._ending.wait(LOOK_S)
            for status in STATUSES:
                count = self._counts.count("requests_refused", status)
                if count > refused.get(status, 0):
                    note("refused", status=status, count=int(count - refused.get(status, 0)))
                refused[status] = count


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"dictation_{name}", says, value=value)
