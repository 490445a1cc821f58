"""The worklist over the page: found, chosen and opened by keys; no sound crosses a change of case.

Which case is opened in the end, whatever comes between, is decided by leaving.js: tests/page/leaving.test.js.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.asking import drawn, gives, serious
from tests.browser.desk_page import desk_page

pytestmark = pytest.mark.browser

PAGE = 50
NAMES = ("EXAMPLE, Ada", "SPECIMEN, Bernd", "MUSTER, Cornelia", "SAMPLE, <b>Dora</b>")


def row(i: int, **more) -> dict:
    plain = {
        "id": f"{i:032x}",
        "state": "draft",
        "order_status": "scheduled",
        "priority": "routine",
        "name": NAMES[i % 4],
        "patient_id": f"P-{i}",
        "accession": f"0042-{i:04}",
        "procedure": "Chest X-ray, PA and lateral",
        "modality": "CR",
        "body_part": "CHEST",
        "is_critical": False,
        "is_communicated": False,
        "is_dictated": False,
        "locked_by": "",
        "sent_at": "",
        "created_at": f"2026-11-24T{i % 24:02}:{i % 60:02}:00+00:00",
        "changed_at": "",
    }
    return plain | more


CASES = [
    row(0, priority="stat", is_critical=True),
    row(1, locked_by="Dr. Okafor"),
    row(2, state="preliminary"),
    row(3, state="final"),
    row(4, state="final", sent_at="2026-11-24T15:00:00+00:00", is_critical=True, is_communicated=True),
    row(5, state="addended", procedure=""),
    row(6, order_status="cancelled", is_dictated=True),
    *(row(i) for i in range(7, 120)),
]


class Server:
    """Answers as the records do: filtered, searched, a page at a time. `asked` is what the page wanted."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.fails = False
        self.cases = CASES

    def __call__(self, asked: dict[str, str]) -> dict:
        self.asked.append(asked)
        if self.fails:
            raise ValueError("The database is locked by a backup.")
        found = [one for one in self.cases if self._fits(one, asked)]
        start = int(asked.get("after", 0))
        more = len(found) > start + PAGE
        return {"rows": found[start : start + PAGE], "next": str(start + PAGE) if more else None}

    @staticmethod
    def _fits(one: dict, asked: dict[str, str]) -> bool:
        state = asked.get("state", "")
        if state == "critical" and (not one["is_critical"] or one["is_communicated"]):
            return False
        if state not in ("", "critical") and one["state"] != state:
            return False
        words = asked.get("search", "").lower().split()
        return all(word in f"{one['name']} {one['accession']} {one['procedure']}".lower() for word in words)


@pytest.fixture(scope="module")
def server():
    return Server()


@pytest.fixture(scope="module")
def address(server):
    with desk_page(server) as url:
        yield url


@pytest.fixture
def opened(address, browser, watch, server):
    server.fails, server.cases = False, CASES
    watched = watch(browser)
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    yield watched
    watched.page.evaluate("0")
    watched.complaints[:] = [one for one in watched.complaints if "503" not in one]
    watched.was_quiet()


CHOSEN = "#worklist tr[aria-selected=true]"


def opens(page, key: str = "w") -> None:
    page.keyboard.press(key)
    expect(page.locator(CHOSEN)).to_have_count(1)


def keys(page, *keys: str) -> None:
    """Press keys, each once the list has heard of the one before."""
    for key in keys:
        page.keyboard.press(key)


def chosen(page, words: str) -> None:
    expect(page.locator(CHOSEN)).to_contain_text(words)


def said(page, words: str) -> None:
    expect(page.locator("#worklist .status")).to_contain_text(words)


def closes(page) -> None:
    expect(page.locator("#worklist")).to_be_hidden()


def writes(page, words: str) -> None:
    """Type into the dictation."""
    page.keyboard.press("t")
    expect(page.locator("#pad .text")).to_be_focused()
    page.keyboard.insert_text(words)


