"""Whether a server is ready, told to whoever may ask, also while something hangs."""

import asyncio
import json
import re
import sqlite3
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from dictation.errors import DictationError
from dictation.review.app import launch
from dictation.review.counting import Counts
from dictation.review.engines import Engines
from dictation.review.event_log import kept
from dictation.review.outbox import Outbox, Sender
from dictation.review.probes import Probes
from dictation.review.readiness import Check, Found, Readiness, disk, looks
from dictation.review.watching import Watching
from pipelines.purge import purged
from tests.records.backups import backed_up
from tests.records.spoken import dictated, signed
from tests.review.desks import desk_of, serving
from tests.review.wire_page import NO_IMPRESSION, WirePage
from tests.speech.live_sessions import FailingEar
from tests.waiting import until

HERE = "127.0.0.1:7860"


def ready(cases, limit_s: float = 30.0) -> dict[str, Found]:
    return asyncio.run(Readiness(looks(cases.desk), limit_s).look())


def failing(found: dict[str, Found]) -> list[str]:
    return [name for name, one in found.items() if not one.ok]


def ask(
    path: str,
    client: str = "127.0.0.1",
    method: str = "GET",
    token: str = "",
    found=None,
    is_signed_in=False,
    **headers: str,
):
    """Status, headers and body of a probe, and what was counted; whatever is no probe is answered 418."""
    counts = Counts()
    named = {"host": HERE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http", "path": path, "method": method, "client": (client, 1),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }  # fmt: skip
    sent: list[dict] = []

    async def send(message) -> None:
        sent.append(message)

    async def within(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})

    async def metrics() -> bytes:
        return b"dictation_pages_open 1.0\n"

    readiness = Readiness({name: lambda one=one: one for name, one in (found or {"disk": Found(True, "ok")}).items()})
    asyncio.run(Probes(within, readiness, metrics, counts, token, lambda scope: is_signed_in)(scope, None, send))
    body = sent[-1]["body"] if len(sent) > 1 else b""
    return sent[0]["status"], dict(sent[0]["headers"]), body, counts


@pytest.mark.parametrize("headers", [{}, {"host": "10.1.2.3:7860"}, {"host": "app.hospital"}, {"x_forwarded_for": "x"}])
@pytest.mark.parametrize("client", ["127.0.0.1", "10.9.8.7"])
def test_health_and_readiness_are_told_to_whoever_reaches_the_server(client, headers):
    assert ask("/healthz", client, **headers)[::2] == (200, b"ok\n")
    assert ask("/readyz", client, **headers)[0] == 200


def test_what_is_not_ready_is_named():
    found = {"database": Found(True, "takes a write"), "disk": Found(False, "12 MB free")}
    status, headers, body, _ = ask("/readyz", found=found)
    told = json.loads(body)
    assert status == 503 and not told["ready"] and headers[b"cache-control"] == b"no-store"
    assert [(one["check"], one["ok"]) for one in told["checks"]] == [("database", True), ("disk", False)]
    assert sum(b'"check"' in line for line in body.splitlines()) == 2, "a line a check"


def test_the_free_megabytes_are_told_to_who_is_signed_in_alone(tmp_path):
    for least_mb, state in ((0, "has room"), (10**9, "less than DICTATION_LEAST_FREE_MB is free")):
        found = {"disk": disk(tmp_path, least_mb)}
        told = json.loads(ask("/readyz", found=found)[2])
        assert told["checks"][0]["state"] == state
        told = json.loads(ask("/readyz", found=found, is_signed_in=True)[2])
        assert re.fullmatch(rf"{state} \(\d+ MB .+\)", told["checks"][0]["state"])


