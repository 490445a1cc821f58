"""Script in everything that somebody can type, read in, name or upload: it is shown as text, and nothing of it runs."""

import json

import pytest
from playwright.sync_api import expect

from dictation.case.communicating import methods
from tests.browser.room import press
from tests.review.hostile import Client, Program, dicom

pytestmark = pytest.mark.browser

MARK = "zqj"
EVIL = f'<img src=x{MARK} onerror="window.ran=(window.ran||0)+1">'
ALSO = f"<script>window.ran=1</script><svg onload='window.ran=1'></svg>\"'>&lt;{MARK}"
SHORT = f"<svg/onload=ran=1 id={MARK}>"  # where a header holds no more
WAIT_MS = 60_000
KEYS = "w?oi.,mgntvhyedxlcCsab" + "kK"


@pytest.fixture(scope="module")
def program(tmp_path_factory, own_folders):
    home = tmp_path_factory.mktemp("script") / "home"
    for folder in ("templates", "macros"):
        (home / folder).mkdir(parents=True)
    heading = f"\n[[organs]]\nheading = '''Lungs {EVIL}'''\ncovers = ['lungs', 'airways', 'pleura']\n"
    (home / "templates" / "evil.toml").write_text(f"title = '''{EVIL}{ALSO}'''\nsource = '''{EVIL}'''\n{heading}")
    macro = f"[[macros]]\nname = '''evil {EVIL}'''\nspoken = ['evil words']\n"
    macro += f"text = '''{EVIL} [side: <b>left</b>|{SHORT}]'''\n"
    (home / "macros" / "evil.toml").write_text(macro + f"source = '''{EVIL}'''\n")
    program = Program(home, DICTATION_SIGNER=EVIL[:100])
    yield program
    program.stop()


def filled(program: Program) -> str:
    """A case with script in whatever it holds; return its id."""
    client = Client(program)
    assert client.type(f"There is a small left pleural effusion {EVIL}. {ALSO} The heart is enlarged.")["ok"]
    own = client.page, client.case
    assert program.gradio("ordered", *own, EVIL, ALSO, "1960-01-01", "F", SHORT, EVIL, "left", ALSO)[-1]["success"]
    order = json.dumps({"name": EVIL, "patient_id": ALSO, "accession": SHORT, "procedure": EVIL, "modality": SHORT[:16],
                        "body_part": EVIL, "indication": ALSO, "clinical_question": EVIL})  # fmt: skip
    image = dicom(PatientName=f"<{MARK}>EVIL</{MARK}>", PatientID=SHORT, StudyDescription=EVIL[:64],
                  SeriesDescription=SHORT, BodyPartExamined="CHEST", AccessionNumber=SHORT[:16],
                  InstitutionName=EVIL[:64],
                  ProtocolName=SHORT, ViewPosition="PA")  # fmt: skip
    reading = json.dumps({"reader": EVIL, "opinions": {"pleural_effusion": 0.9}, "note": EVIL})
    listed: list[str] = []
    for name, content in ((f"{EVIL}.json", order), ("image.dcm", image), (f"{SHORT}reading.json", reading)):
        new = json.loads(program.upload(name, content.encode() if isinstance(content, str) else content)[1])
        program.give(*own, *listed, *new)
        listed += new if content is not order else []  # which is refused, in a sentence that names it
    Program.until(lambda: program.ask(f"/image/{client.case}/0")[0] == 200)
    assert client.ask("template", name="evil")["ok"]
    assert client.ask("macro", name=f"evil {EVIL}")["ok"]
    assert client.ask("vocabulary", phrase=EVIL)["ok"]
    client.ask("vocabulary", phrase=SHORT, spoken=ALSO)
    assert client.ask("compare")["ok"]
    client.until_review()
    assert client.ask(
        "communicate", person=EVIL, at="2026-03-01T09:30:00+00:00", method=methods()[0][1], read_back=True
    )["ok"]
    client.leave()
    return client.case


def nothing_ran(page) -> None:
    assert page.evaluate("window.ran") is None, page.url
    bad = MARK + ", [src^=x" + MARK + "], svg[onload], svg#" + MARK + ", [onerror]"
    assert page.evaluate("(bad) => document.querySelectorAll(bad).length", bad) == 0


def presses(page, key: str) -> None:
    """Press a key; what it opens is there once all that was asked for is answered, and was drawn."""
    press(page, key)
    page.wait_for_function("!desk.waiting.size")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    nothing_ran(page)


def test_script_is_shown_as_text_wherever_it_comes_from(program, start, watch):
    case = filled(program)
    watched = watch(start())
    page = watched.page
    page.goto(f"http://127.0.0.1:{program.port}/", timeout=WAIT_MS)
    page.wait_for_function("window.desk?.state?.case", timeout=WAIT_MS)
    page.keyboard.press("w")
    page.wait_for_function("document.activeElement.matches('#worklist input')")
    page.keyboard.type(EVIL[:20])
    page.wait_for_function("(mark) => document.querySelector('#worklist').textContent.includes(mark)", arg=MARK)
    nothing_ran(page)
    page.keyboard.press("ArrowDown")
    presses(page, "Enter")
    page.evaluate("(id) => { if (desk.state.case !== id) desk.send({do: 'open', id}); }", case)
    page.wait_for_function("(id) => desk.state.case === id", arg=case, timeout=WAIT_MS)
    if not page.evaluate("desk.state.lock.mine"):
        page.evaluate("desk.send({do: 'takeover'})")
    page.wait_for_function("document.body.dataset.stage === 'review' && desk.state.lock.mine", timeout=WAIT_MS)
    shown = "document.querySelector('#banner').textContent + document.querySelector('#columns').textContent"
    page.wait_for_function(f"(texts) => texts.every((text) => ({shown}).includes(text))", arg=[EVIL, ALSO])
    nothing_ran(page)
    for key in KEYS:
        presses(page, key)
        presses(page, "Escape")
    presses(page, "Control+Enter")  # what a key changed is compared first, and then the dialog opens by itself
    signing = "(mark) => document.querySelector('dialog[open]')?.textContent.includes(mark)"
    page.wait_for_function(signing, arg=MARK, timeout=WAIT_MS)
    presses(page, "Escape")
    page.evaluate("desk.send({do: 'text'})")
    page.wait_for_function("document.body.dataset.stage === 'dictating'", timeout=WAIT_MS)
    expect(page.locator("#pad")).to_contain_text(EVIL)
    expect(page.locator("#report")).to_contain_text(MARK)
    page.locator("#pad [contenteditable], #pad textarea, #pad [role=textbox]").first.click()
    page.keyboard.type(f" {ALSO} ")
    page.evaluate("(html) => { desk.tell(html, {error: true}); desk.tell(html); }", EVIL)
    presses(page, "Escape")
    assert not watched.strangers
    assert program.process.poll() is None
    page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", EVIL)
    page.wait_for_function("window.ran === 1")  # the trap works: markup that gets in would have run