def did(page, *commands: dict) -> None:
    """Wait until this, and nothing else, was done about cases."""
    what = ["open", "new", "takeover", "stopped"]
    gives(page, "(what) => server.sent.filter((one) => what.includes(one.do))", list(commands), what)


STOPPED = {"do": "stopped"}


def opened_case(number: int) -> list[dict]:
    return [STOPPED, {"do": "open", "id": f"{number:032x}"}]


HELD = """() => { // answers about the worklist wait until the test lets them come
  const { fetch } = window;
  window.waiting = [];
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked), words = decodeURIComponent(asked[1].headers["X-Search"]);
    const heard = new Promise((done) => {
      for (const how of ["json", "text"]) {
        const read = answer[how].bind(answer);
        answer[how] = () => read().finally(() => setTimeout(done));
      }
    });
    await new Promise((come) => waiting.push({ come, words, heard }));
    return answer;
  };
  window.come = async (words = null) => { // the newest answer, or that to these words; until the list has heard of it
    const [one] = waiting.splice(waiting.findLastIndex((one) => words === null || one.words === words), 1);
    one.come();
    await one.heard;
  };
}"""


def asked(page, *words: str) -> None:
    """Wait until these searches, and no others, wait for their answer."""
    gives(page, "waiting.map((one) => one.words)", list(words))


def test_a_signed_out_page_has_no_row_of_the_list_and_reads_it_again_for_its_user(opened, server):
    page = opened.page
    opens(page)
    page.keyboard.type("bernd 011")
    said(page, "2 cases")
    page.evaluate("server.emit('signed-out')")
    left = "document.body.textContent + [...document.querySelectorAll('input')].map(({ value }) => value)"
    expect(page.locator("#worklist tbody tr")).to_have_count(0)
    assert not any(word in page.evaluate(left) for word in ("SPECIMEN", "Bernd", "0042", "bernd"))
    asked = len(server.asked)
    page.evaluate("server.emit('connected')")
    chosen(page, "Bernd")
    said(page, "2 cases")
    expect(page.locator("#worklist input")).to_have_value("bernd 011")
    assert [one["search"] for one in server.asked[asked:]] == ["bernd 011"]
    page.keyboard.press("Escape")
    page.evaluate("server.emit('signed-out')")  # the closed list has rows too
    assert "Bernd" not in page.evaluate(left)


def test_rows_that_come_after_the_session_ended_are_for_nobody(opened):
    page = opened.page
    page.evaluate(HELD)
    page.keyboard.press("w")
    asked(page, "")
    page.evaluate("server.emit('signed-out'); come()")
    asked(page)
    expect(page.locator("#worklist tbody tr")).to_have_count(0)


def test_a_case_is_found_by_typing_and_opened_by_enter(opened):
    page = opened.page
    opens(page)
    chosen(page, "EXAMPLE, Ada")
    page.keyboard.type("bernd 0113")
    said(page, "1 case")
    chosen(page, "0042-0113")
    page.keyboard.press("Enter")
    closes(page)
    did(page, *opened_case(113))
    opens(page)
    expect(page.locator("#worklist input")).to_have_value("")


def test_arrows_move_from_the_search_field_and_letters_from_the_list(opened):
    page, search = opened.page, opened.page.locator("#worklist input")
    opens(page)
    keys(page, "ArrowDown", "ArrowDown", "ArrowUp")
    chosen(page, "0042-0001")
    expect(page.locator(CHOSEN)).to_have_attribute("id", search.get_attribute("aria-activedescendant"))
    page.focus("#worklist .list")
    keys(page, "j", "j", "k")
    chosen(page, "0042-0002")
    page.keyboard.press("4")  # preliminary: a key in the list
    said(page, "1 case")
    keys(page, "/", "Alt+1")  # all: also while the search is typed in
    said(page, "50 or more cases")
    page.keyboard.type("1")
    expect(search).to_have_value("1")


