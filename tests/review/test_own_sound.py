"""Who may see a case sends sound into somebody else's dictation: nothing of it is taken, and nothing is lost."""

import json
from uuid import uuid4

import numpy as np
import pytest
import soundfile

from dictation.audio import Journal
from dictation.audio.capture import to_pcm
from dictation.case.draft import Take
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.records.sound import sound_path
from dictation.review.app import Served, launch
from dictation.review.engines import Engines
from dictation.review.giving import give_files, give_recording
from dictation.review.hearing import happened
from dictation.review.inputs import Files
from dictation.review.pages import whole
from dictation.speech import Word
from dictation.speech.live import Final
from tests.review.department import Visitor, department
from tests.review.desks import Reader, desk_of
from tests.review.wire_page import NO_IMPRESSION, WirePage, WireTake

LOUD = b"\x10\x20" * 1600
WORDS = "Small left pleural effusion."


def block(number: int) -> bytes:
    """A block of sound that is no other one."""
    return (number + 1).to_bytes(2, "little") * 1600


@pytest.fixture(scope="module")
def served(small_ear, settings, tmp_path_factory):
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("department") / "home"})
    with department(small_ear, own) as served:
        yield served


@pytest.fixture(scope="module")
def alone(small_ear, settings, tmp_path_factory):
    """A server that nobody signs in to."""
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("alone") / "home"})
    served = launch(Engines(small_ear), own, 0)
    yield served
    served.close()


class Attacker:
    """A page that sends what no page of ours does, and remembers all that it was told."""

    def __init__(self, page: WirePage) -> None:
        self.page, self.heard = page, []
        page._heard = lambda message, at_s: self.heard.append(message)

    def told(self) -> str:
        return json.dumps(self.heard)

    def sends(self, take: str, number: int, pcm: bytes) -> str:
        """Send a block; return the sentence with which it was refused, "" where it was acknowledged."""
        before = len(self.heard)
        self.page._post(bytes.fromhex(take) + number.to_bytes(4, "little") + pcm)

        def answers() -> list:
            return [one for one in self.heard[before:] if one["kind"] == "ack" or one.get("about") == "sound"]

        self.page.until(lambda: bool(answers()))
        return answers()[0].get("text", "")


def attacker(visitor: Visitor, case: str | None) -> Attacker:
    attacker = Attacker(page := visitor.page(case=case))
    page.until(lambda: page.connections > 0)
    if case is not None:
        page.open(case)
    return attacker


def kept(served: Served, case: str) -> list[bytes]:
    """The sound of a case's last take as it is on the disk, block by block."""
    records = served.cases.desk.records
    with Journal.open(_copy(sound_path(records, records.recordings(case)[-1]))) as journal:
        sound = to_pcm(journal.read(0, journal.samples))
    return [sound[at : at + 3200] for at in range(0, len(sound), 3200)]


def _copy(path):
    copy = path.with_name(f"copy_{uuid4().hex}.capture")
    copy.write_bytes(path.read_bytes())
    return copy


def trail(served: Served, case: str, what: str) -> list[tuple[str, dict]]:
    return [(one.by, one.detail) for one in served.cases.desk.records.audit(case) if one.what == what]


@pytest.fixture
def bob(served):
    with Visitor(served).signs_in("bob").page() as page:
        page.new()
        assert page.type(WORDS)["ok"]
        yield page


def preliminary(page: WirePage) -> None:
    page.review()
    page.obeyed("sign", author="Dr. Bob Example", overrides=NO_IMPRESSION)
    page.until(lambda: page.state["case"]["state"] == "preliminary")


def speaking(page: WirePage, count: int) -> WireTake:
    """A take that is being spoken: its first blocks are on the server's disk."""
    take = page.begin()
    page.on(take)
    for number in range(count):
        page.add(take, block(number))
    page.settle()
    return take


@pytest.mark.parametrize("who", ["eve", "ann", "bob"])
def test_nobody_else_speaks_into_a_take_and_the_speaker_loses_nothing(served, bob, who):
    """Eve was granted the case, ann is an attending and the report preliminary, the third is bob's own second page."""
    if who == "eve":
        served.cases.desk.records.grant(bob.case, "eve", "test")
    if who == "ann":
        preliminary(bob)
    take = speaking(bob, 3)
    theirs = attacker(Visitor(served).signs_in(who), bob.case)
    with theirs.page:
        bob.add(take, block(3))
        bob.settle()
        assert take.id not in theirs.told(), "who looks on is told no id of a take"
        for number in (3, 4, 5):
            assert "begun by another page" in theirs.sends(take.id, number, LOUD)
        for command in (
            {"do": "take", "take": take.id},
            {"do": "take", "take": take.id, "before": [uuid4().hex, theirs.page.page]},
            {"do": "listen", "take": take.id, "on": False, "block": 1},
            {"do": "listen", "take": take.id, "on": True, "block": 1},
        ):
            answer = theirs.page.ask(**command)
            assert not answer["ok"] and "begun by another page" in answer["message"], command
        assert not theirs.page.ask("take", take=uuid4().hex)["ok"], "nor does a new one begin where bob works"
        assert bob.state["case"]["listening"]
        for number in (4, 5, 6):
            bob.add(take, block(number))
        bob.off(take)
        bob.settle()
    assert kept(served, bob.case) == [block(number) for number in range(7)]
    recording = served.cases.desk.records.recordings(bob.case)[-1].recording
    assert (who, {"recording": recording}) in trail(served, bob.case, "sound refused")
    [(by, made)] = trail(served, bob.case, "recorded")
    assert (by, made["recording"]) == ("bob", recording) and made["file"].endswith(".capture")


