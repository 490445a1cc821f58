"""Reports written elsewhere are taken in whole."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.discrepancy import compare
from dictation.errors import InputError
from dictation.report import ExtractiveWriter, load_report, load_template, parse_report
from dictation.wording import typed
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


def found(report):
    return [(s.section, s.organ, s.text) for s in report.statements]


def test_a_pasted_report_keeps_its_sections_and_organs():
    assert found(parse_report(TEXT)) == [
        ("exam", None, "CHEST X-RAY, PA AND LATERAL"),
        ("indication", None, "Cough."),
        ("comparison", None, "None."),
        ("findings", "Pleura", "Small right pleural effusion."),
        ("findings", "Pleura", "No pneumothorax."),
        ("findings", "Lungs", "Otherwise clear."),
        ("findings", "Lungs", "Right lower lobe: 5 mm nodule."),
        ("findings", "Heart", "Normal in size."),
        ("impression", None, "Small right pleural effusion."),
        ("impression", None, "5 mm nodule."),
    ]


def test_it_rests_on_no_dictated_sentence():
    assert {(s.origin, s.evidence) for s in parse_report(TEXT).statements} == {("dictated", ())}


def test_a_report_without_headings_is_sorted_like_a_dictation():
    report = parse_report("Lungs clear. Small left pleural effusion. Impression: Effusion.")
    assert found(report)[1:] == [
        ("findings", "Pleura", "Small left pleural effusion."),
        ("impression", None, "Effusion."),
    ]


def test_the_organs_stand_in_the_order_of_the_text_and_once_each():
    report = parse_report("FINDINGS: Heart normal. Lungs clear. Aorta tortuous.", load_template("chest_xray"))
    assert [s.text for s in report.findings] == ["Heart normal.", "Aorta tortuous.", "Lungs clear."]


def test_an_organ_on_a_line_of_its_own_heads_the_lines_below():
    report = parse_report("FINDINGS:\nLungs:\nClear.\nNothing focal.\n\nUnremarkable.", load_template("chest_xray"))
    assert [(s.organ, s.text) for s in report.findings] == [
        ("Lungs", "Clear."),
        ("Lungs", "Nothing focal."),
        ("Other", "Unremarkable."),
    ]


def test_the_heading_of_a_line_decides_where_its_words_could_mean_another_organ():
    """ "Heart: no effusion" is a pericardial one; under the pleura it would say something else."""
    report = parse_report("FINDINGS:\nHeart: No effusion.\nLungs: Clear. No pleural effusion.\nRibs intact.")
    assert [(s.organ, s.text) for s in report.findings] == [
        ("Heart", "No effusion."),
        ("Lungs", "Clear."),
        ("Lungs", "No pleural effusion."),
        ("Bones and soft tissues", "Ribs intact."),
    ]


@pytest.mark.parametrize(
    "written, organ",
    [
        ("LUNGS AND PLEURA", "Lungs and pleura"),
        ("Lungs/Pleura", "Lungs/Pleura"),
        ("Pulmonary parenchyma", "Pulmonary parenchyma"),
        ("HEART AND MEDIASTINUM", "Heart and mediastinum"),
        ("Brain", "Brain"),
    ],
)
def test_an_organ_keeps_the_name_that_the_report_gives_it(written, organ):
    report = parse_report(f"FINDINGS:\n{written}: Clear.", load_template("chest_xray"))
    assert found(report) == [("findings", organ, "Clear.")]


@pytest.mark.parametrize("prefix", ["Right lower lobe", "Left lung", "T8", "Note", "Addendum"])
def test_a_place_or_a_note_before_a_colon_stays_in_the_sentence(prefix):
    report = parse_report(f"FINDINGS:\n{prefix}: 5 mm nodule.")
    assert report.findings[0].text == f"{prefix}: 5 mm nodule."


def test_a_number_that_is_no_list_number_stays():
    report = parse_report("IMPRESSION:\n2. 5 cm mass.\n1) 4 cm cyst.\n- 3 cm node.")
    assert [s.text for s in report.impression] == ["2. 5 cm mass.", "4 cm cyst.", "3 cm node."]


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
    for sentence in typed(text).sentences:
        bare = re.sub(r"^(\(?\d{1,2}[.)]\s+|[-*]\s+)?(Lungs:\s*)?", "", sentence.text)
        assert bare in squeezed


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_report_with_all_its_words_or_is_called_empty(text):
    try:
        report = parse_report(text)
    except InputError:
        assert not typed(text).sentences
        return
    kept = "".join(s.text for s in report.statements)
    for sentence in typed(text).sentences:
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


def test_an_empty_report_is_called_so():
    with pytest.raises(InputError, match="is empty"):
        parse_report("  \n ")


@pytest.mark.parametrize(
    "line",
    [
        "Right kidney: 11 cm. Moderate hydronephrosis. No stone. Left kidney: 10.8 cm. No hydronephrosis. 4 mm stone.",
        "Right knee: No fracture. Small effusion. Left knee: Normal. No effusion.",
        "RIGHT: Testis measures 4.2 cm. Small hydrocele. LEFT: Testis 4.1 cm. No hydrocele.",
    ],
)
def test_what_stands_behind_a_label_with_a_side_stays_behind_it(line):
    report = parse_report(f"FINDINGS: {line}\nIMPRESSION: As above.")
    assert line in report.text
    assert not [one for one in compare(f"Findings: {line} Impression: As above.", report) if one.severity == "critical"]
