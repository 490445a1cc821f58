"""Two servers that share their records: a case that goes from one to the other keeps every word, once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from pydantic import SecretStr

from dictation.audio import Journal
from dictation.audio.capture import from_pcm
from dictation.case.draft import Draft, Take
from dictation.records.recordings import KeptRecording
from dictation.review.app import Served, launch
from dictation.review.beside import read_again
from dictation.review.engines import Engines
from dictation.review.listening import BLOCK_SAMPLES
from dictation.speech import Transcript
from dictation.wording.pad import Pad
from tests.records.cases import Place
from tests.review.test_surviving import sound_of
from tests.review.wire_page import NO_IMPRESSION, WirePage
from tests.speech.live_sessions import holds_in_order
from tests.waiting import until


@pytest.fixture
def servers(small_ear, settings, place: Place, monkeypatch) -> Iterator[tuple[Served, Served]]:
    monkeypatch.setattr("dictation.review.taking.GRACE_S", 0.5)
    monkeypatch.setattr("dictation.review.open_cases.LOOK_S", 0.2)
    own = settings.model_copy(update={"home": place.home, "database_url": SecretStr(place.url)})
    both = [launch(Engines(small_ear), own, 0) for _ in range(2)]
    yield both[0], both[1]
    for one in both:
        one.close()


def test_a_case_that_another_server_takes_over_is_heard_there_once(servers):
    here, there = servers
    first, second = sound_of("effusion"), sound_of("lungs")[:-9]
    with WirePage(here.url) as page, WirePage(there.url) as other:
        case = page.new()
        take = page.begin()
        page.dictate(take, first, block_s=0)
        page.until(lambda: holds_in_order(page.text.lower().split(), "effusion"))
        page.speak(take, second)
        page.until(lambda: take.saved == len(first) + len(second))
        other.open(case)
        assert not other.state["case"]["lock"]["mine"]
        other.obeyed("takeover")
        page.until(lambda: not page.state["case"]["lock"]["mine"] and not page.state["case"]["listening"])
        other.until(lambda: holds_in_order(other.text.lower().split(), "effusion", "lungs"))
        other.obeyed("compare")
        other.until(lambda: other.state["case"]["stage"] == "review" and other.blockers() == ["impression"])
        assert [other.text.lower().split().count(word) for word in ("effusion", "lungs")] == [1, 1]
        assert not page.ask("type", version=page.state["pad"]["version"], start=0, stop=0, text="No.")["ok"]
        other.obeyed("sign", author="Dr. A. Example", overrides=NO_IMPRESSION)
        records = there.cases.desk.records
        assert records.load(case).draft.pad.text == other.text and records.verify() == ()


def test_sound_that_comes_to_a_server_which_lost_its_case_waits_until_it_has_it_again(servers):
    here, there = servers
    sound = sound_of("effusion", "lungs")
    with WirePage(here.url) as page, WirePage(there.url) as other:
        case = page.new()
        take = page.begin()
        page.speak(take, sound[:25])
        page.until(lambda: take.saved == 25)
        other.open(case)
        other.obeyed("takeover")
        page.until(lambda: not page.state["case"]["lock"]["mine"])
        page.add(take, *sound[25:])
        page.off(take)
        other.until(lambda: "unheard" not in other.blockers())
        other.type("Heart normal. ", 0)
        other.obeyed("leave")
        until(lambda: there.cases.known(case) is None)
        assert take.blocks, "nobody took them"
        page.obeyed("takeover")
        page.until(lambda: not take.blocks and "lungs" in page.text.lower())
        assert page.text.startswith("Heart normal. ")
        assert [page.text.lower().split().count(word) for word in ("pneumothorax", "lungs")] == [1, 1]


def test_a_case_that_another_server_changed_meanwhile_is_not_gone_on_with_from_an_old_copy(servers):
    here, there = servers
    with WirePage(here.url) as page, WirePage(here.url) as looking, WirePage(there.url) as other:
        case = page.new()
        page.type("Clear.")
        looking.open(case)
        page.obeyed("leave")
        other.open(case)
        assert other.type(" Lungs normal.")["ok"]
        other.obeyed("leave")
        page.open(case)
        page.until(lambda: page.text == "Clear. Lungs normal.")
        assert page.type(" Bones normal.")["ok"]
    assert here.cases.desk.records.load(case).draft.pad.text == "Clear. Lungs normal. Bones normal."


def test_what_the_hospital_sends_meanwhile_makes_no_old_copy_a_new_one(servers):
    here, there = servers
    with WirePage(here.url) as page, WirePage(there.url) as other:
        case = page.new()
        page.type("Clear.")
        other.open(case)
        other.obeyed("takeover")
        page.until(lambda: not page.state["case"]["lock"]["mine"])
        other.until(lambda: other.state["case"]["lock"]["mine"] and other.text == "Clear.")
        assert other.type(" Lungs normal.")["ok"]
        read_again(here.cases._cases[case])
        page.obeyed("takeover")
        page.until(lambda: page.state["case"]["lock"]["mine"])
        assert page.text == "Clear. Lungs normal."
        assert here.cases.desk.records.load(case).draft.pad.text == "Clear. Lungs normal."


def kept_elsewhere(server: Served) -> tuple[str, Journal]:
    """A case with sound of which no word was heard, and its capture, which somebody still writes."""
    desk = server.cases.desk
    records, journal = desk.records, Journal.create(desk.captures, block_samples=BLOCK_SAMPLES)
    for number, block in enumerate(sound_of("effusion")):
        journal.append(number, from_pcm(block))
    case, take = uuid4().hex, uuid4().hex
    kept = Take(id=take, recording=journal.id, file=journal.path.name)
    begun = Transcript(recording=journal.id, words=(), engine=desk.engines.ear.engine, duration_s=0)
    records.create(Draft(id=case, takes=(kept,), pad=Pad().new_take(begun)), "Dr. Else")
    records.add_recording(case, take, journal.id, journal.path.name, datetime.now(UTC))
    return case, journal


def lost_capture(server: Served) -> tuple[str, Journal, Path]:
    """A case whose capture is finished and not on this computer, and where it is instead."""
    case, journal = kept_elsewhere(server)
    journal.close()
    return case, journal, journal.path.rename(journal.path.with_suffix(".elsewhere"))


def test_a_capture_that_another_program_writes_blocks_the_signature_until_it_is_heard(servers):
    here, _ = servers
    case, journal = kept_elsewhere(here)
    with WirePage(here.url) as page:
        page.open(case)
        page.until(lambda: any("still being written by another program" in text for text in page.notices))
        page.type("Heart normal. ")
        page.obeyed("compare")
        page.until(
            lambda: page.state["case"]["stage"] == "review" and sorted(page.blockers()) == ["impression", "unheard"]
        )
        refused = page.ask("sign", author="Dr. A. Example", overrides=NO_IMPRESSION)
        assert "could not be heard (from 0:00 on)" in refused["message"]
        journal.close()
        page.until(lambda: "effusion" in page.text.lower() and "unheard" not in page.blockers())
        assert page.text.lower().split().count("effusion") == 1
        assert len([text for text in page.notices if "still being written" in text]) == 1


def test_sound_that_is_not_on_this_computer_is_answered_for_by_whoever_signs(servers):
    here, _ = servers
    records = here.cases.desk.records
    case, journal, elsewhere = lost_capture(here)
    with WirePage(here.url) as page:
        page.open(case)
        page.until(lambda: any("not on this computer" in text for text in page.notices))
        page.type("Heart normal. ")
        page.obeyed("compare")
        page.until(
            lambda: page.state["case"]["stage"] == "review" and sorted(page.blockers()) == ["impression", "unheard"]
        )
        assert not page.ask("sign", author="Dr. A. Example", overrides=NO_IMPRESSION)["ok"]
        answers = {"unheard": "heard where it was dictated", **NO_IMPRESSION}
        page.obeyed("sign", author="Dr. A. Example", overrides=answers)
        assert records.versions(case)[0].recordings == {journal.id: ""}
        assert "unheard" in {one.discrepancy_id for one in records.versions(case)[0].overrides}
    assert elsewhere.exists()


def test_sound_that_is_brought_to_this_computer_is_heard_when_asked(servers):
    here, _ = servers
    case, journal, elsewhere = lost_capture(here)
    with WirePage(here.url) as page:
        page.open(case)
        page.until(lambda: "unheard" in page.blockers())
        elsewhere.rename(journal.path)
        page.obeyed("hear")
        page.until(lambda: "effusion" in page.text.lower() and "unheard" not in page.blockers())


def test_a_slow_look_for_sound_does_not_shut_out_what_was_brought_meanwhile(servers, monkeypatch):
    here, _ = servers
    case, journal, elsewhere = lost_capture(here)
    with WirePage(here.url) as page:
        page.open(case)
        page.until(lambda: "unheard" in page.blockers())
        opened, looks, goes_on = here.cases.known(case), Event(), Event()
        sounds, kept = opened.sounds, opened.sounds._kept

        def slowly(take: str) -> KeptRecording:
            found = kept(take)
            looks.set()
            assert goes_on.wait(60)
            return found

        monkeypatch.setattr(sounds, "_kept", slowly)
        slow = Thread(target=sounds.wake, args=[opened.is_signed])
        slow.start()
        assert looks.wait(60)
        elsewhere.rename(journal.path)
        assert sounds.wake(opened.is_signed) == []
        goes_on.set()
        slow.join()
        assert not sounds.has_shut
