"""Sentences on the page in a real Chromium: each stays with the case that it is about."""

import json

import pytest
import soundfile

from dictation.review.page import notice
from tests.browser.pane_page import PaneServer, tell
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

OPEN, OTHER, THIRD = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def page(browser, watch, tmp_path):
    """A page that has the case OPEN in review."""
    view = chest_view()
    recording = tmp_path / "a.flac"
    soundfile.write(recording, view.samples, 16_000)
    server = PaneServer(view, recording)
    watched = watch(browser)
    watched.page.goto(server.url)
    tell(watched.page, view)
    opens(watched.page, OPEN)
    yield watched.page
    watched.page.close()
    server.close()
    assert watched.strangers == []
    assert watched.complaints == []


def opens(page, case: str, patient: str = "EXAMPLE, Ada") -> None:
    """The server shows a case."""
    banner = f'<div class="identity"><span><b>{patient}</b></span></div>'
    hears(page, {"kind": "case", "case": case, "stage": "review", "banner": banner})


def hears(page, message: dict) -> None:
    page.evaluate(f"window.hear({json.dumps(message)})")


def shown(page) -> list[str]:
    """The sentences that can be read, in their order."""
    lines = page.locator("#notices > p")
    return [line.inner_text().removesuffix("×").strip() for line in lines.all() if line.is_visible()]


def test_a_sentence_about_one_case_is_not_read_beside_another_and_is_there_again_with_its_own(page):
    hears(page, notice("The impression says who was told.", OPEN, error=False))
    hears(page, notice("The disk is nearly full.", None))
    assert shown(page) == ["The impression says who was told.", "The disk is nearly full."]
    opens(page, OTHER, "OTHER, Bob")
    assert shown(page) == ["The disk is nearly full."]
    hears(page, notice("The impression says who was told.", OTHER, error=False))
    opens(page, OPEN)
    assert shown(page) == ["The impression says who was told.", "The disk is nearly full."]


def test_an_error_that_nobody_has_closed_stays_over_another_case_with_whose_it_is(page):
    hears(page, notice("The last words were not heard.", OPEN))
    opens(page, OTHER, "OTHER, Bob")
    assert shown(page) == ["Of another case, EXAMPLE, Ada: The last words were not heard."]
    opens(page, OPEN)
    assert shown(page) == ["The last words were not heard."]


def test_a_sentence_about_sound_of_a_case_that_this_page_never_showed_names_its_patient(page):
    full = "The disk is full; free space."
    hears(page, notice(full, OTHER, about="sound", whose="OTHER, <i>Bob"))
    hears(page, notice(full, OPEN, about="sound", whose="EXAMPLE, Ada"))
    assert shown(page) == [f"Of another case, OTHER, <i>Bob: {full}", full]


def test_a_sentence_that_comes_when_its_case_is_not_open_any_more_says_whose_it_is(page):
    opens(page, OTHER, "OTHER, Bob")
    hears(page, notice("Not signed: the disk is full.", OPEN))
    hears(page, notice("The order was cancelled.", "d" * 32))  # which this page never showed
    late = ["Of another case, EXAMPLE, Ada: Not signed: the disk is full.", "Of another case: The order was cancelled."]
    assert shown(page) == late
    opens(page, THIRD, "THIRD, Eve")  # nobody has read it in its own case yet
    assert shown(page) == late
    opens(page, OPEN)
    assert shown(page) == ["Not signed: the disk is full.", late[1]]


def test_a_plain_sentence_that_comes_late_stays_until_it_was_seen_with_its_own_case(page):
    opens(page, OTHER, "OTHER, Bob")
    hears(page, notice("The order changed.", OPEN, error=False))
    for _ in range(2):
        assert shown(page) == ["Of another case, EXAMPLE, Ada: The order changed."]
        opens(page, THIRD, "THIRD, Eve")
    opens(page, OPEN)
    assert shown(page) == ["The order changed."]
    opens(page, THIRD, "THIRD, Eve")
    assert shown(page) == []


def test_a_sentence_about_no_case_stays_over_every_case(page):
    hears(page, notice("The microphone is gone.", None))
    hears(page, {"kind": "notice", "text": "Choose another one.", "error": True})
    for case in (OTHER, OPEN):
        opens(page, case)
        assert shown(page) == ["The microphone is gone.", "Choose another one."]


