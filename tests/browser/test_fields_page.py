"""Fields are filled by the keyboard, in their place, and nothing on the page moves when one opens."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dictation.errors import InputError
from dictation.exchange import pane_style
from dictation.exchange.growing import growing_report_html
from dictation.report import ExtractiveWriter, load_template
from dictation.report.fields import fill, filled_report
from tests.browser.asking import drawn, gives, serious
from tests.browser.conftest import CONTRAST
from tests.browser.page_server import DATA, Answer, file_of, page_served
from tests.report.dictated import dictated

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
REPORT = ExtractiveWriter().write(dictated(), template=load_template("us_abdomen_normal"))
BILE, MURPHY, LENGTH = (
    "findings/Gallbladder and bile ducts/bile duct",
    "findings/Gallbladder and bile ducts/Murphy sign",
    "findings/Spleen/length",
)


FILLED = """() => Object.fromEntries([...document.querySelectorAll("[data-value]")]
  .map(({ dataset }) => [dataset.field, dataset.value]))"""


@pytest.fixture(scope="module")
def address():
    style = pane_style() + "".join((DATA / name).read_text(encoding="utf-8") for name in ("shell.css", "fields.css"))
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fields</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head><body data-stage="dictating"><div id="shell">'
        '<header id="banner"></header><main><section id="pad" tabindex="0" aria-label="dictation">words</section>'
        '<section id="report" aria-label="report"></section></main></div>'
        '<script type="module" src="fields_page.js"></script></body></html>'
    )
    with page_served(lambda path, _: Answer(page.encode()) if path == "/" else file_of(path[1:], HERE)) as url:
        yield url


class Desk:
    """The page with the report of a template, and the values that were filled into it."""

    def __init__(self, page):
        self.page, self.values = page, {}

    def answer(self, command):
        _, fields = filled_report(REPORT, self.values)
        field = next(one for one in fields if one.id == command["field"])
        others = {name: value for name, value in self.values.items() if name != field.id}
        try:
            self.values = {**others, field.id: fill(field, command["value"])} if command["value"] else others
        except InputError as error:
            return {"ok": False, "message": str(error)}
        return {"ok": True, "html": self.html()}

    def html(self):
        report, fields = filled_report(REPORT, self.values)
        return growing_report_html(report, fields=fields)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def has(self, values):
        """Wait until these values, and no others, are filled in."""
        drawn(self.page)
        self.page.wait_for_function("desk.answering === 0")
        gives(self.page, FILLED, values)
        assert self.values == values

    def is_at(self, id, is_open=None):
        """Wait until this field is the current one, and is open or not."""
        gives(self.page, "document.querySelector('.field.now')?.dataset.field ?? ''", id)
        if is_open is not None:
            self.is_open(is_open)

    def is_open(self, is_so=True):
        gives(self.page, "document.querySelector('#field-box').matches(':popover-open')", is_so)

    def told(self, *texts):
        """Wait until just this was told since it was asked for last."""
        gives(self.page, "desk.told", list(texts))
        self.page.evaluate("desk.told.length = 0")


@pytest.fixture
def desk(address, browser, watch):
    watched = watch(browser)
    desk = Desk(watched.page)
    watched.page.expose_function("answer", desk.answer)
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    watched.page.evaluate("(html) => draw(html)", desk.html())
    yield desk
    watched.shoot("fields")
    watched.was_quiet()


def first(desk, id):
    desk.page.locator(f'[data-field="{id}"]').focus()


def test_a_digit_picks_and_the_focus_stays_in_the_field(desk):
    first(desk, MURPHY)
    desk.is_open()
    desk.press("1")
    desk.has({MURPHY: "negative"})
    desk.is_at(MURPHY, is_open=False)
    gives(desk.page, "document.activeElement.dataset.field", MURPHY)
    expect(desk.page.locator("#report")).to_contain_text("sign is negative.", use_inner_text=True)


def test_arrow_and_enter_pick(desk):
    first(desk, MURPHY)
    desk.press("ArrowDown", "Enter")
    desk.has({MURPHY: "not assessable"})
    desk.press("Enter", "ArrowUp", "Enter")
    desk.has({MURPHY: "negative"})
    desk.press("Delete")
    desk.has({})


def test_typing_fills_and_tab_goes_on_and_back_and_the_server_is_told_where_a_person_went(desk):
    first(desk, BILE)
    desk.page.keyboard.type("4.5")
    desk.press("Tab")
    desk.has({BILE: "4.5 mm"})
    desk.is_at(MURPHY, is_open=True)
    desk.press("n", "Enter")
    desk.has({BILE: "4.5 mm", MURPHY: "negative"})
    desk.press("Tab")
    desk.is_at(LENGTH)
    desk.page.keyboard.type("11 cm")
    desk.press("Enter")
    desk.has({BILE: "4.5 mm", MURPHY: "negative", LENGTH: "11 cm"})
    desk.press("Shift+Tab", "Shift+Tab")
    desk.is_at(BILE)
    expect(desk.page.locator("#field-line")).to_have_value("4.5 mm")
    desk.press("Tab", "Escape", "Escape")  # the first closes the field, the second leaves it
    desk.is_at("")
    went = "desk.sent.filter((one) => one.do === 'field').map((one) => one.id)"
    places = [BILE, MURPHY, LENGTH, MURPHY, BILE, MURPHY, ""]
    gives(desk.page, f"{went}.filter((id, nth, all) => id !== all[nth - 1])", places)


def test_the_dictation_key_is_one_in_a_line_that_is_typed_into_too(desk):
    first(desk, BILE)
    desk.page.evaluate("window.seen = []; document.addEventListener('keydown', ({ key }) => seen.push(key)); 0")
    desk.page.keyboard.type("4.5")
    desk.press("F9", "Home", "Backspace")
    gives(desk.page, "seen", ["F9"])
    expect(desk.page.locator("#field-line")).to_have_value("4.5")


def test_what_does_not_fit_is_refused_in_a_sentence_and_the_field_stays_open(desk):
    first(desk, BILE)
    desk.page.keyboard.type("wide")
    desk.press("Enter")
    desk.told("The field 'bile duct' takes a number in mm.")
    expect(desk.page.locator(f'[data-field="{BILE}"]')).to_have_text("[bile duct: mm]", use_inner_text=True)
    desk.has({})


def test_a_spoken_next_field_goes_there_and_back_to_the_dictation(desk):
    desk.page.locator("#pad").focus()
    desk.page.evaluate("(id) => emit('field', { id })", MURPHY)
    desk.is_at(MURPHY, is_open=True)
    desk.page.evaluate("emit('field', { id: '' })")
    desk.is_at("", is_open=False)
    expect(desk.page.locator("#pad")).to_be_focused()


def test_the_key_for_the_next_open_field_goes_round(desk):
    current = "document.querySelector('.field.now').dataset.field"
    seen = [desk.page.evaluate(f"desk.keys.table[0].run(); {current}") for _ in range(6)]
    assert len(set(seen)) == 5 and seen[0] == seen[5]


def test_nothing_moves_when_a_field_opens(desk):
    places = (
        "[...document.querySelectorAll('#report p, #pad')].map((one) => JSON.stringify(one.getBoundingClientRect()))"
    )
    before = desk.page.evaluate(places)
    for id in (MURPHY, BILE):
        first(desk, id)
        desk.is_open()
        drawn(desk.page)
        assert desk.page.evaluate(places) == before
        box = desk.page.locator("#field-box").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 800


def test_a_screen_reader_hears_what_may_stand_there_and_nothing_serious_is_in_its_way(desk):
    for id in (BILE, MURPHY):
        first(desk, id)
        desk.is_open()
        assert serious(Axe().run(desk.page, context=[["#report"], ["#field-box"]])) == []
        assert min(desk.page.evaluate(CONTRAST).values()) >= 7
    field = desk.page.get_by_role("combobox", name="Murphy sign, not filled: negative or not assessable")
    expect(field).to_have_attribute("aria-expanded", "true")
    option = desk.page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    expect(option).to_have_attribute("role", "option")
    expect(option).to_have_attribute("aria-selected", "true")
    desk.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(desk.page.get_by_role("button", name="bile duct, not filled: a number in mm")).to_have_count(1)


ANOTHER = "Not filled: another page works"


def test_a_page_that_only_looks_on_fills_nothing_and_says_so(desk):
    desk.page.evaluate("desk.state.lock.mine = false")

    def refused(what: str) -> None:
        gives(desk.page, "(what) => desk.told.splice(0).map((text) => text.includes(what))", [True], what)

    for id in (MURPHY, BILE):
        first(desk, id)
        for key in ("1", "Enter", " ", "Delete", "Backspace"):
            desk.press(key)
            refused(ANOTHER)
        desk.page.locator(f'[data-field="{id}"]').click()
        refused("press T to take it over")
        desk.is_open(False)
    desk.press("t", "ArrowDown")  # keys of the page
    desk.press("Tab", "Shift+Tab", "Escape")
    desk.has({})
    desk.is_open(False)
    desk.told()
    gives(desk.page, "desk.sent", [])  # nor does it say where it looks


def test_a_spoken_next_field_of_another_page_leaves_the_focus_of_who_looks_on(desk):
    desk.page.evaluate("desk.state.lock.mine = false")
    desk.page.locator("#pad").focus()
    desk.page.evaluate("(id) => emit('field', { id })", MURPHY)
    drawn(desk.page)
    desk.is_at("")
    expect(desk.page.locator("#pad")).to_be_focused()


@pytest.mark.parametrize(("id", "words"), [(MURPHY, ""), (BILE, "4.5")], ids=["choice", "number"])
def test_a_case_that_is_taken_over_shuts_the_open_field_and_tells_what_was_not_filled(desk, id, words):
    first(desk, id)
    desk.page.keyboard.type(words)
    desk.page.evaluate("desk.state.lock.mine = false; emit('case', desk.state)")
    desk.is_open(False)
    desk.told(*["“4.5” was not filled in, as another page works on this case now."] * bool(words))
    gives(desk.page, "document.activeElement.dataset.field", id)  # the focus stays where it was
    desk.press("Enter")
    gives(desk.page, "desk.told.length", 1)
    desk.has({})


@pytest.mark.parametrize("words", ["12 mm", ""])
def test_a_value_that_stands_in_a_line_when_the_session_ends_is_filled_in_and_seen_no_more(desk, words):
    first(desk, BILE)
    desk.page.keyboard.type(words)
    desk.page.evaluate("document.querySelector('#report').replaceChildren(); emit('signed-out')")  # as regions.js does
    desk.is_open(False)
    expect(desk.page.locator("#field-line")).to_have_count(0)
    filled = [{"do": "fill", "field": BILE, "value": words}] if words else []
    gives(desk.page, "desk.sent", [{"do": "field", "id": BILE}, *filled, {"do": "field", "id": ""}])
    desk.page.evaluate("(html) => draw(html)", desk.html())
    desk.has({BILE: "12 mm"} if words else {})


def test_an_answer_that_is_no_choice_fills_nothing_and_says_so(desk):
    first(desk, MURPHY)
    for words in ("not visible", "positive", "8", "on the right", "not assessable here"):
        desk.page.keyboard.type(words)
        expect(desk.page.locator("#field-typed")).to_have_text(f"\u201c{words}\u201d is none of the choices")
        desk.press("Enter")
        gives(desk.page, "desk.told.splice(0).map((text) => text.includes('nothing was filled in'))", [True])
        desk.has({})
        desk.is_at(MURPHY, is_open=True)
        desk.press(*["Backspace"] * len(words))


def test_a_choice_of_several_words_is_typed_to_its_end_however_slowly(desk):
    desk.page.clock.install()
    first(desk, MURPHY)
    desk.page.keyboard.type("not assessabel")
    desk.press("Backspace", "Backspace")
    for letter in "le":
        desk.page.clock.run_for(60_000)
        desk.page.keyboard.type(letter)
    desk.press("Enter")
    desk.has({MURPHY: "not assessable"})


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_no_key_takes_a_choice_that_nobody_went_to(desk, key):
    first(desk, MURPHY)
    desk.press(key)
    desk.has({})
    desk.is_open()
    desk.page.keyboard.type("not assess")
    desk.press(*["Backspace"] * 10, key)
    desk.has({})
    desk.is_open()
    desk.press("ArrowDown", key)
    desk.has({MURPHY: "not assessable"})


@pytest.mark.parametrize(
    ("words", "stands"),
    [("not assess", {MURPHY: "not assessable"}), ("negative ", {MURPHY: "negative"}), ("positive", {})],
)
def test_tab_takes_what_was_typed_where_it_is_a_choice(desk, words, stands):
    first(desk, MURPHY)
    desk.page.keyboard.type(words)
    desk.press("Tab")
    desk.has(stands)
    desk.is_at(LENGTH)
    gives(desk.page, "desk.told.filter((text) => text.includes('nothing was filled in')).length", int(not stands))
