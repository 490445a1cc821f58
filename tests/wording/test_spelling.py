import pytest

from dictation.lexicon import rows
from tests.wording.dictating import written


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("Hemorrhage and edema.", "Haemorrhage and oedema."),
        ("Esophageal tumor in the center.", "Oesophageal tumour in the centre."),
        ("Ischemia, anemia.", "Ischaemia, anaemia."),
        ("A visualized fiber, gray.", "A visualised fibre, grey."),
    ],
)
def test_either_spelling_is_written_as_set(american, british):
    for said in (american, british):
        assert written(said) == american
        assert written(said, spelling="british") == british


def test_each_spelling_stands_once():
    for column in ("american", "british"):
        words = [row[column] for row in rows("spelling")]
        assert len(words) == len(set(words))
    assert not {row["american"] for row in rows("spelling")} & {row["british"] for row in rows("spelling")}