def test_what_was_refused_is_no_news_any_more_once_it_is_done(page):
    refused = {**notice("Not signed: the disk is full.", OPEN), "do": "sign"}
    hears(page, refused)
    for done in ({"do": "sign", "case": OTHER}, {"do": "compare", "case": OPEN}):
        hears(page, {"kind": "obeyed", **done})
    assert shown(page) == ["Not signed: the disk is full."]
    hears(page, {"kind": "obeyed", "do": "sign", "case": OPEN})
    assert shown(page) == []


def test_a_sentence_that_stands_is_not_written_again_at_each_command(page):
    opens(page, OTHER, "OTHER, Bob")
    hears(page, notice("The last words were not heard.", OPEN))
    hears(page, notice("The disk is nearly full.", OTHER))
    changes = page.evaluate(
        """async () => {
          const seen = [], watch = new MutationObserver((changes) => seen.push(...changes.map(({ type }) => type)));
          const what = { childList: true, characterData: true, attributes: true, subtree: true };
          watch.observe(document.querySelector("#notices"), what);
          desk.emit("obeyed", { do: "type", case: desk.state.case });
          await new Promise((done) => setTimeout(done));
          return seen; }"""
    )
    assert changes == []


def test_a_refused_letter_is_told_though_the_next_is_taken(page):
    hears(page, {**notice("The text was not kept.", OPEN), "do": "type"})
    hears(page, {"kind": "obeyed", "do": "type", "case": OPEN})
    assert shown(page) == ["The text was not kept."]


def test_escape_closes_the_newest_sentence_that_can_be_read(page):
    for text, case in (("first", OPEN), ("second", None), ("third", OPEN), ("of another", OTHER)):
        hears(page, notice(text, case, error=False))
    opens(page, OTHER)
    page.keyboard.press("Escape")
    assert shown(page) == ["second"]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    opens(page, OPEN)
    assert shown(page) == ["first", "third"]
    page.click("#notices p:visible >> nth=0 >> button")
    assert shown(page) == ["third"]


def test_escape_closes_no_error_and_the_key_that_does_is_in_the_help(page):
    hears(page, notice("An error.", OPEN))
    hears(page, notice("Another error.", OPEN))
    for _ in range(2):
        page.keyboard.press("Escape")
        assert shown(page) == ["An error.", "Another error."]
    page.keyboard.press("Alt+x")
    assert shown(page) == ["An error."]
    assert "close the newest error" in page.evaluate("desk.keys.list().map(({ label }) => label)")


def test_escape_closes_the_panel_before_a_sentence(page):
    hears(page, notice("first", OPEN, error=False))
    page.evaluate("document.body.classList.add('panel-open')")
    page.keyboard.press("Escape")
    assert shown(page) == ["first"] and not page.evaluate("document.body.classList.contains('panel-open')")
    page.keyboard.press("Escape")
    assert shown(page) == []


def test_an_error_stays_until_somebody_closes_it_whatever_comes_after_it(page):
    hears(page, notice("The last words were not heard.", OPEN))
    for number in range(6):
        hears(page, notice(f"Copied: {number}.", OPEN, error=False))
    hears(page, notice("The disk is full.", None))
    plain = ["Copied: 3.", "Copied: 4.", "Copied: 5."]
    assert shown(page) == ["The last words were not heard.", *plain, "The disk is full."]
    page.click("#notices p:has-text('not heard') button")
    assert shown(page) == [*plain, "The disk is full."]


def test_beside_many_errors_the_last_plain_sentences_and_an_offer_are_seen(page):
    offer = "<p class='offer' data-case='x'><span>Add “rib”?</span><button>Yes</button><button>No</button></p>"
    page.evaluate("(html) => document.querySelector('#notices').insertAdjacentHTML('beforeend', html)", offer)
    for number in range(4):
        hears(page, notice(f"Error {number}.", OPEN))
    said = [f"Taken back: {number}." for number in range(4)]
    for text in said:
        hears(page, notice(text, OPEN, error=False))
    assert [text for text in shown(page) if "Taken" in text] == said[1:]
    assert page.locator("#notices .offer").is_visible()


