"""Fields are filled by the keyboard, in their place, and nothing on the page moves when one opens."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copy

import pytest
from axe_playwright_python.sync_playwright import Axe

from dictation.errors import InputError
from dictation.exchange import pane_style
from dictation.exchange.growing import growing_report_html
from dictation.report import ExtractiveWriter, load_template
from dictation.report.fields import fill, filled_report
from tests.browser.conftest import CONTRAST
from tests.report.dictated import dictated

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
DATA = HERE.parents[1] / "dictation" / "review" / "data"
REPORT = ExtractiveWriter().write(dictated(), template=load_template("us_abdomen_normal"))
BILE, MURPHY, LENGTH = (
    "findings/Gallbladder and bile ducts/bile duct",
    "findings/Gallbladder and bile ducts/Murphy sign",
    "findings/Spleen/length",
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Tests read what fails, not what was asked."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fields")
    for path in (DATA / "fields.js", HERE / "fields_page.js"):
        copy(path, folder)
    style = pane_style() + "".join((DATA / name).read_text(encoding="utf-8") for name in ("shell.css", "fields.css"))
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fields</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head><body data-stage="dictating"><div id="shell">'
        '<header id="banner"></header><main><section id="pad" tabindex="0" aria-label="dictation">words</section>'
        '<section id="report" aria-label="report"></section></main></div>'
        '<script type="module" src="fields_page.js"></script></body></html>',
        encoding="utf-8",
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


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

    def wait_for(self, values):
        self.page.wait_for_function(
            "(n) => [...document.querySelectorAll('[data-value]')].length === n", arg=len(values)
        )
        assert self.values == values

    @property
    def current(self):
        return self.page.evaluate("document.querySelector('.field.now')?.dataset.field ?? ''")

    @property
    def is_open(self):
        return self.page.evaluate("document.querySelector('#field-box').matches(':popover-open')")


@pytest.fixture(scope="module")
def chromium(start):
    return start()


@pytest.fixture
def desk(address, chromium, watch):
    watched = watch(chromium)
    desk = Desk(watched.page)
    watched.page.expose_function("answer", desk.answer)
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    watched.page.evaluate("(html) => draw(html)", desk.html())
    yield desk
    watched.shoot("fields")
    watched.page.close()
    assert watched.complaints == watched.strangers == []


def first(desk, id):
    desk.page.locator(f'[data-field="{id}"]').focus()


def test_a_digit_picks_and_the_focus_stays_in_the_field(desk):
    first(desk, MURPHY)
    assert desk.is_open
    desk.press("1")
    desk.wait_for({MURPHY: "negative"})
    assert desk.current == MURPHY and not desk.is_open
    assert desk.page.evaluate("document.activeElement.dataset.field") == MURPHY
    assert "sign is negative." in desk.page.inner_text("#report")


def test_arrow_and_enter_pick(desk):
    first(desk, MURPHY)
    desk.press("ArrowDown", "Enter")
    desk.wait_for({MURPHY: "not assessable"})
    desk.press("Enter", "ArrowUp", "Enter")
    desk.page.wait_for_function("document.querySelector('[data-value]').dataset.value === 'negative'")
    desk.press("Delete")
    desk.wait_for({})


def test_typing_fills_and_tab_goes_on_and_back(desk):
    first(desk, BILE)
    desk.page.keyboard.type("4.5")
    desk.press("Tab")
    desk.wait_for({BILE: "4.5 mm"})
    assert desk.current == MURPHY and desk.is_open
    desk.press("n", "Enter")
    desk.wait_for({BILE: "4.5 mm", MURPHY: "negative"})
    desk.press("Tab")
    desk.page.keyboard.type("11 cm")
    desk.press("Enter")
    desk.wait_for({BILE: "4.5 mm", MURPHY: "negative", LENGTH: "11 cm"})
    desk.press("Shift+Tab", "Shift+Tab")
    assert desk.current == BILE
    assert desk.page.input_value("#field-line") == "4.5 mm"


def test_the_dictation_key_is_one_in_a_line_that_is_typed_into_too(desk):
    first(desk, BILE)
    desk.page.evaluate("window.seen = []; document.addEventListener('keydown', ({ key }) => seen.push(key)); 0")
    desk.page.keyboard.type("4.5")
    desk.press("F9", "Home", "Backspace")
    assert desk.page.evaluate("seen") == ["F9"] and desk.page.input_value("#field-line") == "4.5"


def test_what_does_not_fit_is_refused_in_a_sentence_and_the_field_stays_open(desk):
    first(desk, BILE)
    desk.page.keyboard.type("wide")
    desk.press("Enter")
    desk.page.wait_for_function("desk.told.length === 1")
    assert desk.page.evaluate("desk.told[0]") == "The field 'bile duct' takes a number in mm."
    assert desk.page.inner_text(f'[data-field="{BILE}"]') == "[bile duct: mm]"
    assert desk.values == {}


def test_a_spoken_next_field_goes_there_and_back_to_the_dictation(desk):
    desk.page.locator("#pad").focus()
    desk.page.evaluate("(id) => emit('field', { id })", MURPHY)
    assert desk.current == MURPHY and desk.is_open
    desk.page.evaluate("emit('field', { id: '' })")
    assert desk.current == "" and not desk.is_open
    assert desk.page.evaluate("document.activeElement.id") == "pad"


def test_the_key_for_the_next_open_field_goes_round(desk):
    seen = []
    for _ in range(6):
        desk.page.evaluate("desk.keys.table[0].run()")
        seen.append(desk.current)
    assert len(set(seen)) == 5 and seen[0] == seen[5]


def test_the_server_is_told_where_a_person_went(desk):
    first(desk, BILE)
    desk.press("Tab", "2")
    desk.wait_for({MURPHY: "not assessable"})
    desk.press("Escape")
    told = desk.page.evaluate("desk.sent.filter((one) => one.do === 'field').map((one) => one.id)")
    assert told == [BILE, MURPHY, ""]


def test_nothing_moves_when_a_field_opens(desk):
    places = (
        "[...document.querySelectorAll('#report p, #pad')].map((one) => JSON.stringify(one.getBoundingClientRect()))"
    )
    before = desk.page.evaluate(places)
    for id in (MURPHY, BILE):
        first(desk, id)
        assert desk.is_open
        assert desk.page.evaluate(places) == before
        box = desk.page.locator("#field-box").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 800


def test_a_screen_reader_hears_what_may_stand_there(desk):
    first(desk, MURPHY)
    field = desk.page.get_by_role("combobox", name="Murphy sign, not filled: negative or not assessable")
    assert field.get_attribute("aria-expanded") == "true"
    option = desk.page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert option.get_attribute("role") == "option" and option.get_attribute("aria-selected") == "true"
    desk.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert desk.page.get_by_role("button", name="bile duct, not filled: a number in mm").count() == 1


@pytest.mark.parametrize("id", [MURPHY, BILE])
def test_axe_finds_nothing_serious_in_fields_and_what_opens(desk, id):
    first(desk, id)
    assert desk.is_open
    found = Axe().run(desk.page, context=[["#report"], ["#field-box"]]).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert min(desk.page.evaluate(CONTRAST).values()) >= 7


def refusals(desk):
    return desk.page.evaluate("desk.told.splice(0)")


def test_a_page_that_only_looks_on_fills_nothing_and_says_so(desk):
    desk.page.evaluate("desk.state.lock.mine = false")
    for id in (MURPHY, BILE):
        first(desk, id)
        for key in ("1", "Enter", " ", "Delete", "Backspace"):
            desk.press(key)
            assert ["Not filled: another page works" in text for text in refusals(desk)] == [True], key
        desk.page.locator(f'[data-field="{id}"]').click()
        assert ["press T to take it over" in text for text in refusals(desk)] == [True]
        assert not desk.is_open
    desk.press("t", "ArrowDown")  # keys of the page
    assert refusals(desk) == [] and not desk.is_open
    desk.press("Tab", "Shift+Tab", "Escape")
    assert refusals(desk) == []
    assert desk.values == {} and desk.page.evaluate("desk.sent") == [], "nor does it say where it looks"


def test_who_may_only_look_is_not_told_to_take_over(desk):
    desk.page.evaluate("desk.state = { ...desk.state, lock: { mine: false }, may_work: false }")
    first(desk, MURPHY)
    desk.press("1")
    assert refusals(desk) == ["Your role here looks at cases and fills nothing."]


def test_a_spoken_next_field_of_another_page_leaves_the_focus_of_who_looks_on(desk):
    desk.page.evaluate("desk.state.lock.mine = false")
    desk.page.locator("#pad").focus()
    desk.page.evaluate("(id) => emit('field', { id })", MURPHY)
    assert desk.current == "" and desk.page.evaluate("document.activeElement.id") == "pad"


@pytest.mark.parametrize(("id", "words"), [(MURPHY, ""), (BILE, "4.5")])
def test_a_case_that_is_taken_over_shuts_the_open_field_and_tells_what_was_not_filled(desk, id, words):
    first(desk, id)
    desk.page.keyboard.type(words)
    desk.page.evaluate("desk.state.lock.mine = false; emit('case', desk.state)")
    assert not desk.is_open
    told = "“4.5” was not filled in, as another page works on this case now."
    assert refusals(desk) == ([told] if words else [])
    assert desk.page.evaluate("document.activeElement.dataset.field") == id, "the focus stays where it was"
    desk.press("Enter")
    assert len(refusals(desk)) == 1 and desk.values == {}


@pytest.mark.parametrize("words", ["12 mm", ""])
def test_a_value_that_stands_in_a_line_when_the_session_ends_is_filled_in_and_seen_no_more(desk, words):
    first(desk, BILE)
    desk.page.keyboard.type(words)
    desk.page.evaluate("document.querySelector('#report').replaceChildren(); emit('signed-out')")  # as regions.js does
    assert not desk.is_open and desk.page.locator("#field-line").count() == 0
    sent = desk.page.evaluate("desk.sent.splice(0)")
    filled = [{"do": "fill", "field": BILE, "value": words}] if words else []
    assert sent == [{"do": "field", "id": BILE}, *filled, {"do": "field", "id": ""}]
    desk.page.evaluate("(html) => draw(html)", desk.html())
    desk.wait_for({BILE: "12 mm"} if words else {})


@pytest.mark.parametrize("words", ["not visible", "positive", "8", "on the right", "not assessable here"])
def test_an_answer_that_is_no_choice_fills_nothing_and_says_so(desk, words):
    first(desk, MURPHY)
    desk.page.keyboard.type(words, delay=20)
    assert desk.page.inner_text("#field-typed") == f"\u201c{words}\u201d is none of the choices"
    desk.press("Enter")
    desk.page.wait_for_function("desk.told.length > 0")
    assert "nothing was filled in" in desk.page.evaluate("desk.told.at(-1)")
    assert desk.values == {} and desk.is_open and desk.current == MURPHY


def test_a_choice_of_several_words_is_typed_to_its_end(desk):
    first(desk, MURPHY)
    desk.page.keyboard.type("not assessabel", delay=20)
    desk.press("Backspace", "Backspace")
    desk.page.keyboard.type("le", delay=900)  # however slowly
    desk.press("Enter")
    desk.wait_for({MURPHY: "not assessable"})


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_no_key_takes_a_choice_that_nobody_went_to(desk, key):
    first(desk, MURPHY)
    desk.press(key)
    assert desk.values == {} and desk.is_open
    desk.page.keyboard.type("not assess")
    desk.press(*["Backspace"] * 10, key)
    assert desk.values == {} and desk.is_open
    desk.press("ArrowDown", key)
    desk.wait_for({MURPHY: "not assessable"})


@pytest.mark.parametrize(
    ("words", "stands"),
    [("not assess", {MURPHY: "not assessable"}), ("negative ", {MURPHY: "negative"}), ("positive", {})],
)
def test_tab_takes_what_was_typed_where_it_is_a_choice(desk, words, stands):
    first(desk, MURPHY)
    desk.page.keyboard.type(words, delay=20)
    desk.press("Tab")
    desk.wait_for(stands)
    assert desk.current == LENGTH
    assert bool(stands) != ("nothing was filled in" in (desk.page.evaluate("desk.told.at(-1)") or ""))
