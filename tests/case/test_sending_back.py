"""What a model changed goes back to it once; what it changes again stands as dictated, and says so."""

from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.case import review_dictation
from dictation.case.sending_back import DID, SENT_BACK
from dictation.errors import Cancelled
from dictation.exam import ExamFacts
from dictation.imaging import Study
from dictation.report import load_template
from dictation.report.own_words import words_of
from tests.models.local_chat import LocalChat, Said
from tests.report.answering import answer, prompt_of, said, writer_at
from tests.report.dictated import dictated

CHEST = Study("1", (), ExamFacts(modality="DX", body_part="CHEST"))
DICTATION = dictated(
    "Chest X-ray two views.",
    "Tension pneumothorax on the left.",
    "Right pleural effusion, small.",
    ("impression", "Left tension pneumothorax."),
)
EXAM = said("exam", ["s1"], "Chest X-ray two views")
PNEUMOTHORAX = said("findings: Pleura", ["s2"], "There is a tension pneumothorax on the left.")
EFFUSION = said("findings: Pleura", ["s3"], "There is a small right pleural effusion.")
IMPRESSION = said("impression", ["s4"], "Tension pneumothorax on the left.")
FLIPPED = said("findings: Pleura", ["s3"], "There is a small left pleural effusion.")


def reviewed(*answers, dictation=DICTATION, style="polish", **given):
    """The case that a model with these answers gives, and what it was asked."""
    with LocalChat(*answers) as server:
        case = review_dictation(dictation, writer=writer_at(server), study=CHEST, style=style, **given)
    return case, server.requests


def text_of(case, name):
    return [s.text for s in case.report.statements if name in s.evidence]


def test_only_the_sentence_that_is_wrong_goes_back_with_what_is_wrong():
    _, (_, second) = reviewed(answer(EXAM, PNEUMOTHORAX, FLIPPED, IMPRESSION), answer(EFFUSION))
    prompt = prompt_of(second)
    assert "s3: Right pleural effusion, small." in prompt and FLIPPED["text"] in prompt
    assert "You said right; the report says left" in prompt
    assert not any(f"\n{name}" in prompt for name in ("s1", "s2", "s4"))


def test_the_model_is_told_which_words_it_changed():
    dictation = dictated("Left humeral head is located.")
    _, (_, second) = reviewed(
        answer(said("findings: Other", ["s1"], "The left femoral head is located.")), dictation=dictation
    )
    assert 'Left out: "humeral". Not dictated: "femoral".' in prompt_of(second)


TEXTS = [sentence.text for sentence in DICTATION.sentences]
OTHERS = ["No pneumothorax.", "Left pleural effusion, small.", "Tension pneumothorax on the right.", "Rib fracture."]
ITEMS = st.lists(
    st.builds(
        said,
        st.sampled_from(["findings: Pleura", "impression", "indication"]),
        st.lists(st.sampled_from(["s1", "s2", "s3", "s4"]), max_size=3),
        st.lists(st.sampled_from(TEXTS + OTHERS), min_size=1, max_size=2).map(" ".join),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(ITEMS, ITEMS, st.sampled_from(["keep", "polish"]))
def test_whatever_a_model_answers_twice_no_fact_is_lost_or_changed(first, second, style):
    asked_of = [name for item in second for name in item["evidence"]]
    case, requests = reviewed(answer(*first), answer(*second), style=style)
    assert len(requests) <= 2
    if case.engines["writer"].name == "extractive":
        assert set(asked_of) and len(requests) == 2  # it cited what it was not asked about
    assert {name for s in case.report.statements for name in s.evidence} == {"s1", "s2", "s3", "s4"}
    assert [d for d in case.discrepancies if d.severity in SENT_BACK and d.kind in DID] == []
    wrote = [s.text for s in case.report.statements if s.evidence]
    assert words(wrote, style) == words(TEXTS, style)


def words(texts, style):
    """The words that may not come or go, however often each."""
    return sorted(word.word for text in texts for word in words_of(text, style))


def test_normals_of_a_template_give_way_to_what_came_back_elsewhere():
    """The model first puts the effusion under the lungs, so that the pleura is called normal."""
    misplaced = said("findings: Lungs", ["s1"], "There is a left effusion.")
    right = said("findings: Pleura", ["s1"], "There is a right effusion.")
    case, requests = reviewed(
        answer(misplaced),
        answer(right),
        dictation=dictated("Right effusion."),
        template=load_template("chest_xray_normal"),
    )
    assert len(requests) == 2
    assert text_of(case, "s1") == [right["text"]]
    assert "Pleura" not in {s.organ for s in case.report.findings if s.origin == "template"}


def test_a_cancelled_second_question_ends():
    cancel = Event()

    def stop():
        while len(server.requests) < 2:
            server.asked.wait(0.05)
        cancel.set()

    with LocalChat(answer(EXAM, PNEUMOTHORAX, FLIPPED, IMPRESSION), Said(hangs=True)) as server:
        Thread(target=stop, daemon=True).start()
        with pytest.raises(Cancelled):
            review_dictation(DICTATION, writer=writer_at(server), study=CHEST, style="polish", cancel=cancel)
        assert server.left.wait(10)
