"""The regions that the app places by itself: what each must say, and what it must not."""

import re
from html import unescape

import pytest

from dictation.case import review_dictation
from dictation.case.doubtful import doubtful_words
from dictation.discrepancy import Discrepancy, Side
from dictation.exchange import (
    CaseView,
    card_keys,
    cards_html,
    columns_html,
    growing_report_html,
    image_html,
)
from dictation.exchange.sound import Stretch, stretches
from dictation.report import ExtractiveWriter, Report, Statement
from dictation.speech import Alternative, Transcript, Word
from dictation.wording import Dictation, Link, Sentence, write
from tests.exchange.chest import EAR, chest_case, chest_view
from tests.exchange.test_page import HOSTILE, Page


def served(**update: object) -> CaseView:
    return CaseView("t", chest_case().model_copy(update=update), chest_view().images, served=True)


def two_takes() -> Dictation:
    """ "No effusion" said in two recordings: each word 0.4 s, each recording from its own zero."""
    takes = [
        Transcript(recording=name * 64, words=(Word(text=text, start_s=at, end_s=at + 0.4),), engine=EAR, duration_s=9)
        for name, text, at in (("a", "no", 3.0), ("b", "effusion", 1.0))
    ]
    links = (Link(span=(0, 2), words=(0,)), Link(span=(3, 12), words=(1,)))
    return Dictation(sentences=(Sentence(id="s1", text="No effusion.", alignment=links),), transcripts=tuple(takes))


def test_every_dictated_word_knows_its_recording_and_its_seconds(view):
    html = columns_html(view)
    page = Page(html)
    words = {a["data-from"] for a in page.all("span") if a.get("class") == "w"}
    assert words == {f"{word.start_s:.2f}" for word in view.case.dictation.words}
    assert page.all("table")[0]["data-recordings"] == "r" * 64
    pleura = html[html.index(">Pleura<") :]
    side = re.findall(r'data-from="([\d.]+)" data-to="([\d.]+)">left</span>', pleura)[0]
    start_s, end_s = view.case.dictation.seconds(*view.case.discrepancies[0].heard.claim.parts["laterality"])
    assert tuple(map(float, side)) == pytest.approx((start_s, end_s), abs=0.01)


def test_words_of_two_recordings_are_played_from_their_own():
    dictation = two_takes()
    assert stretches(dictation, 0, len(dictation.text)) == [Stretch(0, 3.0, 3.4), Stretch(1, 1.0, 1.4)]
    html = columns_html(served(dictation=dictation))
    assert 'data-take="0" data-from="3.00" data-to="3.40">No</span>' in html
    assert 'data-take="1" data-from="1.00" data-to="1.40">effusion.</span>' in html


def test_a_written_word_plays_what_it_rests_on():
    own = Statement(id="w1", text="No pleural effusion.", section="findings", evidence=("s1",), origin="dictated")
    default = Statement(id="w2", text="Heart normal.", section="findings", origin="template")
    report = Report(findings=(own, default))
    html = columns_html(served(dictation=two_takes(), report=report, discrepancies=()))
    written = re.findall(r'<td class="written".*?</td>', html)
    found = re.findall(r'data-take="(\d)" data-from="([\d.]+)" data-to="[\d.]+">([^<]+)<', "".join(written))
    assert found == [("0", "3.00", "No"), ("0", "3.00", "pleural"), ("1", "1.00", "effusion.")]


def test_a_card_tells_what_else_was_heard(view):
    transcript = view.case.dictation.transcripts[0]
    other = (Alternative(text="lest", probability=0.12, source="recognizer"),)
    side = next(n for n, word in enumerate(transcript.words) if word.text == "left" and n > 15)
    words = [w.model_copy(update={"alternatives": other}) if n == side else w for n, w in enumerate(transcript.words)]
    heard = view.case.dictation.model_copy(
        update={"transcripts": (transcript.model_copy(update={"words": tuple(words)}),)}
    )
    text = Page(cards_html(CaseView("t", view.case.model_copy(update={"dictation": heard})))).text
    assert "or perhaps“lest” for “left”" in text and "0.12" not in text
    assert text.count("or perhaps") == 1


def test_garbled_words_are_one_alert_and_what_follows_from_them_is_folded_beneath_it(view):
    said = "Findings: Obstrocting stone of the left ureter. Heart size is normal."
    words = tuple(Word(text=word, start_s=n, end_s=n + 0.5) for n, word in enumerate(said.split()))
    heard = Transcript(recording="5" * 32, words=words, engine=EAR, duration_s=len(words))
    case = review_dictation(write([heard]), writer=ExtractiveWriter())
    [doubt], [asked] = case.discrepancies, doubtful_words(case)
    stone = case.dictation.spans[case.dictation.sentences[0].id]
    lost = Discrepancy(
        id="lost", kind="omission", severity="major", explanation="e", heard=Side(text="stone", span=stone)
    )
    grave = lost.model_copy(update={"id": "grave", "severity": "critical"})
    own = lost.model_copy(update={"id": "own", "heard": Side(text="normal", span=(stone[1] + 1, stone[1] + 9))})

    def shown(*found: Discrepancy) -> tuple[str, list[str], list[str]]:
        these = case.model_copy(update={"discrepancies": found})
        html = cards_html(CaseView("t", these, asked=(asked,)))
        sight = re.sub("<details.*?</details>", "", html)
        ids = [re.findall(r'data-d="(\w+)"', text) for text in (sight, html)]
        return re.findall('class="count">([^<]*)', html)[0], ids[0], [id for id in ids[1] if id not in ids[0]]

    assert shown(doubt) == ("1 word to check", [asked.id], [doubt.id])
    assert shown(doubt, lost) == ("1 to resolve", ["lost"], [asked.id, doubt.id])
    assert shown(doubt, lost, own) == ("2 to resolve", ["lost", "own"], [asked.id, doubt.id])
    assert shown(lost, grave) == ("1 to resolve", ["grave"], ["lost", asked.id])


