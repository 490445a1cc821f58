"""A real server and pages that speak its protocol: what is cut, killed or left loses nothing and doubles nothing."""

import threading
import time
from uuid import uuid4

import pytest

from dictation.audio import Recording
from dictation.audio.capture import to_pcm
from dictation.case.draft import Draft
from dictation.records import Records
from dictation.records.sound import faults, sound_path
from dictation.review.listening import BLOCK_SAMPLES
from tests.review.desks import serving
from tests.review.wire_page import NO_IMPRESSION, WirePage, WireTake
from tests.speech.live_sessions import blocks, holds_in_order, said
from tests.waiting import WAIT_S, until


def sound_of(*names: str) -> list[bytes]:
    """Blocks of what somebody says, as a page sends them."""
    return [to_pcm(block) for block in blocks(said(*names), BLOCK_SAMPLES)]


def kept(records: Records, take: WireTake) -> bytes:
    """The sound of a take as the records have it, 16-bit PCM."""
    recording = records.recording_of(take.id)
    assert recording is not None
    return to_pcm(Recording(sound_path(records, recording)).samples())


def noise(seed: int, count: int) -> list[bytes]:
    """Blocks that are all different, too soft to be taken for speech."""
    return [bytes([seed % 8, 0] * (BLOCK_SAMPLES - 1)) + bytes([number % 100, 0]) for number in range(count)]


def test_no_sound_crosses_a_change_of_case_not_even_offline(served):
    first, second = noise(1, 60), noise(2, 20)
    with WirePage(served.url) as page:
        here = page.new()
        take = page.begin()
        page.speak(take, first[:20])
        page.until(lambda: take.taken >= 20)
        page.go_away()
        page.add(take, *first[20:40])
        there = uuid4().hex
        page.send("new", id=there, case=None)
        for block in first[40:]:  # late: the microphone of the case before is still being stopped
            page.add(take, block)
        page.off(take)
        page.come_back()
        page.show(there)
        other = page.begin()
        page.dictate(other, second, block_s=0)
        page.settle()
        records = served.cases.desk.records
        assert [one.take for one in records.recordings(here)] == [take.id]
        assert [one.take for one in records.recordings(there)] == [other.id]
        assert (take.case, other.case) == (here, there)
        assert kept(records, take) == b"".join(first) and kept(records, other) == b"".join(second)
        assert page.refused == []


def test_sound_for_a_case_that_was_signed_meanwhile_stays_in_the_browser_and_is_told(served):
    sound = [*sound_of("effusion"), *noise(3, 30)]
    with WirePage(served.url) as away, WirePage(served.url) as other:
        case = away.new()
        take = away.begin()
        away.speak(take, sound[:-30])
        away.until(lambda: take.saved == len(sound) - 30)
        away.go_away()
        away.add(take, *sound[-30:])
        away.off(take)
        other.open(case)
        other.obeyed("takeover")
        other.until(lambda: other.state["case"]["stage"] == "review" and other.blockers() == ["impression"])
        other.obeyed("sign", author="Dr. A. Example", overrides=NO_IMPRESSION)
        records = served.cases.desk.records
        other.until(lambda: bool(records.recordings(case)[0].flac))
        away.come_back()
        away.until(lambda: take.refused == "closed")
        assert sorted(take.blocks) == list(range(len(sound) - 30, len(sound))), "what was not taken is kept"
        assert kept(records, take) == b"".join(sound[:-30])
        assert faults(records, case) == () and records.verify() == ()
        assert len(records.versions(case)) == 1


def test_a_lock_of_a_dead_server_keeps_the_case_for_its_page_and_locks_nobody_out(small_ear, own):
    records = Records.open(own)
    cases = [uuid4().hex, uuid4().hex]
    dead = uuid4().hex
    for case in cases:
        records.create(Draft(id=case), "Dr. Dead")
        records.lock(case, dead, "Dr. Dead")
    records.close()
    with serving(small_ear, own) as served, WirePage(served.url) as other, WirePage(served.url, dead) as returned:
        other.open(cases[0])
        assert other.state["case"]["lock"] == {"mine": False, "by": "Dr. Dead, whose page is away"}
        refused = other.ask("type", version=0, start=0, stop=0, text="Not yet.")
        assert not refused["ok"] and "take it over" in refused["message"]
        returned.open(cases[0])
        assert returned.type("Mine.")["ok"], "the page that returns has its case at once"
        returned.open(cases[1])
        other.open(cases[1])
        other.obeyed("takeover")
        assert other.type("Taken over.")["ok"]
        assert not returned.ask("type", version=0, start=0, stop=0, text="Lost.")["ok"]
        assert served.cases.desk.records.load(cases[1]).draft.pad.text == "Taken over."