def test_the_older_of_many_errors_fold_and_can_all_be_read_and_closed_by_keys(page):
    said = [f"Error {number}." for number in range(6)]
    places = (
        "['#pad', '#columns', '#bar'].map((one) => JSON.stringify(document.querySelector(one).getBoundingClientRect()))"
    )
    before = page.evaluate(places)
    for text in said:
        hears(page, notice(text, OPEN))
    assert shown(page) == ["and 3 more", *said[3:]]
    button = page.locator("#notices .older button")
    button.press("Enter")
    assert shown(page) == ["hide 3 of them", *said] and button.get_attribute("aria-expanded") == "true"
    page.locator("#notices p:has-text('Error 0.') button").press("Enter")
    assert shown(page) == ["hide 2 of them", *said[1:]]
    assert page.evaluate("document.activeElement.matches('#notices p:last-child button')")
    button.press("Enter")
    assert shown(page) == ["and 2 more", *said[3:]]
    for _ in said[1:]:
        page.keyboard.press("Alt+x")
    assert shown(page) == [] and page.locator("#notices > *").count() == 0
    assert page.evaluate(places) == before


def test_what_was_seen_with_cases_that_were_left_is_one_line_with_its_number_and_opens_and_closes_by_key(page):
    for text in ("The last words were not heard.", "Not signed: the disk is full."):
        hears(page, notice(text, OPEN))
    opens(page, OTHER, "OTHER, Bob")
    hears(page, notice("What you typed was not taken.", OTHER))
    opens(page, THIRD, "THIRD, Eve")
    hears(page, notice("Nothing is recorded.", THIRD))
    assert shown(page) == ["3 of other cases: EXAMPLE, Ada; OTHER, Bob", "Nothing is recorded."]
    page.keyboard.press("Alt+x")
    assert shown(page) == ["3 of other cases: EXAMPLE, Ada; OTHER, Bob"]
    page.keyboard.press("Alt+x")
    assert shown(page) == [
        "hide 3 of other cases",
        "Of another case, EXAMPLE, Ada: The last words were not heard.",
        "Of another case, EXAMPLE, Ada: Not signed: the disk is full.",
        "Of another case, OTHER, Bob: What you typed was not taken.",
    ]
    page.keyboard.press("Alt+x")
    assert shown(page)[0] == "hide 2 of other cases" and len(shown(page)) == 3
    opens(page, OPEN)
    assert shown(page) == ["The last words were not heard.", "Not signed: the disk is full."]
    opens(page, THIRD, "THIRD, Eve")
    assert shown(page) == ["2 of other cases: EXAMPLE, Ada"]
    for _ in range(3):
        page.keyboard.press("Alt+x")
    assert shown(page) == []


def test_what_was_refused_goes_with_its_case_once_it_could_be_read(page):
    refused = {"kind": "notice", "text": "Nothing is recorded.", "error": True, "case": OPEN, "passing": True}
    hears(page, refused)
    opens(page, OPEN)
    assert shown(page) == ["Nothing is recorded."]
    opens(page, OTHER, "OTHER, Bob")
    assert shown(page) == ["Of another case, EXAMPLE, Ada: Nothing is recorded."]
    page.evaluate("document.querySelector('#notices [data-passing]').dataset.passing = -60000")  # a minute later
    opens(page, THIRD, "THIRD, Eve")
    page.wait_for_function("!document.querySelector('#notices [data-passing]')")
    opens(page, OPEN)
    assert shown(page) == []


def test_the_newest_of_each_kind_says_the_key_that_closes_it(page):
    hints = (
        "[...document.querySelectorAll('#notices > p')].map((one) => one.querySelector('button').dataset.hint ?? '')"
    )
    hears(page, notice("An error.", OPEN))
    hears(page, notice("Another error.", OPEN))
    hears(page, notice("Copied.", OPEN, error=False))
    assert page.evaluate(hints) == ["", "Alt X", "Esc"]
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+x")
    assert page.evaluate(hints) == ["Alt X"]


def test_an_error_that_comes_again_with_another_number_takes_the_place_of_the_first(page):
    for seconds in (1.2, 3.4):
        text = f"The microphone took {seconds} s to open."
        hears(page, {"kind": "notice", "text": text, "error": True, "case": OPEN, "like": "late"})
    hears(page, {"kind": "notice", "text": "The microphone is gone.", "error": True, "case": OPEN})
    assert shown(page) == ["The microphone took 3.4 s to open.", "The microphone is gone."]


def test_many_errors_leave_the_patient_in_sight(page):
    for number in range(60):
        hears(page, notice(f"Error {number}.", OPEN))
    page.click("#notices .older button")
    assert page.locator("#notices .older button").is_visible()
    box, banner = page.locator("#notices").bounding_box(), page.locator("#banner").bounding_box()
    assert box["y"] > banner["y"] + banner["height"]
    hears(page, notice("The newest.", OPEN))
    newest = page.locator("#notices p:has-text('The newest.')").bounding_box()
    assert newest["y"] + newest["height"] <= box["y"] + box["height"] + 1


