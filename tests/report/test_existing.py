"""Reports written elsewhere are taken in whole."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.errors import InputError
from dictation.report import ExtractiveWriter, load_report, parse_report
from dictation.unseen import seen
from dictation.wording import typed
from dictation.wording.typed import LONGEST_TEXT
from tests.report.dictated import dictated

TEXT = """CHEST X-RAY, PA AND LATERAL

CLINICAL INDICATION: Cough.
COMPARISON: None.

FINDINGS:
Pleura: Small right pleural effusion. No pneumothorax.
Lungs: Otherwise clear.
Right lower lobe: 5 mm nodule.
Heart: Normal in size.

IMPRESSION:
1. Small right pleural effusion.
2. 5 mm nodule.
"""


def test_it_rests_on_no_dictated_sentence():
    assert {(s.origin, s.evidence) for s in parse_report(TEXT).statements} == {("dictated", ())}


def test_the_canonical_text_reads_back_as_itself():
    for report in (parse_report(TEXT), ExtractiveWriter().write(dictated("Lungs clear.", "Unchanged."))):
        assert parse_report(report.text).text == report.text


WORDS = st.lists(
    st.sampled_from(["no", "left", "effusion", "5", "mm", "the", "lung", "1.5", "Dr.", "T8-T9"]), min_size=1
)
SENTENCE = st.builds(lambda words, end: " ".join(words).capitalize() + end, WORDS, st.sampled_from([".", "?", ""]))
HEADS = [
    "",
    "FINDINGS: ",
    "Impression:\n",
    "Lungs: ",
    "Right lower lobe: ",
    "1. ",
    "2) ",
    "- ",
    "TECHNIQUE: ",
    "Note: ",
]
LINES = st.lists(st.tuples(st.sampled_from(HEADS), SENTENCE, st.sampled_from(["\n", " ", "\n\n", "\r\n"])), min_size=1)


@settings(deadline=None)
@given(LINES)
def test_every_sentence_of_the_text_is_in_the_report(lines):
    text = "".join(head + sentence + end for head, sentence, end in lines)
    squeezed = re.sub(r"\s+", " ", " ".join(s.text for s in parse_report(text).statements))
    for sentence in typed(seen(text)).sentences:
        bare = re.sub(r"^(\(?\d{1,2}[.)]\s+|[-*]\s+)?(Lungs:\s*)?", "", sentence.text)
        assert bare in squeezed


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_report_with_all_its_words_or_is_called_empty(text):
    try:
        report = parse_report(text)
    except InputError:
        assert not typed(seen(text)).sentences
        return
    kept = "".join(s.text for s in report.statements)
    for sentence in typed(seen(text)).sentences:
        if ":" not in sentence.text and not re.match(r"\(?\d{1,2}[.)]\s|[-*\u2022]\s", sentence.text):
            assert sentence.text in kept


def test_a_text_file_and_a_json_file(tmp_path):
    report = parse_report(TEXT)
    (tmp_path / "r.txt").write_text(TEXT, encoding="utf-8-sig")
    (tmp_path / "r.json").write_text(report.model_dump_json(), encoding="utf-8")
    (tmp_path / "case.json").write_text(
        json.dumps({"path": "a.wav", "report": json.loads(report.model_dump_json()), "schema_version": 1}),
        encoding="utf-8",
    )
    assert load_report(tmp_path / "r.txt") == load_report(tmp_path / "r.json") == load_report(tmp_path / "case.json")


@pytest.mark.parametrize(
    "name, content, why",
    [
        ("r.txt", b"", "holds no text"),
        ("r.txt", b" \n\n", "holds no text"),
        ("r.txt", b"caf\xe9", "is not UTF-8 text"),
        ("r.txt", b"{\\rtf1 x}", "is no plain text"),
        ("r.txt", b"PK\x03\x04\x00\x00", "is no plain text"),
        ("r.json", b"{", "is not valid JSON"),
        ("r.json", b'{"finding": []}', "'finding' is not known"),
        ("r.json", b'{"findings": [{"id": "r1", "text": "x", "section": "exam"}]}', "states another section"),
        (
            "r.json",
            b'{"exam": [{"id": "r1", "text": "x", "section": "exam"}, {"id": "r1", "text": "y", "section": "exam"}]}',
            "same id",
        ),
    ],
)
def test_a_file_that_holds_no_report_is_named(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        load_report(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))
    assert why in str(error.value)


FULL = "Lungs are clear. " * (LONGEST_TEXT // len("Lungs are clear. "))
FULL += "x" * (LONGEST_TEXT - len(FULL))


def test_a_report_as_long_as_a_text_may_be_is_read_and_one_letter_more_is_refused():
    assert "Lungs are clear." in parse_report(FULL).text
    with pytest.raises(InputError, match=r"^The report to check has 40,001 characters, at most 40,000 are read;"):
        parse_report(FULL + "x")