ROUNDS = 4  # of what each page does while the others do theirs


def test_pages_that_do_everything_at_once_never_wait_for_each_other(served):
    with WirePage(served.url) as one, WirePage(served.url) as two, WirePage(served.url) as three:
        case = one.new()
        one.type("Begun. ")
        two.open(case)

        def press(page: WirePage) -> None:
            page.dictate(page.begin(), sound_of("lungs")[:8], block_s=0.01)

        def write(page: WirePage) -> None:
            page.ask("type", version=page.state["pad"]["version"], start=0, stop=0, text="x")

        def visit() -> None:
            three.open(case)
            three.ask("compare")
            three.ask("leave")

        def take_over() -> None:
            two.ask("takeover")
            time.sleep(0.2)  # in which the other one works
            one.ask("takeover")

        works = {
            "press": lambda: press(one), "press too": lambda: press(two), "write": lambda: write(one),
            "write too": lambda: write(two), "visit": visit, "take over": take_over,
        }  # fmt: skip
        done = dict.fromkeys(works, 0)

        def repeat(name: str) -> None:
            while min(done.values()) < ROUNDS:  # and on, until the slowest one has done as many
                works[name]()
                done[name] += 1

        threads = [threading.Thread(target=repeat, args=[name], name=name, daemon=True) for name in works]
        for thread in threads:
            thread.start()
        until(lambda: not any(thread.is_alive() for thread in threads), f"nobody waits for ever: {done}", 3 * WAIT_S)
        assert min(done.values()) >= ROUNDS, done
        one.ask("takeover")
        assert one.type("Still here. ", 0)["ok"]
        for page in (one, two):
            page.until(lambda page=page: not [t for t in page.takes.values() if t.blocks and not t.refused])
    assert served.cases.desk.records.verify() == ()


# Of the server, and shared by all cases: one stays for whatever is asked next, or as long as a case of another test is
# to be looked after later. That these end is shown in test_shared_threads.
POOLS = ("AnyIO", "asyncio", "commands", "sound", "state", "closing", "journal", "listening")


def test_cases_that_are_left_are_closed_and_leave_no_thread_and_no_socket(served):
    cases = served.cases
    cases._linger_s = 0.3
    with WirePage(served.url) as page:
        ids = []
        for _ in range(2):
            ids.append(page.new())
            page.type("Clear.")
        page.ask("leave")
        page.until(lambda: not cases._cases)
        before = set(threading.enumerate())
        for number in range(10):
            page.open(ids[number % 2])
            page.ask("leave")
        page.until(lambda: not cases._cases)
        until(lambda: all(one.name.startswith(POOLS) for one in set(threading.enumerate()) - before), "threads end")
        page.open(ids[0])
    for _ in range(3):
        with WirePage(served.url, case=ids[0]) as other:
            other.show(ids[0])
    of_cases = (cases._cases, cases._changing, cases._pages, cases._shown, cases._timers)
    until(lambda: not any(of_cases), "a case whose pages left is closed")
    assert cases.desk.records.load(ids[0]).lock is None


CLOSED, LOST = 1001, 1000


@pytest.mark.parametrize("code", [CLOSED, LOST])
def test_a_page_that_was_closed_gives_its_case_up_and_one_that_was_lost_keeps_it(served, code):
    page = WirePage(served.url)
    case = page.new()
    page.type("Clear.")
    page.close(code)
    until(lambda: page.page not in served.cases._pages)
    until(lambda: bool(served.cases.desk.records.worklist().rows[0].locked_by) == (code == LOST))
    with WirePage(served.url) as second:
        second.open(case)
        second.until(lambda: second.state["case"]["lock"]["mine"] == (code == CLOSED))
        assert second.type(" Lungs.")["ok"] == (code == CLOSED)


def test_a_page_that_was_reloaded_has_its_case_though_another_one_looks_on(served):
    page = WirePage(served.url)
    case = page.new()
    page.type("Clear.")
    with WirePage(served.url) as second:
        second.open(case)
        page.close(CLOSED)
        until(lambda: page.page not in served.cases._pages)
        with WirePage(served.url, page.page, case=case) as again:
            again.show(case)
            again._number = page._number
            again.until(lambda: again.state["case"]["lock"]["mine"])
            assert again.type(" Lungs.")["ok"]
        assert served.cases.desk.records.load(case).lock.page == page.page
        assert not second.state["case"]["lock"]["mine"]


