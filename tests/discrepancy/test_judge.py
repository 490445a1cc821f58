"""The sentence judge: that it tells other words from another fact, and what alerts become without it."""

import numpy as np
import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.judge import entailment as judge
from dictation.discrepancy.judge.entailment import MOST_PIECES, UNDECIDED, encoded, entailment
from dictation.discrepancy.ranking import ranked
from dictation.discrepancy.suspicion.alert_evidence import GRAVE
from dictation.discrepancy.suspicion.trees import may_be_read
from dictation.errors import MissingError
from dictation.report import parse_report

PAIRS = [
    ("There is no left pleural effusion.", "FINDINGS: Small left pleural effusion."),
    ("Nodule of 12 mm in the right upper lobe.", "FINDINGS: Right upper lobe nodule measuring 21 mm."),
    ("Fracture of the left sixth rib. No pneumothorax.", "FINDINGS: No pneumothorax."),
    ("Lungs are clear.", "FINDINGS: Lungs are clear. Cardiomegaly."),
    ("Disc herniation at L4-L5.", "FINDINGS: Disc herniation at L3-L4."),
    ("Small left pleural effusion.", "FINDINGS: Small right pleural effusion."),
    # by somebody who saw what the judge does: several errors at once, none of which may be folded
    (
        "Left lower lobe pneumonia. Small left pneumothorax. Small left effusion. Heart size normal.",
        "FINDINGS: Small right effusion. Left upper lobe pneumonia. Cardiomegaly.",
    ),
    (
        "Small left pneumothorax. Small left effusion. Left lower lobe pneumonia.",
        "FINDINGS: Moderate left effusion. No pneumonia. Left lower lobe mass. Rib fracture.",
    ),
]


def of(text, other):
    return entailment(text, (0, len(text)), other)


def test_the_judge_tells_other_words_from_another_fact():
    for same in ("Lungs are clear.", "The lungs are clear on both sides.", "No acute fracture or dislocation."):
        assert of(same, same).holds > 0.6
    assert of("No pleural effusion.", "There is a pleural effusion.").contradicts > 0.8
    assert of("Small left effusion.", "Small right pleural effusion. Heart normal.").contradicts > 0.6
    assert of("Normal cardiac size.", "No pleural effusion. The heart is not enlarged.").holds > 0.5
    assert of("Fracture of the distal radius.", "The lungs are clear. The heart is normal.").holds < 0.3


def test_equal_texts_give_equal_numbers_whatever_was_asked_before():
    one, two = "Small left effusion.", "A small amount of fluid on the left."
    first = of(one, two)
    of("Fracture of the radius.", two * 20)
    encoded.cache_clear()
    assert of(one, two) == first
    assert of("", one) == of(one, "") == UNDECIDED
    assert sum(first) == pytest.approx(1)


def test_a_long_text_is_read_in_stretches_each_piece_once_and_in_its_place():
    text = "The liver is normal in size. No focal lesion is seen in it. " * 40
    found = encoded(text)
    assert len(found.meanings) == len(found.places) > 2 * MOST_PIECES
    assert (np.diff(found.places[:, 0]) > 0).all() and found.places[-1][1] == len(text.rstrip())
    last = text.rindex("No focal")
    assert entailment(text, (last, last + 30), "No focal lesion is seen in it.").holds > 0.5
    for long in ("lesion " * 1000, "CT chest\n" + "lesion " * 1000):  # without an end of a sentence, or none near
        assert len(encoded(long).places) >= 1000


@pytest.fixture
def damaged(monkeypatch, tmp_path):
    """What the judge needs, one of it damaged; afterwards all is as before."""

    def damage(name):
        broken = tmp_path / name
        whole = {"encoder": judge.ENCODER, "network": judge.NETWORK}[name]
        broken.write_bytes(whole.read_bytes()[:1000])
        monkeypatch.setattr(judge, name.upper(), broken)
        _forget()

    yield damage
    monkeypatch.undo()
    _forget()


def _forget():
    for cached in (judge.encoder, judge.network, judge.is_ready, judge.encoded):
        cached.cache_clear()


@pytest.mark.parametrize("name", ["encoder", "network"])
def test_a_damaged_part_is_told_and_the_rules_alone_speak(damaged, name):
    damaged(name)
    with pytest.raises(MissingError, match=r"damaged|cannot be read"):
        of("No effusion.", "Effusion.")
    assert not judge.is_ready()
    heard = (
        "Chest, two views. The lungs are clear on both sides, no effusion is seen, and there is no pneumothorax either."
    )
    written = (
        "Frontal and lateral films. Aerated normally, dry pleural angles, fully expanded to the wall. Cardiomegaly."
    )
    report = parse_report(f"FINDINGS: {written} Nothing else of note in what was included on these films.")
    said, wrote = heard_column(heard), written_column(report)
    found = compare(heard, report)
    assert found and found == ranked(found_by_rules(heard, report, said, wrote))


LONG = (
    "CT of the abdomen. The liver is of normal size, without a focal lesion. The spleen is not enlarged. Both kidneys "
    "enhance evenly, not obstructed. The appendix is thickened to 11 mm, the fat around it stranded. No free air."
)
OTHER_WORDS = (
    "Abdominal CT study. Liver: usual dimensions, free of focal abnormality. No splenomegaly. Symmetric nephrograms, "
    "no hydronephrosis. Appendix enlarged, 1.1 cm, with surrounding fat stranding. No pneumoperitoneum."
)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("The spleen is not enlarged.", "The spleen is markedly enlarged."),
        ("is thickened to 11 mm", "measures 4 mm and is delicate"),
        ("not obstructed", "both obstructed"),
    ],
)  # fmt: skip
def test_a_changed_sentence_of_a_whole_report_is_told(was, now):
    assert was in LONG
    grave = [one for one in compare(LONG, parse_report(f"FINDINGS: {LONG.replace(was, now)}")) if one.severity in GRAVE]
    assert any(now.split()[-1].rstrip(".") in one.written.text for one in grave if one.written)


def test_a_report_of_the_same_words_draws_nothing_and_a_sentence_is_told_once():
    assert [one for one in compare(LONG, parse_report(f"FINDINGS: {LONG}")) if one.severity in GRAVE] == []
    other = LONG.replace(
        "The liver is of normal size", "The cortex of the femur is interrupted, the liver is of normal size"
    )
    found = [one for one in compare(LONG, parse_report(f"FINDINGS: {other}")) if one.severity in GRAVE]
    places = [one.written.span for one in found if one.written]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(("heard", "written"), PAIRS)
def test_an_error_in_a_report_that_is_long_enough_to_be_read_stays_grave(heard, written):
    report = parse_report(f"{written} {OTHER_WORDS}")
    assert may_be_read(heard_column(f"{heard} {LONG}"), written_column(report))
    assert [one for one in compare(f"{heard} {LONG}", report) if one.severity in GRAVE]