def test_more_cases_come_while_the_list_is_scrolled(opened, server):
    page = opened.page
    opens(page)
    expect(page.locator("#worklist tbody tr")).to_have_count(1 + PAGE)
    page.locator("#worklist .list").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    said(page, "100 or more cases")
    keys(page, *["PageDown"] * 10)
    said(page, "120 cases")
    assert [one.get("after") for one in server.asked[-3:]] == [None, "50", "100"]
    assert len(set(page.locator("#worklist td:nth-child(4)").all_inner_texts())) == 120


def test_each_state_has_a_shape_and_a_word_and_what_is_to_note_is_told(opened):
    page, rows = opened.page, opened.page.locator("#worklist tbody tr")
    opens(page)
    for number, *words in (
        (1, "○ draft", "▲ critical, not told", "! stat"),
        (2, "◪ open by Dr. Okafor"),
        (3, "◐ preliminary"),
        (4, "● final", "◇ not sent", "SAMPLE, <b>Dora</b>"),  # an order's text is text
        (5, "→ sent"),
        (6, "◉ addended", "CR CHEST"),
        (7, "× order cancelled", "◔ begun"),
    ):
        for one in words:
            expect(rows.nth(number)).to_contain_text(one, use_inner_text=True)
    expect(rows.nth(1)).not_to_contain_text("begun")
    expect(rows.nth(5)).not_to_contain_text("critical")
    page.keyboard.press("Alt+2")
    said(page, "1 case")
    chosen(page, "0042-0000")


def test_another_ones_case_is_asked_for_before_it_is_taken_and_may_be_only_looked_at(opened):
    page, question = opened.page, opened.page.locator("#worklist .question")
    opens(page)
    keys(page, "ArrowDown", "Enter")
    expect(question).to_contain_text("Dr. Okafor has this case open")
    opened.shoot("question")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.locator("#worklist")).to_be_visible()
    did(page)
    keys(page, "Enter", "Alt+l")
    closes(page)
    did(page, *opened_case(1))
    page.evaluate("server.sent.length = 0; server.emit('case', desk.state = { ...desk.state, case: 'e'.repeat(32) })")
    opens(page)
    keys(page, "ArrowDown", "Enter", "Enter")
    closes(page)
    did(page, *opened_case(1), {"do": "takeover", "case": f"{1:032x}"})


def test_the_first_row_is_a_new_case(opened):
    page = opened.page
    opens(page)
    keys(page, "ArrowUp", "Enter")
    closes(page)
    did(page, STOPPED, {"do": "new", "id": "f" * 32})
    gives(page, "[desk.left, desk.stayed]", [["f" * 32], []])  # nothing is recorded until this one is open


def test_what_was_typed_is_with_the_server_before_another_case_opens(opened):
    page = opened.page
    writes(page, "last words")
    opens(page, "Alt+w")
    page.keyboard.press("Enter")
    closes(page)
    typed = "server.sent.filter(({ do: what }) => ['type', 'open'].includes(what)).map((one) => one.text ?? one.do)"
    gives(page, typed, ["last words", "open"])


def test_closing_gives_the_caret_back(opened):
    page = opened.page
    writes(page, "ab")
    page.keyboard.press("ArrowLeft")
    opens(page, "Alt+w")
    page.keyboard.press("Escape")
    closes(page)
    page.keyboard.type("-")
    gives(page, "document.querySelector('#pad .text').innerText.trim()", "a-b")
    page.keyboard.press("Escape")
    opens(page)
    page.keyboard.press("Alt+w")
    closes(page)


def test_nothing_found_and_nothing_read_are_said_in_words(opened, server):
    page = opened.page
    opens(page)
    page.keyboard.type("nobody")
    said(page, "Nothing fits this search.")
    expect(page.locator(CHOSEN)).to_have_count(0)
    page.keyboard.press("Alt+5")
    said(page, "Nothing fits this search among “final”.")
    server.fails = True
    page.keyboard.press("Alt+r")
    said(page, "The database is locked by a backup. Press Alt+R to try again.")
    server.fails = False
    page.fill("#worklist input", "")
    page.keyboard.press("Alt+1")
    said(page, "50 or more cases")
    page.route("**/worklist?*", lambda route: route.abort())
    with page.expect_console_message(lambda message: message.type == "error"):  # the browser names what failed
        page.keyboard.press("Alt+r")
    said(page, "The server does not answer; what you dictated is kept.")
    opened.complaints.clear()
    page.unroute("**/worklist?*")
    page.evaluate("server.emit('connected')")
    said(page, "50 or more cases")


