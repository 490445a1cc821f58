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


def test_our_own_report_by_its_evidence():
    report = ExtractiveWriter().write(CHEST)
    assert shown(align_rows(CHEST, report)) == [
        ("exam", None, ("s1",), ("r1",)),
        ("findings", "Lungs", ("s2",), ("r2",)),
        ("findings", "Pleura", ("s3",), ("r3",)),
        ("findings", "Heart and mediastinum", ("s4",), ("r4",)),
        ("impression", None, ("s5",), ("r5",)),
    ]


def test_a_report_of_somebody_else_by_section_and_organ_in_its_own_order():
    report = parse_report("EXAM: Chest X-ray\nFINDINGS:\nHeart: Normal.\nPleura: Small right effusion.\nBones: Intact.")
    assert shown(align_rows(CHEST, report)) == [
        ("exam", None, ("s1",), ("r1",)),
        ("findings", "Lungs", ("s2",), ()),
        ("findings", "Heart", ("s4",), ("r2",)),
        ("findings", "Pleura", ("s3",), ("r3",)),
        ("findings", "Bones", (), ("r4",)),
        ("impression", None, ("s5",), ()),
    ]


def test_where_the_report_splits_an_organ_the_sentence_stands_beside_the_part_it_names():
    dictation = dictated("Mediastinum normal.", "Heart normal.", "Pulmonary embolism.")
    report = parse_report("FINDINGS:\nHeart: Normal.\nMediastinum: Normal.", load_template("chest_xray"))
    assert shown(align_rows(dictation, report, load_template("chest_xray"))) == [
        ("findings", "Heart", ("s2", "s3"), ("r1",)),
        ("findings", "Mediastinum", ("s1",), ("r2",)),
    ]


def test_two_organs_under_one_heading_stand_beside_it():
    report = parse_report("FINDINGS:\nLungs and pleura: Clear, no effusion.", load_template("chest_xray"))
    rows = shown(align_rows(CHEST, report, load_template("chest_xray")))
    assert ("findings", "Lungs and pleura", ("s2", "s3"), ("r1",)) in rows


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
