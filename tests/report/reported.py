"""A dictation in a report of the rules, of which no word is lost."""

from dictation.case import review_dictation
from dictation.report import ExtractiveWriter, Report, load_template
from dictation.wording import typed


def reported(template: str, text: str) -> Report:
    said = typed(text)
    report = review_dictation(said, writer=ExtractiveWriter(), template=load_template(template)).report
    wrote, spoken = (one.text for one in report.statements if one.evidence), (one.text for one in said.sentences)
    assert sorted(" ".join(wrote).lower().split()) == sorted(" ".join(spoken).lower().split()), "every word, once"
    return report
