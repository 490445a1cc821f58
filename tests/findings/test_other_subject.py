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
