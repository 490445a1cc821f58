"""Heard and written side by side."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.report import ExtractiveWriter, Report, Statement, align_rows, load_template, parse_report
from tests.report.dictated import dictated

CHEST = dictated(
    "Chest x-ray.", "Lungs clear.", "Small left effusion.", "Heart normal.", ("impression", "Small left effusion.")
)


def shown(rows):
    return [(row.section, row.organ, row.sentence_ids, row.statement_ids) for row in rows]


def test_a_sentence_that_a_writer_left_out_still_has_its_row():
    kept = ExtractiveWriter().write(CHEST)
    without = kept.model_copy(update={"findings": kept.findings[1:]})
    assert ("findings", "Lungs", ("s2",), ()) in shown(align_rows(CHEST, without))


def test_a_sentence_cited_twice_stands_in_both_rows_and_a_suggestion_in_none():
    report = Report(
        findings=(Statement(id="r1", text="Effusion.", section="findings", organ="Pleura", evidence=("s3",)),),
        impression=(
            Statement(id="r2", text="Effusion.", section="impression", evidence=("s3", "s5")),
            Statement(id="r3", text="Follow up.", section="impression", origin="suggested"),
        ),
    )
    rows = shown(align_rows(CHEST, report, load_template("chest_xray")))
    assert ("findings", "Pleura", ("s3",), ("r1",)) in rows
    assert ("impression", None, ("s3", "s5"), ("r2",)) in rows


TEXTS = st.sampled_from(["Lungs clear.", "No effusion.", "In summary, normal.", "CT chest.", "Eh.", "Liver normal."])


@settings(deadline=None)
@given(st.lists(TEXTS), st.lists(TEXTS, min_size=1))
def test_everything_heard_and_written_stands_in_exactly_one_row(heard, written):
    dictation = dictated(*heard)
    for report in (ExtractiveWriter().write(dictation), parse_report("\n".join(written))):
        rows = align_rows(dictation, report)
        assert sorted(i for row in rows for i in row.sentence_ids) == sorted(s.id for s in dictation.sentences)
        assert sorted(i for row in rows for i in row.statement_ids) == sorted(s.id for s in report.statements)
        assert len({(row.section, row.organ) for row in rows}) == len(rows)