def test_sound_of_a_user_who_may_not_see_the_case_opens_it_for_nobody(served, bob):
    take = speaking(bob, 1)
    theirs = attacker(Visitor(served).signs_in("eve"), None)
    with theirs.page:
        assert "no such case" in theirs.sends(take.id, 1, LOUD)
    bob.off(take)
    bob.settle()
    assert kept(served, bob.case) == [block(0)]


def test_a_block_that_is_sent_again_is_acknowledged_once_more_and_another_in_its_place_never(served, bob):
    take = speaking(bob, 3)
    same = Attacker(bob)
    assert same.sends(take.id, 1, block(1)) == ""
    assert "came again with other sound" in same.sends(take.id, 1, LOUD)
    assert "came again with other sound" in same.sends(take.id, 2, block(2)[:100])
    bob.off(take)
    bob.settle()
    assert kept(served, bob.case) == [block(number) for number in range(3)]
    told = [one["hashes"] for one in same.heard if one["kind"] == "ack" and one.get("hashes")]
    assert {len(hash_) for hashes in told for hash_ in hashes.values()} == {64}


def test_a_page_of_the_same_browser_goes_on_with_the_sound_of_one_that_is_gone(served):
    visitor = Visitor(served).signs_in("bob")
    gone = visitor.page()
    case = gone.new()
    assert gone.type(WORDS)["ok"]
    take = speaking(gone, 2)
    name = gone.page
    gone.close(1001)
    with visitor.page() as page:
        page.until(lambda: page.connections > 0)
        answer = page.ask("take", take=take.id, case=case, before=[name])
        assert answer["ok"] and len(answer["hashes"]) == 2
        follower = Attacker(page)
        assert follower.sends(take.id, 2, block(2)) == ""
        assert page.ask("listen", take=take.id, on=False, block=3, case=case)["ok"]
    assert kept(served, case) == [block(number) for number in range(3)]
    with Visitor(served).signs_in("eve").page() as page:  # whose page of that name is another one
        served.cases.desk.records.grant(case, "eve", "test")
        assert not page.ask("take", take=take.id, case=case, before=[name])["ok"]


def test_where_nobody_signs_in_a_take_is_its_page_s(alone):
    with WirePage(alone.url) as page:
        case = page.new()
        assert page.type(WORDS)["ok"]
        take = speaking(page, 2)
        with WirePage(alone.url) as other:
            theirs = Attacker(other)
            other.open(case)
            assert take.id not in theirs.told()
            assert "begun by another page" in theirs.sends(take.id, 2, LOUD)
            assert not other.ask("listen", take=take.id, on=False, block=1)["ok"]
            assert not other.ask("take", take=uuid4().hex)["ok"]
        page.off(take)
        page.settle()
    assert kept(alone, case) == [block(number) for number in range(2)]
    assert [by for by, _ in trail(alone, case, "sound refused")] == ["reader at this workstation"] * 2


def test_a_command_in_the_sound_of_another_user_takes_nothing_back(small_ear, own):
    """She had the case before, and he works on it now: what she said then is text, never a command to his words."""
    with desk_of(Engines(small_ear), own) as cases:
        reader = Reader(cases)
        reader.say("small left pleural effusion period")
        case, theirs = reader.case, uuid4().hex
        case.text.begin("hers", small_ear.engine)
        her_take = Take(id=theirs, recording="hers", file="hers.capture", by="eve", page=uuid4().hex)
        case.keep({"takes": (*case.draft.takes, her_take)})
        words = tuple(
            Word(text=text, start_s=n / 2, end_s=n / 2 + 0.4, confidence=0.9)
            for n, text in enumerate(("scratch", "that"))
        )
        happened(case, theirs, [Final(phrase=0, words=words, start_s=0.0, end_s=1.0)])
        assert "pleural effusion. Scratch that" in case.text.pad.text
        reader.say("scratch that", take=case.draft.takes[0].id)
        assert "Scratch that" not in case.text.pad.text, "his own is obeyed"