def test_only_the_newest_search_is_shown(opened):
    page = opened.page
    opens(page)
    page.evaluate(HELD)
    page.fill("#worklist input", "bernd")
    asked(page, "bernd")
    page.fill("#worklist input", "cornelia 0002")
    asked(page, "bernd", "cornelia 0002")
    page.evaluate("come('cornelia 0002')")
    said(page, "1 case")
    page.evaluate("come('bernd')")
    asked(page)
    said(page, "1 case")
    chosen(page, "MUSTER, Cornelia")


def test_enter_waits_for_the_case_that_was_typed_or_scanned_and_letters_after_it_take_it_back(opened):
    page = opened.page
    opens(page)
    page.evaluate(HELD)
    page.keyboard.insert_text("bernd 0113")
    page.keyboard.press("Enter")
    asked(page, "bernd 0113")
    page.keyboard.press("Backspace")
    asked(page, "bernd 0113", "bernd 011")
    page.evaluate("come('bernd 0113')")
    page.evaluate("come()")
    said(page, "2 cases")
    expect(page.locator("#worklist")).to_be_visible()
    did(page)
    page.fill("#worklist input", "")
    page.keyboard.insert_text("0042-0113")
    page.keyboard.press("Enter")
    page.wait_for_function("waiting.at(-1)?.words === '0042-0113'")
    did(page)
    page.evaluate("come()")
    closes(page)
    did(page, *opened_case(113))


def test_enter_for_what_fits_many_or_none_opens_nothing_and_says_so(opened):
    page = opened.page
    opens(page)
    page.evaluate(HELD)
    page.keyboard.insert_text("0042-000")
    page.keyboard.press("Enter")
    asked(page, "0042-000")
    page.evaluate("come()")
    said(page, "Enter opens the marked row.")
    chosen(page, "0042-0000")
    page.keyboard.insert_text("x")
    page.keyboard.press("Enter")
    asked(page, "0042-000x")
    page.evaluate("come()")
    said(page, "Nothing fits, so no case was opened")
    keys(page, "Enter", "ArrowDown", "Enter")  # a wrong number opens no nameless case
    did(page)
    expect(page.locator(CHOSEN)).to_have_count(0)
    page.keyboard.press("ArrowUp")
    chosen(page, "New case")


@pytest.mark.parametrize("fails", [False, True])
def test_enter_in_a_list_that_opens_again_opens_nothing_unseen(opened, server, fails):
    page = opened.page
    opens(page)
    keys(page, "PageDown", "Escape")
    server.fails = fails
    page.evaluate(HELD)
    keys(page, "w", "Enter")
    asked(page, "")
    page.evaluate("come()")
    said(page, "locked by a backup" if fails else "Enter opens the marked row.")
    page.keyboard.press("ArrowDown")
    drawn(page)
    did(page)


def test_an_order_that_comes_moves_no_mark_no_question_and_nothing_under_the_mouse(opened, server):
    page, place, question = opened.page, opened.page.locator(CHOSEN), opened.page.locator("#worklist .question")
    opens(page)
    page.locator("#worklist .list").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    said(page, "100 or more cases")
    keys(page, *["PageDown"] * 4)
    mine = place.inner_text()
    place.hover()
    before = place.bounding_box()["y"]
    server.cases = [row(200, priority="stat", name="NEW, Stat"), *CASES]
    page.evaluate("server.emit('worklist')")
    page.wait_for_selector("#worklist td >> text=NEW, Stat", state="attached")
    assert place.inner_text() == mine and abs(place.bounding_box()["y"] - before) < 2
    page.fill("#worklist input", "0042-0001")
    said(page, "1 case")
    page.keyboard.press("Enter")
    expect(question).to_be_visible()
    server.cases = [row(201, accession="0042-0001-B"), *CASES]
    page.evaluate("server.emit('worklist')")
    said(page, "2 cases")
    expect(question).to_be_visible()
    chosen(page, "Okafor")
    server.cases = [one for one in server.cases if one["locked_by"] == ""]
    page.evaluate("server.emit('worklist')")
    said(page, "is not in this list any more")
    expect(question).to_have_count(0)
    expect(place).to_have_count(0)
    page.keyboard.press("Enter")
    said(page, "No case is marked")
    did(page)


