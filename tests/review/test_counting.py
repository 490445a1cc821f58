"""The figures of a server: they follow what is done there, and no label of theirs says anything of anybody."""

import asyncio
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dictation.discrepancy import KINDS
from dictation.review.app import launch
from dictation.review.counting import STATUSES, Counts
from dictation.review.engines import Engines
from dictation.review.final_lag import FinalLag
from tests.review.desks import serving
from tests.review.test_surviving import sound_of
from tests.review.wire_page import NO_IMPRESSION, WirePage
from tests.speech.live_sessions import BusyEar, FailingEar

ALLOWED = {
    "kind": {*KINDS, "other"},
    "state": {"preliminary", "final", "addended", "other"},
    "status": {*STATUSES, "other"},
    "check": {"database", "disk", "journal", "engine", "backup_time", "purge_time"},
}


@pytest.fixture
def served(small_ear, settings, tmp_path):
    home = settings.model_copy(update={"home": tmp_path / "home", "signer": "Dr. Zorbulent"})
    served = launch(Engines(small_ear), home, 0)
    yield served
    served.close()


def figures(served) -> dict[tuple[str, str], float]:
    """What /metrics says: (name, value of its label) → figure."""
    body = asyncio.run(served._watching.metrics())
    found = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            for label, value in sample.labels.items():
                if label == "le":
                    assert re.fullmatch(r"[\d.]+|\+Inf", value)
                else:
                    assert value in ALLOWED[label], f"{sample.name} has {label}={value}"
            found[sample.name, "".join(sample.labels.values())] = sample.value
    return found


def test_a_dictation_is_followed_in_figures_without_a_word_of_it(served):
    before = figures(served)
    assert before["dictation_pages_open", ""] == before["dictation_cases_open", ""] == 0
    assert before["dictation_check_ok", "database"] == before["dictation_check_ok", "engine"] == 1
    assert before["dictation_disk_free_bytes", ""] > 0 and ("dictation_final_lag_p95_seconds", "") not in before
    with WirePage(served.url) as page:
        page.new()
        page.type("No effusion on the left. Small effusion on the left. ")
        page.dictate(page.begin(), sound_of("effusion", "lungs"), block_s=0)
        page.settle()
        page.until_review()
        now = figures(served)
        assert now["dictation_pages_open", ""] == now["dictation_cases_open", ""] == 1
        assert now["dictation_phrases_waiting", ""] == now["dictation_reports_waiting", ""] == 0
        assert now["dictation_final_lag_seconds_count", ""] >= 1 and now["dictation_final_lag_p95_seconds", ""] >= 0
        shown = {kind: now["dictation_cards_shown_total", kind] for kind in KINDS}
        case = served.cases.of_page(page.page)
        assert sum(shown.values()) == len(case.composed.case.discrepancies) > 0
        card = case.composed.case.discrepancies[0]
        page.obeyed("compare")
        page.obeyed("decide", id=card.id, action="dismiss", reason="Checked on the images")
        reasons = {one["discrepancy"]: "Checked on the images" for one in page.state["sign"]["blockers"]}
        page.obeyed("sign", author="Dr. Zorbulent", overrides={**reasons, **NO_IMPRESSION})
        now = figures(served)
        assert {kind: now["dictation_cards_shown_total", kind] for kind in KINDS} == shown, "shown once"
        assert now["dictation_cards_dismissed_total", card.kind] == 1
        assert now["dictation_signatures_total", "final"] == 1


def test_sound_that_waits_for_the_ear_is_in_the_figures(small_ear, own):
    ear = BusyEar(small_ear)
    with serving(ear, own) as served, WirePage(served.url) as page:
        page.new()
        page.dictate(page.begin(), sound_of("effusion"), block_s=0)
        page.until(lambda: served.cases.desk.ear.waiting > 0)
        now = figures(served)
        assert now["dictation_phrases_waiting", ""] >= 1 and now["dictation_sound_to_hear_seconds", ""] > 0
        assert now["dictation_reports_waiting", ""] == 1
        assert now["dictation_check_ok", "engine"] == 0, "it has answered nothing yet"
        ear.let_go()
        page.until_review()
        now = figures(served)
        assert now["dictation_phrases_waiting", ""] == now["dictation_sound_to_hear_seconds", ""] == 0
        assert now["dictation_reports_waiting", ""] == 0


def test_sound_that_gives_no_words_is_in_the_figures(small_ear, own):
    ear = FailingEar(small_ear, at_s=1.5, times=2)
    with serving(ear, own) as served, WirePage(served.url) as page:
        page.new()
        page.dictate(page.begin(), sound_of("effusion", "lungs"), block_s=0)
        page.until(lambda: page.state["case"]["unheard"])
        now = figures(served)
        assert now["dictation_phrases_unheard_total", ""] == 1 and now["dictation_sound_given_up_seconds", ""] > 0
        assert now["dictation_engine_failures_total", ""] == 2


def test_a_value_that_is_on_no_list_becomes_other():
    counts = Counts()
    counts.add("cards_shown", "zorbulent effusion")
    counts.add("requests_refused", "418")
    counts.add("sign_ins_failed")
    assert counts.count("cards_shown", "other") == counts.count("requests_refused", "other") == 1
    assert counts.count("sign_ins_failed") == 1
    with pytest.raises(KeyError):
        counts.add("zorbulent")


def test_two_servers_of_one_program_count_apart():
    one, other = Counts(), Counts()
    one.add("sign_ins_failed")
    assert (one.count("sign_ins_failed"), other.count("sign_ins_failed")) == (1, 0)


def test_a_lag_counts_from_the_sound_of_the_last_word():
    now, lags = [100.0], []
    lag = FinalLag(lags.append, lambda: now[0])
    for number in range(30):  # 3 s of sound at the pace of a microphone
        now[0] = 100.0 + (number + 1) / 10
        lag.came("take", number / 10, (number + 1) / 10)
    now[0] = 104.0
    lag.told("take", 1.95)  # its block was here at 102.0
    assert lags == [pytest.approx(2.0)] and lag.p95_s == pytest.approx(2.0)
    lag.came("take", 1.0, 1.1)  # sent again
    lag.told("take", 3.5)  # sound that was never here
    lag.told("other", 1.0)
    assert len(lags) == 1
    now[0] = 1000.0
    assert lag.p95_s is None, "what is long past is not the present"


def test_sound_of_an_earlier_run_has_no_lag():
    lags: list[float] = []
    lag = FinalLag(lags.append)
    lag.came("take", 50.0, 50.1)
    lag.told("take", 30.0)
    assert lags == []
