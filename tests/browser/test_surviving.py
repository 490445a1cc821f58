"""The page in a real Chromium while its server is killed, and what the next page tells of one that was closed.

The server is the whole app with a small real ear that knows the clips, so that words come at once on any machine.
"""

import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from dictation.audio import Journal, Recording
from dictation.audio.capture import to_pcm
from dictation.errors import UsageError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.records.sound import sound_path
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.recognizer import Job
from tests.browser.room import READY, tap
from tests.records.cases import Place
from tests.review.mortal_server import MortalServer, mortal
from tests.speech.live_sessions import KEY_WORDS, said
from tests.speech.tiny_lasr import SMALL_LASR
from tests.waiting import until

pytestmark = pytest.mark.browser

RATE = 16_000
WAIT_MS = 90_000
CLIPS = ("effusion", "impression", "lungs", "nodule")
PAUSE_S = 0.8
LEAD_S = 2.5  # of silence first: on a busy machine Chromium's fake microphone plays before the page records
SENT = (Path(__file__).parent / "sent.js").read_text("utf-8")

HELD = """
if (sessionStorage.holds) {
  const waiting = [], send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) { waiting.push([this, data]); };
  window.release = () => {
    WebSocket.prototype.send = send;
    for (const [socket, data] of waiting) socket.send(data);
  };
}
"""  # until `release`, the server is told nothing, so that it opens no case


