"""The worklist over the page: found, chosen and opened by keys; no sound crosses a change of case."""

import pytest
from axe_playwright_python.sync_playwright import Axe

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


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def opened(address, browser, watch, server):
    server.fails, server.cases = False, CASES
    watched = watch(browser)
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    yield watched
    assert watched.strangers == []
    assert [one for one in watched.complaints if "503" not in one] == []
    watched.page.close()


def opens(page, key: str = "w") -> None:
    page.keyboard.press(key)
    page.wait_for_selector("#worklist tr[aria-selected=true]")


def chosen(page) -> str:
    return page.locator("#worklist tr[aria-selected=true]").inner_text()


def marked(page) -> int:
    return page.locator("#worklist tr[aria-selected=true]").count()


def said(page, words: str) -> None:
    page.wait_for_function("(w) => document.querySelector('#worklist .status').textContent.includes(w)", arg=words)


def done(page) -> list[dict]:
    return [one for one in page.evaluate("server.sent") if one["do"] in ("open", "new", "takeover", "stopped")]


def test_a_signed_out_page_has_no_row_of_the_list_and_reads_it_again_for_its_user(opened, server):
    page = opened.page
    opens(page)
    page.keyboard.type("bernd 011")
    said(page, "2 cases")
    page.evaluate("server.emit('signed-out')")
    left = "document.body.textContent + [...document.querySelectorAll('input')].map(({ value }) => value)"
    assert page.locator("#worklist tbody tr").count() == 0
    assert not any(word in page.evaluate(left) for word in ("SPECIMEN", "Bernd", "0042", "bernd"))
    asked = len(server.asked)
    page.evaluate("server.emit('connected')")
    page.wait_for_selector("#worklist tr[aria-selected=true]")
    said(page, "2 cases")
    assert "Bernd" in chosen(page) and page.input_value("#worklist input") == "bernd 011"
    assert [one["search"] for one in server.asked[asked:]] == ["bernd 011"]
    page.keyboard.press("Escape")
    page.evaluate("server.emit('signed-out')")  # the closed list has rows too
    assert "Bernd" not in page.evaluate(left)


def test_rows_that_come_after_the_session_ended_are_for_nobody(opened):
    page = opened.page
    page.evaluate(
        """() => { const { fetch } = window;
          window.fetch = async (...asked) => {
            const answer = await fetch(...asked);
            await new Promise((go) => { window.letCome = go; });
            return answer; }; }"""
    )
    page.keyboard.press("w")
    page.wait_for_function("Boolean(window.letCome)")
    page.evaluate("server.emit('signed-out'); letCome(); new Promise((done) => setTimeout(done, 200))")
    assert page.locator("#worklist tbody tr").count() == 0


