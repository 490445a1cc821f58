"""Whatever a model answers within its schema: no dictated word is lost, none is added where the wording is kept."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.models.schema import violation
from dictation.report import Statement, load_template
from dictation.report.citing import Answers
from dictation.report.completing import completed
from dictation.report.faithful import faithful
from dictation.report.keeping import SaidWords
from dictation.report.own_words import counted
from tests.report.dictated import dictated

DICTATION = dictated(
    ("exam", "Chest X-ray."),
    (None, "Left pneumothorax and small left effusion."),
    (None, "No fracture."),
    (None, "5 mm nodule in the right upper lobe."),
    (None, "Cough for weeks."),
    ("impression", "Left pneumothorax."),
    ("impression", "No fracture."),
)
TEMPLATE = load_template("chest_xray")
ANSWERS = Answers(DICTATION, TEMPLATE)
IDS = [sentence.id for sentence in DICTATION.sentences]
TEXTS = [sentence.text for sentence in DICTATION.sentences]
PARTS = [
    "Left pneumothorax",
    "small left effusion.",
    "small right effusion.",
    "Fracture.",
    "Normal.",
    "No pneumothorax.",
]
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.sampled_from(ANSWERS.places),
            "evidence": st.lists(st.sampled_from(IDS), max_size=4),
            "text": st.one_of(
                st.sampled_from([*TEXTS, *PARTS, " "]),
                st.lists(st.sampled_from([*TEXTS, *PARTS]), max_size=3).map(lambda parts: " ".join(["and", *parts])),
                st.text(min_size=1, max_size=20),
            ),
        }
    ),
    min_size=1,
    max_size=12,
)


def report_of(items, style):
    assert violation({"statements": items}, ANSWERS.schema) == ""
    written, changed = faithful(ANSWERS.statements(items), DICTATION, style, TEMPLATE)
    return completed(written, DICTATION, why=dict.fromkeys(changed, "changed"), template=TEMPLATE)


@settings(max_examples=150, deadline=None)
@given(ITEMS, st.sampled_from(["keep", "polish"]))
def test_every_sentence_is_rested_on_in_its_own_section(items, style):
    report = report_of(items, style)
    stands = [s for s in report.statements if s.origin != "suggested"]
    assert {name for s in stands for name in s.evidence} == set(IDS)
    assert all(s.evidence for s in stands)
    sections = {name: s.section for s in stands for name in s.evidence}
    assert (sections["s1"], sections["s6"], sections["s7"]) == ("exam", "impression", "impression")
    assert all(sections[name] in ("findings", "impression") for name in ("s2", "s3", "s4"))


@settings(max_examples=150, deadline=None)
@given(ITEMS)
def test_where_the_wording_is_kept_the_words_of_the_report_are_those_of_the_dictation(items):
    wrote = counted(s.text for s in report_of(items, "keep").statements if s.origin != "suggested")
    spoken = counted(TEXTS)
    assert wrote == spoken


def test_what_is_said_once_more_does_not_stand():
    twice = ["Left effusion.", "No pneumothorax.", "No left effusion.", "Left effusion."]
    said, ids = dictated(*twice[:2]), ("s1", "s2")
    statements = [Statement(id=str(n), text=text, section="findings", evidence=ids) for n, text in enumerate(twice)]
    stand = SaidWords(said, "keep").kept(statements, ids)
    assert [(one.text, one.evidence) for one in stand] == [("Left effusion.", ("s1",)), ("No pneumothorax.", ("s2",))]