def test_a_command_in_the_sound_of_another_user_turns_nothing_that_was_typed(small_ear, own):
    """He took the case over and only typed: there is no take of his own."""
    with desk_of(Engines(small_ear), own) as cases:
        reader = Reader(cases)
        case = reader.case
        case.text.begin("hers", small_ear.engine)
        her_take = Take(id=uuid4().hex, recording="hers", file="hers.capture", by="eve", page=uuid4().hex)
        case.keep({"takes": (her_take,)})
        reader.type("There is a 9 mm nodule in the right upper lobe.")
        words = tuple(
            Word(text=text, start_s=n / 2, end_s=n / 2 + 0.4, confidence=0.9)
            for n, text in enumerate(("replace", "right", "with", "left"))
        )
        happened(case, her_take.id, [Final(phrase=0, words=words, start_s=0.0, end_s=2.0)])
        assert "nodule in the right upper lobe" in case.text.pad.text
        assert "eplace right with left" in case.text.pad.text


def test_what_is_wrong_with_the_sound_names_no_folder_of_the_server(served, bob):
    take = speaking(bob, 2)
    bob.off(take)
    bob.settle()
    records = served.cases.desk.records
    one = records.recordings(bob.case)[-1]
    path = sound_path(records, one)
    path.rename(away := path.with_suffix(".away"))
    try:
        answer = Visitor(served).signs_in("bob").get(f"/sound/{bob.case}/{one.recording}")
    finally:
        away.rename(path)
    assert answer.status_code == 404 and "is gone; restore it from a backup" in answer.text
    assert f"captures/{path.name}: " in answer.text and str(records.home) not in answer.text


def test_a_sentence_for_a_page_names_no_folder_of_the_server(served, bob):
    home = served.cases.desk.settings.home
    bob.notices.clear()
    sentence = f"{home}/captures/a.capture: cannot be read; see {home} and /srv/x y/1, 3/4 or https://a.example/b."
    served.cases.known(bob.case).audience.notice(sentence)
    served.cases.outbox_is("/mnt/share/outbox: cannot be written; check its rights.")
    bob.until(lambda: bool(bob.notices) and bool(bob.state["outbox"].get("text")))
    served.cases.outbox_is("")
    assert bob.notices == ["captures/a.capture: cannot be read; see home and x y/1, 3/4 or https://a.example/b."]
    assert bob.state["outbox"]["text"] in ("outbox: cannot be written; check its rights.", "")


def test_what_a_page_says_after_it_lost_the_case_is_not_taken(alone):
    """What it said before is: it may have been on its way. No end lies beyond the longest dictation."""
    with WirePage(alone.url) as page, WirePage(alone.url) as other:
        case = page.new()
        assert page.type(WORDS)["ok"]
        take = speaking(page, 2)
        assert page.ask("listen", take=take.id, on=False, block=3)["ok"]
        other.open(case)
        other.obeyed("takeover")
        late = Attacker(page)
        assert late.sends(take.id, 2, block(2)) == "", "it was said before the other page came"
        assert "Another page works on this case by now" in late.sends(take.id, 3, block(3))
        answer = page.ask("listen", take=take.id, on=False, block=2**32 - 1)
        assert not answer["ok"] and "no dictation has" in answer["message"]
    assert kept(alone, case) == [block(number) for number in range(3)]
    assert len(trail(alone, case, "sound refused")) == 1


def test_what_was_given_by_a_page_that_lost_the_case_meanwhile_is_not_taken(alone, tmp_path):
    """Decoding and hearing take a while; the case is somebody else's by then, and so is what stands in its trail."""
    recording = tmp_path / "given.wav"
    soundfile.write(recording, np.zeros(16_000, np.float32), 16_000)
    with WirePage(alone.url) as page, WirePage(alone.url) as other:
        case_id = page.new()
        assert page.type(WORDS)["ok"]
        case, still = alone.cases.known(case_id), alone.cases.giver(page.page)
        still()
        other.open(case_id)
        other.obeyed("takeover")
        for give in (
            lambda: give_recording(case, recording, still),
            lambda: give_files(case, Files(order=Order(accession="EVIL1")), [], still),
        ):
            with pytest.raises(UsageError, match="Another page works on this case by now"):
                give()
        assert case.draft.orders == () and len(case.draft.takes) == 0 and WORDS in case.text.pad.text
        assert case.files_in_hearing == 0
    assert trail(alone, case_id, "recorded") == trail(alone, case_id, "exam edited") == []


def test_half_of_a_character_in_what_is_pasted_becomes_a_sign_that_can_be_kept():
    assert whole("cough \ud83d fever \U0001f637") == "cough \ufffd fever \U0001f637"
