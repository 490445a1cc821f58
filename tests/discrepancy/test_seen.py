"""An imported reading against both texts: it asks, and is never critical."""

from dictation.discrepancy import Discrepancy, compare
from dictation.reading import Opinion, Reading

TEXT = "Small left pleural effusion. No pneumothorax. Heart size is normal."


def against(text: str, *opinions: Opinion) -> list[Discrepancy]:
    return compare(text, text, [Reading(reader="reader A", opinions=opinions)])


def test_an_agreeing_reading_is_silent() -> None:
    agreeing = (
        Opinion(finding="Effusion", probability=0.9, laterality="left"),
        Opinion(finding="Pneumothorax", probability=0.1),
        Opinion(finding="Cardiomegaly", probability=0.2),
    )
    assert against(TEXT, *agreeing) == []


def test_another_side_is_major() -> None:
    (found,) = against(TEXT, Opinion(finding="pleural_effusion", probability=0.9, laterality="right"))
    assert (found.kind, found.severity) == ("laterality", "major")
    assert found.heard and found.written and found.seen
    assert found.explanation == (
        "reader A sees right pleural effusion (probability 0.90); you and the report say left."
    )


def test_a_side_that_was_not_assessed_says_nothing() -> None:
    opinion = Opinion(finding="pleural_effusion", probability=0.9, laterality="right", side_assessed=False)
    assert against(TEXT, opinion) == []


def test_presence_against_a_denial_is_major_when_sure() -> None:
    (found,) = against(TEXT, Opinion(finding="Pneumothorax", probability=0.93))
    assert (found.kind, found.severity) == ("negation", "major")
    (doubtful,) = against(TEXT, Opinion(finding="Pneumothorax", probability=0.55))
    assert doubtful.severity == "info"


def test_what_only_an_uncalibrated_image_reader_sees_is_info() -> None:
    (found,) = against(TEXT, Opinion(finding="Nodule", probability=0.97))
    assert (found.kind, found.severity, found.heard, found.written) == ("omission", "info", None, None)


def test_not_assessed_never_disagrees() -> None:
    assert against(TEXT, Opinion(finding="Pneumothorax", assessed=False, reason="no frontal view")) == []


def test_no_opinion_is_ever_critical() -> None:
    every = [
        Opinion(finding=name, probability=chance, laterality="right", calibrated=calibrated)
        for name in ("Pneumothorax", "pleural_effusion", "Cardiomegaly", "Mass", "free_air")
        for chance in (0.01, 0.99)
        for calibrated in (False, True)
    ]
    found = [d for opinion in every for d in against(TEXT, opinion)]
    assert found and all(d.severity != "critical" for d in found)