def test_metrics_are_for_programs_of_this_machine_alone():
    assert ask("/metrics")[0] == ask("/metrics", "::1")[0] == 200
    for client, headers in (
        ("10.9.8.7", {}), ("127.0.0.1", {"host": "evil.example"}), ("127.0.0.1", {"x_forwarded_for": "10.9.8.7"}),
        ("127.0.0.1", {"forwarded": "for=10.9.8.7"}), ("127.0.0.1", {"origin": f"http://{HERE}"}),
        ("127.0.0.1", {"sec_fetch_site": "cross-site"}), ("", {}), ("127.0.0.1", {"true_client_ip": "10.1.2.3"}),
        ("127.0.0.1", {"x_forwarded": "for=10.1.2.3"}), ("127.0.0.1", {"x_remote_addr": "10.1.2.3"}),
    ):  # fmt: skip
        status, _, body, counts = ask("/metrics", client, **headers)
        assert status == 403 and b"pages_open" not in body, (client, headers)
        assert counts.count("requests_refused", "403") == 1


def test_a_token_opens_the_metrics_from_anywhere_and_nothing_else_does():
    assert ask("/metrics", "10.9.8.7", token="secret", host="app.hospital", authorization="Bearer secret")[0] == 200
    for given in ({}, {"authorization": "Bearer secre"}, {"authorization": "secret"}, {"authorization": "Bearer "}):
        status, headers, body, counts = ask("/metrics", token="secret", **given)
        assert (status, headers[b"www-authenticate"]) == (401, b"Bearer") and b"pages_open" not in body
        assert counts.count("requests_refused", "401") == 1


def test_probes_are_only_read_and_everything_else_is_passed_on_and_counted():
    assert ask("/healthz", method="HEAD")[::2] == (200, b"")
    assert ask("/healthz", method="POST")[0] == ask("/metrics", method="DELETE")[0] == 405
    status, _, _, counts = ask("/worklist")
    assert status == 418 and counts.count("requests_refused", "other") == 1


def test_what_hangs_is_named_and_waited_for_by_one_thread_only():
    going_on, began = threading.Event(), []

    def hang() -> Found:
        began.append(1)
        going_on.wait()
        return Found(True, "")

    readiness = Readiness({"disk": hang, "database": lambda: Found(True, "takes a write")}, limit_s=1.0)
    for _ in range(3):
        readiness._last = (-1e9, {})  # as a second later
        found = asyncio.run(readiness.look())
        assert failing(found) == ["disk"] and "no answer" in found["disk"].state
    assert began == [1]
    going_on.set()


def test_a_check_that_fails_by_a_mistake_of_ours_is_no_answer_that_never_comes():
    def wrong() -> Found:
        raise ValueError("a word of somebody")

    found = Check(wrong).begin().result(30)
    assert not found.ok and "ValueError" in found.state and "word" not in found.state


def test_a_server_that_can_take_a_dictation_is_ready(small_ear, own, tmp_path):
    with desk_of(Engines(small_ear), own) as cases:
        before = (tmp_path / "home" / "records.sqlite3-wal").stat().st_mtime_ns
        found = ready(cases)
        assert failing(found) == [] and list(found) == ["database", "disk", "journal", "engine"]
        assert (tmp_path / "home" / "records.sqlite3-wal").stat().st_mtime_ns > before, "a write that reached the file"
        assert cases.desk.records.verify() == () and list((tmp_path / "home" / "captures").iterdir()) == []


def test_a_database_that_takes_no_write_is_named(small_ear, settings, place):
    where = {"home": place.home, "database_url": SecretStr(place.url)}
    with desk_of(Engines(small_ear), settings.model_copy(update=where)) as cases:
        assert failing(ready(cases)) == []
        place.tamper("DROP TABLE alembic_version")
        assert failing(ready(cases)) == ["database"]