def test_no_case_opens_while_the_server_is_away_and_one_that_breaks_off_is_told_over_the_closed_list(opened):
    page = opened.page
    opens(page)
    page.evaluate("desk.isOpen = false")
    page.keyboard.press("Enter")
    said(page, "The server does not answer, so no other case was opened")
    did(page)  # the microphone goes on
    page.evaluate("() => { desk.isOpen = true; server.held = []; }")
    page.keyboard.press("Enter")
    did(page, *opened_case(0))
    page.keyboard.press("Escape")
    page.evaluate("server.emit('disconnected')")
    gives(page, "desk.outbox.acked", [page.evaluate("desk.number")])
    page.wait_for_function("desk.notices.at(-1)?.text.includes('The connection broke')")


def test_a_case_that_the_server_refuses_leaves_the_key_with_the_one_that_is_open(opened):
    page = opened.page
    opens(page)
    page.evaluate("server.refuses = true")
    page.keyboard.press("Enter")
    gives(page, "[desk.left, desk.stayed]", [[f"{0:032x}"], [f"{0:032x}"]])


@pytest.mark.parametrize(("pressed", "opens_last"), [(["Enter"], 0), (["Enter", "Escape"], None)])
def test_who_chooses_a_case_while_another_opens_by_itself_gets_the_chosen_one_or_none_after_escape(
    opened, pressed, opens_last
):
    page = opened.page
    page.evaluate("() => { server.held = []; void desk.worklist.openCase('b'.repeat(32)); }")
    opens(page)
    keys(page, *pressed)
    page.wait_for_function("server.held.length === 1")
    page.evaluate("server.release()")
    last = "b" * 32 if opens_last is None else f"{opens_last:032x}"
    page.wait_for_function("(id) => desk.state.case === id", arg=last)
    closes(page)
    drawn(page)
    ids = "server.sent.filter(({ do: what }) => what === 'open').map(({ id }) => id)"
    gives(page, ids, [*dict.fromkeys(["b" * 32, last])])


def test_each_key_that_is_shown_over_the_list_is_the_one_that_works(opened):
    page = opened.page
    shown, other = (page.locator(f"#bar {one}") for one in ("[data-key=w] kbd", "[data-key=n]"))
    expect(shown).to_have_text("W")
    expect(other).to_be_visible()
    opens(page)
    expect(page.locator("#worklist .states")).to_have_text(re.compile("^Alt"), use_inner_text=True)
    expect(shown).to_have_text("Esc")
    expect(other).to_be_hidden()
    page.keyboard.press("Alt+4")
    said(page, "1 case")
    page.keyboard.press("Escape")
    closes(page)
    expect(shown).to_have_text("W")


def test_it_is_readable_in_every_window_and_nothing_serious_is_in_the_way_of_a_screen_reader(opened):
    page = opened.page
    opens(page)
    assert serious(Axe().run(page)) == []
    for width, height in ((1280, 800), (1920, 1080), (3840, 2160), (800, 1200), (600, 1280)):
        page.set_viewport_size({"width": width, "height": height})
        drawn(page)
        assert {t: r for t, r in opened.contrasts().items() if r < 7} == {}, width
        assert page.evaluate("document.querySelector('#worklist .list').scrollWidth <= innerWidth"), width
        assert opened.clipped() == [], width
        opened.shoot(f"worklist-{width}")