def test_of_a_word_to_check_the_wording_that_one_key_takes_over_stands_in_sight():
    said = "Findings: There is a 14 mm irregular speculated mass."
    words = tuple(
        Word(text=word, start_s=n, end_s=n + 0.5, confidence=0.1 if word == "speculated" else 0.9)
        for n, word in enumerate(said.split())
    )
    heard = Transcript(recording="5" * 32, words=words, engine=EAR, duration_s=len(words))
    case = review_dictation(write([heard]), writer=ExtractiveWriter())
    [doubt], [asked] = case.discrepancies, doubtful_words(case)
    html = cards_html(CaseView("t", case, asked=(asked,)), {"take_heard": "[H use dictation]", "keep_word": "[R]"})
    sight, beneath = html.split("<details", 1)
    assert "1 word to check<" in sight and "1 more about these words" in beneath
    assert doubt.suggestion == "spiculated" and doubt.id in sight and "[H use suggestion]" in sight
    assert asked.id in beneath and asked.id not in sight


def test_kinds_that_are_off_are_counted_and_critical_ones_only_folded(view):
    html = cards_html(view, hidden={"laterality", "measurement", "critical_word"})
    text = Page(html).text
    assert "None to resolve, 1 hidden" in text
    assert "2 of kinds that you switched off" in text
    assert "1 of a kind that you switched off, hidden only: critical, so still asked for when you sign." in text
    folded = html[html.index('class="folded"') : html.index("</details>")]
    assert view.case.discrepancies[0].id in folded
    assert html.count("<article") == 3


@pytest.mark.parametrize(("severity", "label"), [("minor", "critical"), ("info", "info")])
def test_a_critical_result_reads_critical_and_comes_before_what_is_major(view, severity, label):
    result = Discrepancy(id="x", kind="critical_result", severity=severity, explanation="e")
    major = Discrepancy(id="y", kind="omission", severity="major", explanation="e")
    case = view.case.model_copy(update={"discrepancies": (major, result)})
    page = Page(cards_html(CaseView("t", case, (), served=True)))
    shown = {one["data-d"]: one["class"] for one in page.all("article")}
    assert shown["x"] == f"card {label}"
    assert (list(shown) == ["x", "y"]) is (severity == "minor")


def test_a_critical_result_offers_its_communication_and_nothing_else_does(view):
    result = Discrepancy(id="x", kind="critical_result", severity="critical", explanation="e")
    html = cards_html(CaseView("t", view.case.model_copy(update={"discrepancies": (result,)})), card_keys())
    assert 'data-action="communicate"' in html
    assert 'data-action="communicate"' not in cards_html(view, card_keys())


def test_the_card_of_another_patient_offers_no_decision_and_says_what_to_do(view):
    other = Discrepancy(id="x", kind="patient", severity="critical", explanation="e")
    shown = CaseView("t", view.case.model_copy(update={"discrepancies": (other,)}))
    html = cards_html(shown, card_keys())
    assert "data-action" not in html and "take image or text away, mend the order (O)" in html
    assert "mend the order" not in cards_html(shown)  # a page that takes no decisions has no keys either


def test_what_rests_on_no_dictation_says_where_it_comes_from(view):
    typed = Sentence(id="s9", text="Compared by eye.", section="findings", origin="typed")
    dictation = view.case.dictation.model_copy(update={"sentences": (*view.case.dictation.sentences, typed)})
    html = columns_html(CaseView("t", view.case.model_copy(update={"dictation": dictation})))
    apart = [unescape(re.sub("<[^>]*>", "", part)) for part in re.findall(r'class="apart">(.*?)</span></span>', html)]
    assert "Compared by eye. typed" in apart
    assert "No acute bony abnormality. normal from template" in apart
    assert not any("pleural effusion" in part for part in apart)


def test_the_growing_report_has_all_sections_and_nothing_that_is_seen(view):
    page = Page(growing_report_html(view.case.report, "medgemma"))
    sections = [a["data-section"] for a in page.all("section")]
    assert sections == ["exam", "indication", "technique", "comparison", "findings", "impression"]
    assert "provisional; medgemma writes when the dictation ends" in page.text and "not dictated" in page.text
    assert len([a for a in page.all("p") if "provisional" in a.get("class", "")]) == 10
    assert "Small right pleural effusion." in page.text and "normal from template" in page.text
    assert "0.88" not in page.text and "data-d" not in growing_report_html(view.case.report)


@pytest.mark.parametrize("stage", ["given", "writing", "stopped"])
def test_no_region_shows_what_is_seen_before_the_comparison(stage):
    view = CaseView("t", chest_case(), chest_view().images, stage=stage, served=True)
    html = image_html(view) + columns_html(view) + cards_html(view)
    assert "0.88" not in html and "<article" not in html
    assert 'data-boxes="[]"' in html


def test_the_viewer_gets_its_images_and_boxes_and_no_header_text_as_markup():
    image = chest_view().images[0]
    hostile = [image.__class__(image.pixels, HOSTILE, series=HOSTILE, number=1)]
    view = CaseView("t", chest_case(), tuple(hostile), served=True)
    html = image_html(view)
    page = Page(html)
    assert not page.all("script") and not page.all("img")
    place = page.all("div")[0]
    assert HOSTILE.replace('"', '\\"') in place["data-images"]
    assert '"box": [124.0, 108.0, 164.0, 168.0]' in place["data-boxes"]