def test_a_database_that_another_program_holds_is_named_in_time(small_ear, own, tmp_path):
    with desk_of(Engines(small_ear), own) as cases:
        assert failing(ready(cases)) == []
        other = sqlite3.connect(tmp_path / "home" / "records.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        found = ready(cases, limit_s=5.0)
        assert failing(found) == ["database"] and "no answer" in found["database"].state
        other.execute("ROLLBACK")
        other.close()


def test_a_disk_that_is_nearly_full_and_a_folder_that_takes_no_sound_are_named(small_ear, settings, tmp_path):
    full = settings.model_copy(update={"home": tmp_path / "home", "least_free_mb": 10**9})
    with desk_of(Engines(small_ear), full) as cases:
        cases.desk.captures.write_bytes(b"no folder")
        found = ready(cases)
        assert failing(found) == ["disk", "journal"]
        assert "LEAST_FREE_MB" in found["disk"].state and str(tmp_path) not in str(found)


def test_an_ear_that_fails_is_named_and_is_ready_again_once_it_hears(small_ear, settings, tmp_path):
    with desk_of(
        Engines(FailingEar(small_ear, at_s=0.0, times=2)), settings.model_copy(update={"home": tmp_path / "h"})
    ) as cases:
        assert failing(ready(cases)) == ["engine"]
        assert failing(ready(cases)) == ["engine"]
        assert failing(ready(cases)) == []
        assert cases.desk.counts.count("engine_failures") == 2


def figures(watching: Watching) -> dict[str, float]:
    """What the metrics tell: name and labels → figure."""
    lines = asyncio.run(watching.metrics()).decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_metrics_tell_how_old_the_last_backup_is(small_ear, place, settings, tmp_path):
    own = settings.model_copy(update={"home": place.home, "database_url": SecretStr(place.url)})
    served = launch(Engines(small_ear), own, 0)

    def age_s() -> float | None:
        return figures(served._watching).get("dictation_backup_age_seconds")

    def is_of_now() -> bool:
        return figures(served._watching)['dictation_check_ok{check="backup_time"}'] == 1

    try:
        assert age_s() is None, "there has never been one"
        began = datetime.now(UTC)
        backed_up(place, tmp_path / "backups")
        served._watching.readiness._last = (-1e9, {})
        found = age_s()
        assert found is not None and 0 <= found <= (datetime.now(UTC) - began).total_seconds()
        place.tamper("UPDATE audit SET at = '2026-01-01T00:00:00.000000+00:00' WHERE what = 'backed up'")
        assert (age_s() or 0) > 100 * 86_400
        assert is_of_now()
        backed_up(place, tmp_path / "backups")
        place.tamper(
            "UPDATE audit SET at = '2999-01-01T00:00:00.000000+00:00' WHERE number = (SELECT max(number) FROM audit)"
        )
        assert (age_s() or 0) > 100 * 86_400, "that of the last one before now"
        assert not is_of_now()
        backed_up(place, tmp_path / "backups")
        assert (age_s() or 0) < 86_400 and is_of_now(), "one of now came behind it"
    finally:
        served.close()


def test_metrics_tell_how_long_ago_a_purge_ended_well(small_ear, settings, place):
    own = settings.model_copy(
        update={"home": place.home, "database_url": SecretStr(place.url), "keep_audio": "90", "log": None}
    )
    with desk_of(Engines(small_ear), own) as cases:
        watching = Watching(cases)

        def age_s() -> float | None:
            return figures(watching).get("dictation_purge_age_seconds")

        def is_of_now() -> bool:
            return figures(watching)['dictation_check_ok{check="purge_time"}'] == 1

        purged(own, is_trial=True)
        purged(own.model_copy(update={"keep_audio": "always"}), is_trial=False)
        assert age_s() is None, "there has never been one under a rule"
        purged(own, is_trial=False)
        watching.readiness._last = (-1e9, {})
        assert 0 <= (age_s() or -1) < 3600
        place.tamper("UPDATE audit SET at = '2026-01-01T00:00:00.000000+00:00' WHERE what = 'retention applied'")
        assert (age_s() or 0) > 100 * 86_400
        with pytest.raises(DictationError, match="The clock may be wrong"):
            purged(own, is_trial=False)
        assert (age_s() or 0) > 100 * 86_400, "one that was refused is none"
        assert is_of_now()
        with cases.desk.records.recorded() as (_, entries):
            entries.add("", "retention applied", "test")
        place.tamper(
            "UPDATE audit SET at = '2999-01-01T00:00:00.000000+00:00' WHERE number = (SELECT max(number) FROM audit)"
        )
        assert (age_s() or 0) > 100 * 86_400, "that of the last one before now"
        assert not is_of_now()


def test_metrics_and_the_log_tell_of_an_outbox_that_takes_nothing(small_ear, settings, place, tmp_path):
    (folder := tmp_path / "outbox").mkdir()
    own = settings.model_copy(update={"home": place.home, "database_url": SecretStr(place.url), "outbox": folder})
    with kept(tmp_path / "log.jsonl", 100_000, 1), desk_of(Engines(small_ear), own) as cases:
        records, watching = cases.desk.records, Watching(cases)
        sender = Sender(Outbox(records, folder), cases.outbox_is)

        def told() -> list[float]:
            watching.readiness._last = (-1e9, {})
            return [value for name, value in figures(watching).items() if name.startswith("dictation_outbox_")]

        def events() -> list[tuple[str, ...]]:
            found = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
            named = ("event", "error", "count", "case", "version")
            return [tuple(one[name] for name in named if name in one) for one in found if "delivered" in one["event"]]

        sender.begin()
        try:
            assert told() == [0, 0, 1]
            folder.rename(tmp_path / "aside")
            until(lambda: told() == [0, 0, 0])  # nobody need sign for it to be seen
            case = signed(records, dictated(records))
            place.tamper("UPDATE audit SET at = '2026-01-01T00:00:00.000000+00:00' WHERE what = 'signed'")
            until(lambda: ("not delivered", "FileNotFoundError", 1) in events())
            waiting, oldest_s, is_ok = told()
            assert (waiting, is_ok) == (1, 0) and oldest_s > 100 * 86_400
            (tmp_path / "aside").rename(folder)
            until(lambda: told() == [0, 0, 1])
        finally:
            sender.end()
    assert events() == [
        ("not delivered", "FileNotFoundError", 0), ("not delivered", "FileNotFoundError", 1),
        ("delivered", case.id, 1),
    ]  # fmt: skip


def test_a_page_is_told_what_is_not_in_the_outbox_until_it_is(small_ear, own, tmp_path, monkeypatch):
    for name in ("FIRST_WAIT_S", "LONGEST_WAIT_S", "LOOK_S"):
        monkeypatch.setattr(f"dictation.review.outbox.{name}", 0.05)
    outbox = tmp_path / "outbox"
    with serving(small_ear, own.model_copy(update={"outbox": outbox})) as served, WirePage(served.url) as page:

        def is_told(words: str) -> None:
            page.until(lambda: words in page.state.get("outbox", {}).get("text", ""))
            assert str(tmp_path) not in page.state["outbox"]["text"], "a page names no folder of the server"

        case = page.new()
        is_told("outbox: cannot be written")
        page.type("Findings: No fracture.")
        page.review()
        page.obeyed("sign", author="Dr. A. Example", overrides=NO_IMPRESSION)
        is_told("1 signed report is not yet in the outbox")
        outbox.mkdir()
        page.until(lambda: page.state["outbox"]["text"] == "")
        signed = served.cases.desk.records.versions(case)[-1]
        assert json.loads((outbox / f"{case}-001.json").read_text())["text"] == signed.text


def test_without_an_outbox_there_are_no_figures_of_one(small_ear, own):
    with desk_of(Engines(small_ear), own) as cases:
        assert b"outbox" not in (asyncio.run(Watching(cases).metrics()) or b"outbox")


def test_a_served_app_answers_probes_beside_its_page(small_ear, settings, tmp_path):
    own = {"home": tmp_path / "home", "metrics_token": SecretStr("secret")}
    with serving(small_ear, settings.model_copy(update=own)) as served:

        def asked(path: str, **headers: str) -> int:
            connection = HTTPConnection("127.0.0.1", urlsplit(served.url).port, timeout=60)
            connection.request("GET", path, headers=headers)
            status = connection.getresponse().status
            connection.close()
            return status

        assert asked("/healthz", Host="10.0.0.1") == asked("/readyz", Host="10.0.0.1") == 200
        assert asked("/metrics") == 401 and asked("/metrics", Host="10.0.0.1", Authorization="Bearer secret") == 200
        assert asked("/worklist", Host="10.0.0.1") == 403
        counts = served.cases.desk.counts
        assert counts.count("requests_refused", "401") == counts.count("requests_refused", "403") == 1
