import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from dictation.discrepancy import Side
from dictation.discrepancy.discrepancy import Edit, discrepancy_id
from dictation.exchange import CaseView, html_page
from dictation.exchange.cards import cards_html
from dictation.reading import Opinion, Reading
from dictation.report import Report, Statement
from dictation.wording import Dictation, Sentence
from tests.exchange.chest import dictate

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


class Page(HTMLParser):
    """What a browser would find: every start tag with its attributes, and the text outside style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._skipping = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._skipping = tag in ("style", "script")

    def handle_endtag(self, tag):
        self._skipping = False

    def handle_data(self, data):
        if not self._skipping:
            self.text += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag and all(a.get(k) == v for k, v in attributes.items())]


def shown(view: CaseView, **update: object) -> str:
    """The text of the page of a case with other fields."""
    return Page(html_page([CaseView("t", view.case.model_copy(update=update))])).text


def spans_of(page: Page, difference_id: str, exact: bool = False) -> int:
    key = "data-exact" if exact else "data-d"
    return sum(difference_id in (a.get(key) or "").split() for t, a in page.tags if t == "span")


def test_nothing_on_the_page_is_fetched(view):
    html = html_page([view, view])
    page = Page(html)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'")
    for _, attributes in page.tags:
        for name in ("src", "href", "poster", "data", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:", "#"))
    assert not re.search(r"url\(|@import|https?://", html)


def test_hostile_words_stay_words(case):
    dictation = Dictation(sentences=(Sentence(id="s1", text=HOSTILE, section="findings"),))
    report = Report(findings=(Statement(id="r1", text=HOSTILE, section="findings", organ=HOSTILE, evidence=("s1",)),))
    order = case.orders[0].model_copy(update={"name": HOSTILE, "indication": HOSTILE, "procedure": HOSTILE})
    reading = case.readings[0].model_copy(update={"reader": HOSTILE, "description": HOSTILE})
    difference = case.discrepancies[0].model_copy(update={"id": HOSTILE, "explanation": HOSTILE, "suggestion": HOSTILE})
    hostile = case.model_copy(
        update={
            "dictation": dictation,
            "report": report,
            "orders": (order,),
            "readings": (reading,),
            "discrepancies": (difference,),
            "warnings": (HOSTILE,),
        }
    )
    page = Page(html_page([CaseView(title=HOSTILE, case=hostile)], title=HOSTILE))
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert page.text.count(HOSTILE) >= 10


def test_each_difference_lights_its_words_in_both_columns(view):
    page = Page(html_page([view]))
    side, size, doubt = view.case.discrepancies
    assert spans_of(page, side.id, exact=True) == 4  # left and right, in the columns and on the card
    assert spans_of(page, size.id, exact=True) == 4
    assert spans_of(page, doubt.id) == 1


def test_cards_stand_in_ranked_order_with_word_and_shape(view):
    html = html_page([view])
    page = Page(html)
    ids = [a["data-d"] for a in page.all("article")]
    assert ids == [d.id for d in view.case.discrepancies]
    for shape, word in (("▲", "critical"), ("◆", "major"), ("○", "info")):
        assert f'<i aria-hidden="true">{shape}</i> {word}' in html
    folded = html[html.index('<details class="folded">') :]
    assert view.case.discrepancies[2].id in folded
    assert f'data-d="{view.case.discrepancies[0].id}" tabindex' not in folded


def test_sound_on_a_card_is_just_its_stretch(view):
    page = Page(html_page([view]))
    uri = page.all("audio")[0]["src"]
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(uri.split(",")[1])), dtype="float32")
    start_s, end_s = view.case.discrepancies[0].audio_span_s
    assert rate == 16_000
    assert len(samples) == round((end_s - start_s + 0.6) * 16_000)
    first = round((start_s - 0.3) * 16_000)
    assert np.allclose(samples, view.samples[first : first + len(samples)], atol=1 / 32_000)


@pytest.mark.parametrize(
    "words",
    [
        "heard “mediascinum”",
        "unsure word: “consolidation”",
        "Corrected while dictating: “moderate” (correction)",
        "Not dictated: technique",
        "cardiomegaly not assessed: lateral view only",
        "side not assessed",
        "normal from template",
        "from order or image header",
        "The recording is clipped in 2 places",
        "2 to resolve",
    ],
)
def test_what_a_reader_must_not_overlook_is_in_plain_sight(view, words):
    assert words in Page(html_page([view])).text


def test_a_sentence_left_out_of_the_report_is_shown_as_left_out(view):
    findings = tuple(s for s in view.case.report.findings if s.organ != "Pleura")
    report = view.case.report.model_copy(update={"findings": findings, "impression": ()})
    text = shown(view, report=report, discrepancies=())
    assert "Small left pleural effusion." in text
    assert "not in the report" in text


def test_suggested_text_is_shown_apart(view):
    extra = Statement(id="r99", text="Follow up in a year.", section="impression", origin="suggested")
    report = view.case.report.model_copy(update={"impression": (*view.case.report.impression, extra)})
    text = shown(view, report=report)
    assert "Suggested by extractive, not dictated and not in the report" in text
    assert "Impression: Follow up in a year." in text


def test_seen_and_not_seen_are_told_in_words_without_a_probability(view):
    opinions = (
        Opinion(
            finding="pleural_effusion", probability=0.9, side_assessed=False, reason="side: it stays when mirrored"
        ),
        Opinion(finding="pneumothorax", probability=0.03),
        Opinion(finding="pleural_thickening", probability=0.2),
    )
    text = shown(view, readings=(read(opinions),))
    assert "pleural effusionno pneumothorax, no pleural thickening" in text
    assert not re.search(r"0\.\d|probability", text)
    assert "pleural effusion side not assessed: it stays when mirrored" in text


def read(opinions: tuple[Opinion, ...]) -> Reading:
    return Reading(reader="blind reader", opinions=opinions)


def test_before_the_comparison_nothing_that_is_seen_is_on_the_page(view):
    for stage in ("given", "writing", "stopped"):
        html = html_page([replace(view, stage=stage)])
        assert "shown after the dictation" in html
        assert "0.88" not in html and "<rect" not in html and "keeping with" not in html


def test_before_a_dictation_nothing_is_called_agreement(view):
    text = shown(view, dictation=Dictation(sentences=()), discrepancies=())
    assert "No dictation, so nothing was compared" in text
    assert "No difference found" not in text


@pytest.mark.parametrize(("confidence", "marked"), [(0.0, True), (0.49, True), (0.5, False), (None, False)])
def test_a_word_is_marked_where_the_recognizer_itself_doubts_it(view, confidence, marked):
    dictation = dictate(("findings", "Clear , lungs."), doubtful={"Clear": confidence, "": 0.1})
    case = view.case.model_copy(update={"dictation": dictation, "discrepancies": ()})
    page = Page(html_page([CaseView(title="t", case=case)]))
    doubts = [a for a in page.all("span") if "doubt" in (a.get("class") or "").split() and a.get("title")]
    assert len(doubts) == marked  # and never the comma


def test_a_decision_is_offered_only_where_its_side_speaks(view):
    keys = {action: f"[{action}]" for action in ("take_heard", "take_written", "dismiss", "reopen")}
    side, size, doubt = view.case.discrepancies
    seen = size.model_copy(update={"heard": None, "seen": Side(text="nodule"), "id": "seen-only"})
    end = len(view.case.report.text)
    added = (Edit(span=(end, end), text="A rib fracture."),)
    gone = side.model_copy(update={"written": None, "kind": "omission", "id": "left-out", "edits": added})
    lost_id = discrepancy_id("omission", side.heard.claim.id, "impression")
    lost = gone.model_copy(update={"id": lost_id, "edits": ()})  # only a reader can say how
    case = view.case.model_copy(update={"discrepancies": (side, gone, lost, seen, doubt)})
    html = cards_html(CaseView(title="t", case=case), keys)
    cards = {re.search('data-d="([^"]+)"', card)[1]: card for card in html.split("<article ")[1:]}
    offered = {id: [a for a in keys if f"[{a}]" in card] for id, card in cards.items()}
    assert offered == {
        side.id: ["take_heard", "take_written", "dismiss"],
        "left-out": ["take_heard", "take_written", "dismiss"],
        lost.id: ["take_written", "dismiss"],
        "seen-only": ["take_written", "dismiss"],
        doubt.id: ["dismiss"],
    }
    assert "not in the report" in cards["left-out"] and "not in the impression" in cards[lost.id]