def test_what_was_said_into_a_page_that_is_closed_is_heard_while_another_one_has_the_case(served):
    page = WirePage(served.url)
    case = page.new()
    take = page.begin()
    page.on(take)
    sound = sound_of("effusion")
    page.add(take, *sound)
    page.until(lambda: take.saved == len(sound))
    page.close(CLOSED)
    with WirePage(served.url) as second:
        second.open(case)
        second.until(lambda: second.state["case"]["lock"]["mine"] and not second.state["case"]["listening"])
        second.until_review()
        assert holds_in_order(second.text.lower().split(), "effusion")
        assert second.type("Heart normal. ", 0)["ok"]
    assert served.cases.desk.records.load(case).draft.pad.text.startswith("Heart normal. ")


def brings(page: WirePage, take: WireTake) -> None:
    """A page sends what a closed one of its browser left, as sending.js does."""
    with page._lock:
        page.takes[take.id] = take
        take.sent, take.is_known = take.saved, False
        page._ask_for(take)
    page.off(take)


@pytest.mark.parametrize("sent", [12, 17, 22])
def test_blocks_of_a_closed_page_that_come_after_another_one_opened_its_case_are_heard_as_one(served, sent):
    sound = sound_of("effusion", "lungs")
    with WirePage(served.url) as undisturbed:
        undisturbed.new()
        undisturbed.dictate(undisturbed.begin(), sound, block_s=0)
        undisturbed.until_review()
        text = undisturbed.text
    page = WirePage(served.url)
    case = page.new()
    take = page.begin()
    page.speak(take, sound[:sent])
    page.until(lambda: take.saved == sent)
    page.close(CLOSED)
    page.add(take, *sound[sent:])
    with WirePage(served.url) as second:
        second.open(case)
        second.until(lambda: second.state["case"]["lock"]["mine"] and not second.state["case"]["listening"])
        brings(second, take)
        second.until_review()
        assert second.text == text
        assert kept(served.cases.desk.records, take) == b"".join(sound)


def left_unsent(page: WirePage, sound: list[bytes]) -> WireTake:
    """A page records where nobody hears of it: it stays in the browser."""
    take = page.begin()
    page.speak(take, sound)
    page.off(take)
    return take


@pytest.mark.parametrize("looks_on", [True, False])
def test_a_recording_that_a_closed_page_never_told_of_is_taken_and_the_page_finds_its_case(served, looks_on):
    page = WirePage(served.url)
    case = page.new()
    page.type("Clear.")
    with WirePage(served.url) as second:
        second.open(case) if looks_on else second.new()
        page.close(CLOSED)
        until(lambda: page.page not in served.cases._pages)
        take = left_unsent(page, sound_of("effusion"))
        brings(second, take)
        records = served.cases.desk.records
        until(lambda: holds_in_order(records.load(case).draft.pad.text.lower().split(), "effusion"))
        assert second.refused == []
        with WirePage(served.url, page.page, case=case) as again:
            again.show(case)
            again._number = page._number
            again.until(lambda: again.state["case"]["lock"]["mine"])
            assert again.type(" Bones normal.")["ok"]
            assert again.text.startswith("Clear.")


def test_a_recording_of_a_page_that_was_taken_over_meanwhile_waits_until_it_has_the_case_again(served):
    with WirePage(served.url) as page, WirePage(served.url) as other:
        case = page.new()
        page.type("Clear. ")
        page.go_away()
        take = left_unsent(page, sound_of("effusion"))
        other.open(case)
        other.obeyed("takeover")
        page.come_back()
        page.until(lambda: bool(take.refused))
        assert "press T to take it over" in take.refused and take.blocks, "nobody sends sound into what another has"
        assert other.type(" Bones normal.")["ok"]
        page.obeyed("takeover")
        brings(page, take)
        page.until(lambda: holds_in_order(page.text.lower().split(), "effusion") and not take.blocks)
        assert "Bones normal." in page.text


def test_a_recording_is_taken_though_nothing_else_of_its_case_was_ever_kept(served):
    served.cases._linger_s = 0.1
    page = WirePage(served.url)
    case = page.new()
    page.close(CLOSED)
    until(lambda: not served.cases._cases)
    take = left_unsent(page, sound_of("effusion"))
    with WirePage(served.url) as second:
        second.new()
        brings(second, take)
        second.until(lambda: not take.blocks)
        assert second.refused == []
        records = served.cases.desk.records
        until(lambda: holds_in_order(records.load(case).draft.pad.text.lower().split(), "effusion"))


def test_going_to_another_case_gives_the_one_before_up_though_another_one_looks_on(served):
    with WirePage(served.url) as page, WirePage(served.url) as second:
        case = page.new()
        page.type("Clear.")
        second.open(case)
        page.new()
        assert served.cases.desk.records.load(case).lock is None
        assert second.type(" Lungs.")["ok"]