def test_a_case_is_found_by_typing_and_opened_by_enter(opened):
    page = opened.page
    opens(page)
    assert "EXAMPLE, Ada" in chosen(page)
    page.keyboard.type("bernd 0113")
    said(page, "1 case")
    assert "0042-0113" in chosen(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#worklist", state="hidden")
    assert done(page) == [{"do": "stopped"}, {"do": "open", "id": f"{113:032x}"}]
    opens(page)
    assert page.input_value("#worklist input") == ""


def test_arrows_move_from_the_search_field_and_letters_from_the_list(opened):
    page = opened.page
    opens(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert "0042-0001" in chosen(page)
    active = page.get_attribute("#worklist input", "aria-activedescendant")
    assert page.get_attribute("#worklist tr[aria-selected=true]", "id") == active
    page.focus("#worklist .list")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert "0042-0002" in chosen(page)
    page.keyboard.press("4")  # preliminary: a key in the list
    said(page, "1 case")
    page.keyboard.press("/")
    page.keyboard.press("Alt+1")  # all: also while the search is typed in
    said(page, "50 or more cases")
    page.keyboard.type("1")
    assert page.input_value("#worklist input") == "1"


def test_more_cases_come_while_the_list_is_scrolled(opened, server):
    page = opened.page
    opens(page)
    assert page.locator("#worklist tbody tr").count() == 1 + PAGE
    page.locator("#worklist .list").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    said(page, "100 or more cases")
    for _ in range(10):
        page.keyboard.press("PageDown")
    said(page, "120 cases")
    assert [one.get("after") for one in server.asked[-3:]] == [None, "50", "100"]
    assert len(set(page.locator("#worklist td:nth-child(4)").all_inner_texts())) == 120


def test_each_state_has_a_shape_and_a_word_and_what_is_to_note_is_told(opened):
    page = opened.page
    opens(page)
    rows = page.locator("#worklist tbody tr").all_inner_texts()
    assert "○ draft" in rows[1]
    assert "▲ critical, not told" in rows[1]
    assert "! stat" in rows[1]
    assert "◪ open by Dr. Okafor" in rows[2]
    assert "◐ preliminary" in rows[3]
    assert "begun" not in rows[1] and "◔ begun" in rows[7]
    assert "● final" in rows[4] and "◇ not sent" in rows[4]
    assert "→ sent" in rows[5] and "critical" not in rows[5]
    assert "◉ addended" in rows[6] and "CR CHEST" in rows[6]
    assert "× order cancelled" in rows[7]
    assert "SAMPLE, <b>Dora</b>" in rows[4]  # an order's text is text
    page.keyboard.press("Alt+2")
    said(page, "1 case")
    assert "0042-0000" in chosen(page)


def test_another_ones_case_is_asked_for_before_it_is_taken(opened):
    page = opened.page
    opens(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "Dr. Okafor has this case open" in page.inner_text("#worklist .question")
    opened.shoot("question")
    page.keyboard.press("Escape")
    assert page.locator("#worklist").is_visible()
    assert done(page) == []
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#worklist", state="hidden")
    assert [one["do"] for one in done(page)] == ["stopped", "open", "takeover"]
    assert done(page)[2]["case"] == f"{1:032x}"


def test_another_ones_case_is_only_looked_at(opened):
    page = opened.page
    opens(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+l")
    page.wait_for_selector("#worklist", state="hidden")
    assert [one["do"] for one in done(page)] == ["stopped", "open"]


def test_the_first_row_is_a_new_case(opened):
    page = opened.page
    opens(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector("#worklist", state="hidden")
    assert done(page) == [{"do": "stopped"}, {"do": "new", "id": "f" * 32}]
    assert page.evaluate("[desk.left, desk.stayed]") == [["f" * 32], []], "nothing is recorded until this one is open"


def test_what_was_typed_is_with_the_server_before_another_case_opens(opened):
    page = opened.page
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.keyboard.type("last words")
    opens(page, "Alt+w")
    page.keyboard.press("Enter")
    page.wait_for_selector("#worklist", state="hidden")
    sent = [one for one in page.evaluate("server.sent") if one["do"] in ("type", "open")]
    assert [one["do"] for one in sent] == ["type"] * (len(sent) - 1) + ["open"]
    assert "".join(one["text"] for one in sent[:-1]) == "last words"  # in one message, or in two from a slow machine


def test_closing_gives_the_caret_back(opened):
    page = opened.page
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.keyboard.type("ab")
    page.keyboard.press("ArrowLeft")
    opens(page, "Alt+w")
    page.keyboard.press("Escape")
    page.keyboard.type("-")
    assert page.inner_text("#pad .text").strip() == "a-b"
    page.keyboard.press("Escape")
    opens(page)
    page.keyboard.press("Alt+w")
    assert page.locator("#worklist").is_hidden()


def test_nothing_found_and_nothing_read_are_said_in_words(opened, server):
    page = opened.page
    opens(page)
    page.keyboard.type("nobody")
    said(page, "Nothing fits this search.")
    assert marked(page) == 0
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
    with page.expect_console_message(
        lambda message: message.type == "error"
    ):  # the browser names the request that failed
        page.keyboard.press("Alt+r")
    said(page, "The server does not answer; what you dictated is kept.")
    opened.complaints.clear()
    page.unroute("**/worklist?*")
    page.evaluate("server.emit('connected')")
    said(page, "50 or more cases")


def test_only_the_newest_search_is_shown(opened):
    page = opened.page
    opens(page)

    def later(route) -> None:
        if route.request.headers["x-search"] == "bernd":
            page.wait_for_timeout(300)
        route.continue_()

    page.route("**/worklist?*", later)
    page.keyboard.type("bernd")
    page.wait_for_timeout(200)
    page.fill("#worklist input", "cornelia 0002")
    said(page, "1 case")
    page.wait_for_timeout(400)
    assert "MUSTER, Cornelia" in chosen(page)


def slow(page, seconds: float = 0.4) -> None:
    """Have each answer of the server come so much later."""

    def later(route) -> None:
        page.wait_for_timeout(1000 * seconds)
        route.continue_()

    page.route("**/worklist?*", later)


def test_enter_waits_for_the_case_that_was_typed_or_scanned(opened):
    page = opened.page
    opens(page)
    slow(page)
    page.keyboard.type("0042-0113")
    page.keyboard.press("Enter")
    page.wait_for_selector("#worklist", state="hidden")
    assert done(page) == [{"do": "stopped"}, {"do": "open", "id": f"{113:032x}"}]


def test_enter_for_what_fits_many_or_none_opens_nothing_and_says_so(opened):
    page = opened.page
    opens(page)
    slow(page)
    page.keyboard.type("0042-000")
    page.keyboard.press("Enter")
    said(page, "Enter opens the marked row.")
    assert "0042-0000" in chosen(page)
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    said(page, "Nothing fits, so no case was opened")
    for key in ("Enter", "ArrowDown", "Enter"):  # a wrong number opens no nameless case
        page.keyboard.press(key)
    assert done(page) == [] and marked(page) == 0
    page.keyboard.press("ArrowUp")
    assert chosen(page) == "New case"


def test_letters_after_enter_take_it_back(opened):
    page = opened.page
    opens(page)
    slow(page)
    page.keyboard.type("bernd 0113")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    said(page, "cases")
    page.wait_for_timeout(600)
    assert done(page) == [] and page.locator("#worklist").is_visible()


@pytest.mark.parametrize("fails", [False, True])
def test_enter_in_a_list_that_opens_again_opens_nothing_unseen(opened, server, fails):
    page = opened.page
    opens(page)
    page.keyboard.press("PageDown")
    page.keyboard.press("Escape")
    server.fails = fails
    slow(page)
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    said(page, "locked by a backup" if fails else "Enter opens the marked row.")
    page.keyboard.press("ArrowDown")
    assert done(page) == []


def test_an_order_that_comes_moves_no_mark_no_question_and_nothing_under_the_mouse(opened, server):
    page = opened.page
    opens(page)
    page.locator("#worklist .list").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    said(page, "100 or more cases")
    for _ in range(4):
        page.keyboard.press("PageDown")
    mine = chosen(page)
    place = page.locator("#worklist tr[aria-selected=true]")
    place.hover()
    before = place.bounding_box()["y"]
    server.cases = [row(200, priority="stat", name="NEW, Stat"), *CASES]
    page.evaluate("server.emit('worklist')")
    page.wait_for_selector("#worklist td >> text=NEW, Stat", state="attached")
    assert chosen(page) == mine and abs(place.bounding_box()["y"] - before) < 2
    page.fill("#worklist input", "0042-0001")
    said(page, "1 case")
    page.keyboard.press("Enter")
    assert page.locator("#worklist .question").is_visible()
    server.cases = [row(201, accession="0042-0001-B"), *CASES]
    page.evaluate("server.emit('worklist')")
    said(page, "2 cases")
    assert page.locator("#worklist .question").is_visible() and "Okafor" in chosen(page)
    server.cases = [one for one in server.cases if one["locked_by"] == ""]
    page.evaluate("server.emit('worklist')")
    said(page, "is not in this list any more")
    assert page.locator("#worklist .question").count() == 0 and marked(page) == 0
    page.keyboard.press("Enter")
    said(page, "No case is marked")
    assert done(page) == []


def test_no_case_opens_while_the_server_is_away_and_none_later(opened):
    page = opened.page
    opens(page)
    page.evaluate("desk.isOpen = false")
    page.keyboard.press("Enter")
    said(page, "The server does not answer, so no other case was opened")
    assert done(page) == [], "the microphone goes on"
    page.evaluate("() => { desk.isOpen = true; server.held = []; }")
    page.keyboard.press("Enter")
    page.wait_for_function("server.sent.some((one) => one.do === 'open')")
    page.keyboard.press("Escape")
    page.evaluate("server.emit('disconnected')")
    page.wait_for_function("desk.outbox.acked.length")
    assert page.evaluate("desk.outbox.acked") == [page.evaluate("desk.number")]
    assert "The connection broke" in page.evaluate("desk.notices.at(-1).text"), "the list is closed, and it is told"


def test_a_case_that_the_server_refuses_leaves_the_key_with_the_one_that_is_open(opened):
    page = opened.page
    opens(page)
    page.evaluate("server.refuses = true")
    page.keyboard.press("Enter")
    page.wait_for_function("desk.stayed.length")
    assert page.evaluate("[desk.left, desk.stayed]") == [[f"{0:032x}"], [f"{0:032x}"]]


def test_words_still_on_their_way_when_the_connection_breaks_open_no_case(opened):
    page = opened.page
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.evaluate("() => { server.held = []; }")
    page.keyboard.type("last words")
    opens(page, "Alt+w")
    page.keyboard.press("Enter")
    said(page, "Opening …")
    page.evaluate("server.emit('disconnected')")
    said(page, "The connection broke, so no other case was opened")
    page.evaluate("server.release()")
    page.wait_for_timeout(100)
    assert [one["do"] for one in done(page)] == ["stopped"]


def test_who_chooses_a_case_while_another_opens_by_itself_gets_the_chosen_one(opened):
    page = opened.page
    page.evaluate("() => { server.held = []; void desk.worklist.openCase('b'.repeat(32)); }")
    opens(page)
    page.keyboard.press("Escape")  # the list is closed, and the case opens all the same
    opens(page)
    page.keyboard.press("Enter")
    page.wait_for_function("server.held.length === 1")
    page.evaluate("server.release()")
    page.wait_for_function(f"desk.state.case === '{0:032x}'")
    page.wait_for_function("document.querySelector('#worklist').hidden")
    assert [one["id"] for one in done(page) if one["do"] == "open"] == ["b" * 32, f"{0:032x}"]


def test_escape_takes_back_a_choice_that_waits_for_a_case_which_opens_by_itself(opened):
    page = opened.page
    page.evaluate("() => { server.held = []; void desk.worklist.openCase('b'.repeat(32)); }")
    opens(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.evaluate("server.release()")
    page.wait_for_function("desk.state.case === 'b'.repeat(32)")
    page.wait_for_timeout(200)
    assert [one["id"] for one in done(page) if one["do"] == "open"] == ["b" * 32]


def test_of_two_choices_that_wait_the_last_one_counts(opened):
    page = opened.page
    page.evaluate("() => { server.held = []; void desk.worklist.openCase('b'.repeat(32)); }")
    opens(page)
    page.keyboard.press("Enter")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.evaluate("server.release()")
    page.wait_for_function(f"desk.state.case === '{2:032x}'")
    assert [one["id"] for one in done(page) if one["do"] == "open"] == ["b" * 32, f"{2:032x}"]


def test_a_takeover_that_breaks_off_behind_an_open_case_is_no_case_that_was_not_opened(opened):
    page = opened.page
    opens(page)
    page.keyboard.press("ArrowDown")
    page.evaluate("() => { server.held = []; }")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_function("server.sent.some((one) => one.do === 'open')")
    page.evaluate("() => { server.release(); server.held = []; }")
    page.wait_for_function("server.sent.some((one) => one.do === 'takeover')")
    page.evaluate("server.emit('disconnected')")
    page.wait_for_function("document.querySelector('#worklist').hidden")
    assert not any("no other case" in one["text"] for one in page.evaluate("desk.notices"))


def test_a_list_that_is_read_stays_when_a_case_opens_by_itself(opened):
    page = opened.page
    page.evaluate("() => { server.held = []; void desk.worklist.openCase('b'.repeat(32)); }")
    opens(page)
    page.evaluate("server.release()")
    page.wait_for_function("desk.state.case === 'b'.repeat(32)")
    page.wait_for_timeout(100)
    assert page.locator("#worklist").is_visible()


def test_each_key_that_is_shown_over_the_list_is_the_one_that_works(opened):
    page = opened.page
    shown = "#bar [data-key=w] kbd"
    assert page.inner_text(shown) == "W" and page.locator("#bar [data-key=n]").is_visible()
    opens(page)
    assert page.inner_text("#worklist .states").startswith("Alt")
    assert page.inner_text(shown) == "Esc"
    assert not page.locator("#bar [data-key=n]").is_visible()
    page.keyboard.press("Alt+4")
    said(page, "1 case")
    page.keyboard.press("Escape")
    assert page.locator("#worklist").is_hidden() and page.inner_text(shown) == "W"


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (3840, 2160), (800, 1200), (600, 1280)])
def test_it_is_readable_and_fits_its_window(opened, size):
    page = opened.page
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    opens(page)
    assert {t: r for t, r in opened.contrasts().items() if r < 7} == {}
    assert page.evaluate("document.querySelector('#worklist .list').scrollWidth <= innerWidth")
    assert opened.clipped() == []
    opened.shoot(f"worklist-{size[0]}")


def test_nothing_serious_is_in_the_way_of_a_screen_reader(opened):
    opens(opened.page)
    results = Axe().run(opened.page).response
    assert [v["id"] for v in results["violations"] if v["impact"] in ("serious", "critical")] == []
