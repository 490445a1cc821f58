"""A "no" before a word that no table knows denies that word, and nothing that is graded, sized or doubted behind it."""

import pytest

from dictation.findings import extract


@pytest.mark.parametrize(
    ("sentence", "finding", "status", "certainty"),
    [
        ("no stranding mosaic perfusion mild", "mosaic_attenuation", "present", "definite"),
        ("no distal gas duodenal atresia likely", "duodenal_atresia", "present", "probable"),
        ("no adenopathy abscess versus tuberculosis", "abscess", "present", "possible"),
        ("no pleural deposits thymoma most likely", "thymoma", "present", "probable"),
        ("no left lower lobe pneumonia likely", "pneumonia", "absent", "definite"),
        ("no recurrent small pneumothorax", "pneumothorax", "absent", "definite"),
        ("no axillary nodes", "axillary_lymphadenopathy", "absent", "definite"),
        ("no mediastinal or hilar nodes", "lymphadenopathy", "absent", "definite"),
        ("left renal lesion query oncocytoma", "renal_lesion", "present", "possible"),
        ("mesothelioma until proved otherwise", "mesothelioma", "present", "probable"),
    ],
)
def test_what_is_denied(sentence: str, finding: str, status: str, certainty: str) -> None:
    said = [(claim.status, claim.certainty) for claim in extract(sentence) if claim.finding == finding]
    assert said == [(status, certainty)], extract(sentence)


@pytest.mark.parametrize(
    ("sentence", "finding", "side", "status"),
    [
        ("mediastinum shifted right right lung small", "mediastinal_shift", "right", "present"),
        ("no nodule apical scarring both sides stable", "scarring", "bilateral", "present"),
        ("four millimeter nodule lingula calcified moderate emphysema", "nodule", "left", "present"),
        ("no effusion left hemidiaphragm not raised thymoma", "thymoma", None, "present"),
        ("no collection small reactive nodes", "fluid_collection", None, "absent"),
    ],
)
def test_where_a_statement_without_marks_ends(sentence: str, finding: str, side: str | None, status: str) -> None:
    said = [(claim.laterality, claim.status) for claim in extract(sentence) if claim.finding == finding]
    assert said == [(side, status)], extract(sentence)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("the port needs pulling back a centimetre", 10.0),
        ("satellite nodule within a centimeter and a half", 15.0),
        ("cardiothoracic ratio of 0.6", 60.0),
        ("cardiothoracic ratio of sixty percent", 60.0),
    ],
)
def test_a_size_in_ordinary_words(sentence: str, value: float) -> None:
    assert [size.values_mm for claim in extract(sentence) for size in claim.measurements] == [(value,)]


def test_less_than_one_unit_is_no_size() -> None:
    assert not [size for claim in extract("nodes less than a centimetre") for size in claim.measurements]