FREE_PX = """(() => {
  const [kept, sound] = ["#bar .kept", "#bar .sound"].map((name) => document.querySelector(name)), words = new Range();
  kept.textContent = '1200 s not saved yet';
  words.selectNodeContents(kept);
  return sound.getBoundingClientRect().left - words.getBoundingClientRect().right;
})()"""  # between what is told and the level beside it


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "said.wav"
    soundfile.write(path, said(*CLIPS, before_s=0.5 + LEAD_S, pause_s=PAUSE_S), RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def speaking(start, wav):
    return start(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    )


@pytest.fixture(scope="module")
def ear(settings):
    """The ear of the server, once more."""
    return MedASRRecognizer.load(SMALL_LASR, settings)


@pytest.fixture
def server(tmp_path, monkeypatch):
    with mortal(Place("", tmp_path / "home"), monkeypatch) as server:
        yield server


@pytest.fixture
def opened(speaking, watch):
    """Opens a page at a port, ready to dictate."""

    def one(port: int) -> Page:
        page = watch(speaking, permissions=["microphone"]).page
        page.context.set_default_timeout(WAIT_MS)
        page.add_init_script(SENT)
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_function(READY)
        return page

    return one


def another(page: Page, port: int) -> Page:
    """Close a page, and open another one in its place."""
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_function(READY)
    return page


def types(page: Page, text: str) -> None:
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.keyboard.type(text)


def heard(page, seconds: float) -> None:
    """Wait until the microphone took so many seconds behind the silence before the first clip."""
    page.wait_for_function(f"desk.capture.samples >= {round((LEAD_S + seconds) * RATE)}", polling=50)


def all_there(page) -> None:
    """Stop, and wait until everything is on the server and has its words."""
    tap(page)
    page.wait_for_function("desk.capture.state === 'off' && desk.capture.sending.takes.size === 0")
    page.wait_for_function("desk.state.stage === 'review'")


def text_of(server: MortalServer, case: str) -> str:
    """What the draft on the disk says; nothing where nobody touched the case."""
    records = server.place.open()
    try:
        return records.load(case).draft.pad.text
    except UsageError:
        return ""
    finally:
        records.close()


def until_kept(server: MortalServer, case: str, text: str) -> None:
    """Wait until the draft on the disk says exactly this."""
    until(lambda: text_of(server, case) == text, f"the draft says {text!r}", WAIT_MS / 1000)


UNSENT = "desk.outbox.typing(desk.page).then(JSON.stringify)"  # what was typed and is not with the server


def words_of_the_sound(server: MortalServer, case: str, ear: MedASRRecognizer, *names: str) -> None:
    """The draft has the words that the same ear hears in what was kept, in one piece.

    A fake microphone may skip on a busy machine: what it never gave is no word that was lost. That all it gave is kept,
    `all_is_kept` says.
    """
    records = server.place.open()
    try:
        sounds = [Recording(sound_path(records, one)) for one in records.recordings(case)]
        spoken = " ".join(
            text.spoken for _, text in ear.transcribe([Job("a", one, EMPTY_VOCABULARY) for one in sounds])
        )
    finally:
        records.close()
    known = {word for name in names for word in KEY_WORDS[name]}
    expected = [word for word in re.findall(r"[a-z]+", spoken.lower()) if word in known]
    assert len(expected) >= len(known) / 2, f"the microphone gave too little: {spoken}"
    found = [word for word in re.findall(r"[a-z]+", text_of(server, case).lower()) if word in known]
    assert found == expected


def sound_is_as_sent(server: MortalServer, page, case: str) -> float:
    """Every block that the page ever sent is on the disk once; return the seconds."""
    seconds = 0.0
    records = server.place.open()
    for recording in records.recordings(case):
        path = sound_path(records, recording)
        if path.suffix == ".capture":
            copy = path.with_suffix(".copy")
            copy.write_bytes(path.read_bytes())
            with Journal.open(copy) as journal:
                kept = journal.read(0, journal.samples)
            copy.unlink()
        else:
            kept = Recording(path).samples()
        sent = page.evaluate("(take) => window.taken[take]", recording.take)
        assert sorted(map(int, sent)) == list(range(len(sent)))
        for number, block in sent.items():
            first = int(number) * 1600
            pcm = np.frombuffer(b64decode(block), "<i2")
            assert to_pcm(kept[first : first + len(pcm)]) == pcm.tobytes()
        assert -(-len(kept) // 1600) == len(sent)
        seconds += len(kept) / RATE
    records.close()
    return seconds


def all_is_kept(server: MortalServer, page, case: str) -> None:
    """Every sample that the microphone gave to the page is on the disk, as it was sent."""
    seconds = sound_is_as_sent(server, page, case)
    assert seconds > 8
    assert round(seconds * RATE) == page.evaluate("desk.capture.samples")


@pytest.mark.realtime
def test_a_server_killed_in_mid_sentence_and_started_again_goes_on_in_the_same_take(server, opened, ear):
    page = opened(server.port)
    case = page.evaluate("desk.state.case")
    tap(page)
    heard(page, 2.2)
    server.kill()
    page.wait_for_function("'away' in document.body.dataset")
    page.wait_for_function("/^\\d+ s not saved yet$/.test(document.querySelector('#bar .kept').textContent)")
    assert page.evaluate(FREE_PX) > 0
    heard(page, 5.5)
    server.start()
    page.wait_for_function("desk.connected && desk.state.listening && !('away' in document.body.dataset)")
    heard(page, len(said(*CLIPS, pause_s=PAUSE_S)) / RATE)
    all_there(page)
    assert len(page.evaluate("desk.state.takes")) == 1, "it goes on in the same take"
    all_is_kept(server, page, case)
    words_of_the_sound(server, case, ear, *CLIPS)


def test_the_key_before_the_first_case_is_open_says_that_nothing_is_recorded(server, opened):
    page = opened(server.port)
    page.add_init_script(HELD)
    said = "No case is open yet, so nothing is recorded; press F9 again once one is."
    places = """['main', '#bar', '#pad', '#bar .record'].map(
        (one) => JSON.stringify(document.querySelector(one).getBoundingClientRect()))"""

    def begins() -> None:
        page.evaluate("sessionStorage.holds = 'yes'")
        page.reload()
        page.wait_for_function("window.release && window.desk?.socket?.readyState === 1")
        assert page.evaluate("desk.state") is None

    def opens() -> None:
        page.evaluate("sessionStorage.removeItem('holds'); release()")
        page.wait_for_function("desk.connected && desk.state && desk.capture.shownCase")

    begins()
    before = page.evaluate(places)
    page.keyboard.down("F9")
    page.locator("#notices", has_text=said).wait_for()
    assert page.evaluate(places) == before
    opens()
    page.keyboard.down("F9")  # it is held still, and repeats: what it says from now on is no whole sentence
    assert not page.evaluate("desk.capture.isWanted")
    page.keyboard.up("F9")
    tap(page)
    page.wait_for_function("desk.capture.state === 'on'")
    begins()  # while the key is on
    tap(page)
    page.locator("#notices", has_text=said).wait_for()
    opens()
    assert not page.evaluate("desk.capture.isWanted"), "what was said to be off does not go on"


def test_typing_while_the_server_is_dead_and_a_reload_keep_every_letter_once(server, opened):
    page = opened(server.port)
    case = page.evaluate("desk.state.case")
    types(page, "Heart normal. ")
    until_kept(server, case, "Heart normal. ")
    server.kill()
    page.wait_for_function("'away' in document.body.dataset")
    for text in ("Lungs clear. ", "Bones intact."):
        page.keyboard.type(text)
        until(lambda text=text: text in page.evaluate(UNSENT), "what was typed is kept in the browser")
    server.start()
    page.wait_for_function("desk.connected")
    page.reload()
    page.wait_for_function(READY)
    page.wait_for_function("document.querySelector('#pad .text').innerText.includes('intact.')")
    until_kept(server, case, "Heart normal. Lungs clear. Bones intact.")


def test_what_a_closed_page_had_not_sent_is_told_by_the_next_one(server, opened):
    """It meant a text as it was then, so it is not done by itself; no word and no decision goes without a sentence."""
    page = opened(server.port)
    lost = [
        {"do": "cursor", "at": 0},
        {"do": "type", "text": "No effusion."},
        {"do": "type", "start": 3, "stop": 3, "text": " "},
        {"do": "edit", "before": "Left rib fracture.", "text": "Right rib fracture."},
        {"do": "edit", "before": "Old scar.", "text": ""},
        {"do": "fill", "id": "f1", "value": "12 mm"},
    ]
    put = """async ([page, commands]) => { for (const [index, one] of commands.entries()) {
        await desk.outbox.putCommand(page, index + 1, { ...one, case: desk.state.case }); } }"""
    page.evaluate(put, ["closed", lost])
    page.reload()
    told = "A page was closed before the server answered, so this may not have been saved; look, then do again: "
    written = (
        "No effusion. … “Right rib fracture.” for “Left rib fracture.” … “Old scar.” taken out … “12 mm” in a field"
    )
    expect(page.locator("#notices > p", has_text=told)).to_contain_text(told + written)
    assert "action" not in page.locator("#notices").inner_text()
    page.reload()  # nobody has closed it: it may not have been read
    page.locator("#notices > p", has_text=told + written).locator("button").click()
    until(lambda: page.evaluate("desk.outbox.otherPages(desk.page)") == [])

    page.wait_for_function("window.desk?.state")
    done = [
        {"do": "decide", "discrepancy": "d1", "action": "dismiss"},
        {"do": "macro", "name": "no_change"},
        {"do": "type", "start": 3, "stop": 9, "text": ""},
        {"do": "undo"},
        {"do": "undo"},
        {"do": "open", "id": "e" * 32},
    ]
    page.evaluate(put, ["another", done])
    page.reload()
    actions = "a decision on a difference, the macro “no_change”, a deletion, an undo (2 times)"
    said = f"{told}5 actions: {actions}"
    expect(page.locator("#notices > p", has_text=told)).to_contain_text(said)
    page.locator("#notices > p", has_text=told).locator("button").click()
    until(lambda: page.evaluate("desk.outbox.otherPages(desk.page)") == [])
    page.reload()
    page.wait_for_function(READY)
    assert told not in page.locator("#notices").inner_text()


def test_what_a_closed_page_had_not_sent_is_told_with_its_patient(server, opened):
    page = opened(server.port)
    server.kill()
    page.wait_for_function("'away' in document.body.dataset")
    page.evaluate("desk.send({ do: 'undo' }), desk.sendings")
    server.start()
    page = another(page, server.port)
    expect(page.locator("#notices > p", has_text="1 action: an undo")).to_contain_text(
        "Of another case, No patient selected: A page was closed"
    )


def test_a_closed_tab_gives_its_case_up_at_once_and_a_reloaded_one_has_it_again(server, opened):
    page = opened(server.port)
    case = page.evaluate("desk.state.case")
    types(page, "Heart normal.")
    until_kept(server, case, "Heart normal.")
    page.reload()
    page.wait_for_function(f"window.desk?.connected && desk.state?.case === '{case}' && desk.state.lock.mine")
    second = opened(server.port)
    locked = "fetch('worklist').then((answer) => answer.json()).then(({ rows: [row] }) => Boolean(row.locked_by))"
    until(lambda: second.evaluate(locked))
    page.close()
    until(lambda: not second.evaluate(locked))
    answer = second.evaluate(f"desk.send({{ do: 'open', id: '{case}' }})")
    assert answer["ok"], answer
    second.wait_for_function(f"desk.state.case === '{case}' && desk.state.lock.mine")