STANDING = """async () => {
  const { top } = document.querySelector("#notices").getBoundingClientRect();
  // its height is known to the rest by the next frame
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  return top;
}"""


def test_the_last_card_can_be_scrolled_out_from_under_standing_errors_and_nothing_else_moves(page):
    places = """[...document.querySelectorAll('#columns tbody, #cards .card, #image canvas')].map(
        (one) => JSON.stringify(one.getBoundingClientRect()))"""
    before = page.evaluate(places)
    for number in range(3):
        hears(page, notice(f"Error {number}: " + "the last words were not heard. " * 12, OPEN))
    top = page.evaluate(STANDING)
    assert page.evaluate(places) == before
    for region, last in (("#cards", "#cards > :last-child"), ("#columns", "#columns > :last-child")):
        page.evaluate("(region) => document.querySelector(region).scrollTo(0, 1e6)", region)
        box = page.locator(last).bounding_box()
        assert box["y"] + box["height"] <= top, last


def test_at_twice_the_size_the_errors_leave_the_patient_in_sight(page):
    page.set_viewport_size({"width": 640, "height": 400})
    for number in range(6):
        hears(page, notice(f"Error {number}: " + "the last words were not heard. " * 6, OPEN))
    page.click("#notices .older button")
    box, banner = page.locator("#notices").bounding_box(), page.locator("#banner").bounding_box()
    assert box["y"] >= banner["y"] + banner["height"]
    bar = page.locator("#bar").bounding_box()
    assert box["y"] + box["height"] <= bar["y"]


def test_closing_by_the_mouse_leaves_the_caret_where_it_is(page):
    page.evaluate(
        "document.body.insertAdjacentHTML('afterbegin', '<input id=here>'); document.querySelector('#here').focus()"
    )
    hears(page, notice("The disk is full.", None))
    page.click("#notices p button")
    assert shown(page) == [] and page.evaluate("document.activeElement.id") == "here"


@pytest.mark.parametrize("is_gone", [False, True])
def test_closing_the_last_error_by_the_keyboard_gives_the_focus_back_to_where_it_was(page, is_gone):
    hears(page, notice("The disk is full.", None))
    page.focus(".statement[data-statement=r7]")
    page.focus("#notices p button")
    if is_gone:
        page.evaluate("document.querySelector('.statement[data-statement=r7]').remove()")
    page.keyboard.press("Enter")
    assert shown(page) == []
    there = "#columns" if is_gone else ".statement[data-statement=r7]"
    assert page.evaluate("(there) => document.activeElement.matches(there)", there)


def test_a_signed_out_page_has_no_sentence_and_its_user_finds_the_errors_again(page):
    hears(page, {"kind": "outbox", "text": "1 signed report waits."})
    for number in range(4):
        hears(page, notice(f"Do it again: rib {number}.", OPEN))
    hears(page, notice("“rib” is among your words.", None, error=False))
    before = [text for text in shown(page) if "rib" in text and "words" not in text]
    page.evaluate("desk.emit('signed-out')")
    assert page.locator("#notices").text_content() == "1 signed report waits."
    page.evaluate("desk.emit('connected')")
    opens(page, OPEN)
    assert shown(page) == ["and 1 more", *before, "1 signed report waits."]
    page.click("#notices .older button")
    assert len([text for text in shown(page) if "Do it again" in text]) == 4


def test_what_is_told_while_nobody_is_signed_in_is_not_on_the_page_until_its_user_is_back(page):
    page.evaluate("desk.tell = (text, { of }) => desk.emit('notice', { text, error: false, case: of }); 0")
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    page.evaluate("desk.emit('signed-out')")  # the wording that was begun tells that it waits
    assert page.locator("#notices").text_content() == ""
    hears(page, notice("The last words were not heard.", OPEN))
    assert page.locator("#notices").text_content() == ""
    page.evaluate("desk.emit('connected')")
    opens(page, OPEN)
    assert shown(page) == ["The last words were not heard."]


def test_the_newest_sentence_about_the_microphone_takes_the_place_of_the_one_before(page):
    hears(page, notice("No sound comes from the microphone.", OPEN, about="level"))
    hears(page, notice("Something else.", OPEN))
    hears(page, notice("Sound comes from the microphone again.", OPEN, error=False, about="level"))
    assert shown(page) == ["Something else.", "Sound comes from the microphone again."]
