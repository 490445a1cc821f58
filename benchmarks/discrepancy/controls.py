"""Clean controls: pairs of texts that say the same, from a plain copy to a thorough rewrite.

A card on any of them is a false flag. "human report" is the exception: the pair is a whole report beside itself, so
what is flagged there is what the report says against itself, which is now and then a true error of its author.
"""

import random
import re
from collections.abc import Callable

from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.report import Report, lay_out
from benchmarks.discrepancy.rewriting import other_unit, reworded, spelled_out
from benchmarks.discrepancy.run_on import is_ambiguous, run_on
from benchmarks.discrepancy.sexes import with_patient
from benchmarks.discrepancy.vocabulary import is_abnormal

_SELF_STANDING = (
    r"(?:(?:focal |airspace |lobar )*consolidation|(?:large |definite )?pneumothorax|(?:large )?pleural effusions?|"
    r"(?:pulmonary )edema|pneumonia|hydronephrosis|(?:acute )?fracture|dislocation|hydrocephalus|midline shift|ascites|"
    r"(?:\w+ )?lymphadenopathy|free air|free fluid|cardiomegaly)"
)
_LIST = re.compile(
    rf"^(?P<lead>No |There is no )(?P<first>{_SELF_STANDING})(?:, (?P<more>{_SELF_STANDING}))?,? "
    rf"(?:or|and) (?P<last>{_SELF_STANDING})\.$",
    re.IGNORECASE,
)
_ONE = re.compile(rf"^(?:No |There is no )(?P<item>{_SELF_STANDING})\.$", re.IGNORECASE)

Pair = tuple[str, str]
Sentences = tuple[str, ...]


def _text(findings: Sentences, impression: Sentences) -> str:
    return lay_out(findings + impression, len(findings)).text


def verbatim(report: Report, chance: random.Random) -> Pair:
    """The findings beside themselves."""
    text = _text(report.findings, ())
    return text, text


def human_report(report: Report, chance: random.Random) -> Pair:
    """The whole report beside itself."""
    return report.text, report.text


def reordered(report: Report, chance: random.Random) -> Pair:
    """Findings in another order."""
    return report.text, _text(_shuffled(report.findings, chance), report.impression)


def without_headings(report: Report, chance: random.Random) -> Pair:
    """One plain text, as a dictation often is, beside the report with its headings."""
    return " ".join(report.sentences), report.text


def joined_and_split(report: Report, chance: random.Random) -> Pair:
    """Every other pair of sentences joined by a semicolon; clauses behind ", and the" on their own."""
    split = [part for sentence in report.findings for part in _clauses(sentence)]
    joined: list[str] = []
    for number, sentence in enumerate(split):
        if joined and number % 4 == 1:
            joined[-1] = joined[-1].rstrip(". ") + "; " + _lowered(sentence)
        else:
            joined.append(sentence)
    return report.text, _text(tuple(joined), report.impression)


def lists(report: Report, chance: random.Random) -> Pair:
    """ "No A or B" as two sentences; "No A." and "No B." as one."""
    changed: list[str] = []
    for sentence in report.findings:
        listing, single = _LIST.match(sentence), _ONE.match(sentence)
        before = _ONE.match(changed[-1]) if changed else None
        if listing:
            changed += [f"No {_lowered(listing[name])}." for name in ("first", "more", "last") if listing[name]]
        elif single and before:
            changed[-1] = f"No {_lowered(before['item'])} or {_lowered(single['item'])}."
        else:
            changed.append(sentence)
    return report.text, _text(tuple(changed), report.impression)


def light(report: Report, chance: random.Random) -> Pair:
    """Another order and other common wordings."""
    findings, impression = _each(report, lambda s: reworded(s, "light", chance))
    return report.text, _text(_shuffled(findings, chance), impression)


def spelling(report: Report, chance: random.Random) -> Pair:
    """Abbreviations, British spelling, sizes in words."""
    findings, impression = _each(report, lambda s: spelled_out(reworded(s, "spelling", chance, 1.0)))
    return report.text, _text(findings, impression)


def units(report: Report, chance: random.Random) -> Pair:
    """Millimetres as centimetres and the reverse."""
    return report.text, _text(*_each(report, other_unit))


def restated(report: Report, chance: random.Random) -> Pair:
    """An abnormal finding said again in the impression."""
    short = [s for s in report.findings if is_abnormal(s) and len(s.split()) <= 14]
    return report.text, _text(report.findings, report.impression + tuple(short[:1]))


def filler(report: Report, chance: random.Random) -> Pair:
    """Harmless detail: "on this examination" behind short denials."""
    findings, impression = _each(report, lambda s: re.sub(r"^(No (?:\w+ ){1,4}\w+)\.$", r"\1 on this examination.", s))
    return report.text, _text(findings, impression)


def strong(report: Report, chance: random.Random) -> Pair:
    """All of it: order, words, spelling, form of sentences, units, lists as bullets, a finding said again."""

    def said(sentence: str) -> str:
        for strength in ("strong", "light", "spelling"):
            sentence = reworded(sentence, strength, chance, 0.8)
        return spelled_out(sentence) if chance.random() < 0.5 else other_unit(sentence)

    findings, impression = _each(report, said)
    short = [s for s in findings if is_abnormal(s) and len(s.split()) <= 14]
    lines = "\n".join(f"- {sentence}" for sentence in _shuffled(findings, chance))
    closing = " ".join(impression + tuple(short[:1]))
    return report.text, f"FINDINGS:\n{lines}" + (f"\n\nIMPRESSION: {closing}" if closing else "")


def said_without_marks(report: Report, chance: random.Random) -> Pair:
    """What a recognizer without punctuation gives, beside the report."""
    return run_on(report, report.sentences).text, report.text


def without_commas(report: Report, chance: random.Random) -> Pair:
    """A dictation that has full stops and no commas, beside the report."""
    return re.sub(r",(?= )", "", report.text), report.text


RUN_ON_CONTROLS = ("run-on", "run-on, ambiguous")
WITHOUT_MARKS = ("commas lost", *RUN_ON_CONTROLS)
"""No rewrites: the same words without their marks, the ambiguous ones not to be understood by words alone. Apart in all
sums over rewrites."""

CONTROLS: dict[str, Callable[[Report, random.Random], Pair]] = {
    "verbatim": verbatim,
    "human report": human_report,
    "order agrees": human_report,
    "reordered": reordered,
    "without headings": without_headings,
    "joined and split": joined_and_split,
    "lists": lists,
    "other unit": units,
    "light": light,
    "spelling": spelling,
    "restated": restated,
    "filler": filler,
    "strong": strong,
    "commas lost": without_commas,
    "run-on": said_without_marks,
    "run-on, ambiguous": said_without_marks,
}


def clean_case(control: str, report: Report, seed: int) -> Case:
    """One report under one control."""
    order: tuple[tuple[str, str], ...] = ()
    if control == "order agrees":
        report, sex = with_patient(report, seed)
        order = (("sex", sex),)
    heard, written = CONTROLS[control](report, random.Random(f"{seed}/{control}/{report.id}"))
    id = f"clean/{control}/{report.id}"
    return Case(id, f"clean: {control}", report.origin, report.id, control, heard, written, heard, order=order)


def fits(control: str, report: Report, seed: int) -> bool:
    """Whether a control has something to show in this report: a rewrite must change it, a run-on be what it says."""
    if control in RUN_ON_CONTROLS:
        return is_ambiguous(report, report.sentences) is (control == "run-on, ambiguous")
    case = clean_case(control, report, seed)
    return control in ("verbatim", "human report", "order agrees") or case.heard != case.written


def _each(report: Report, change: Callable[[str], str]) -> tuple[Sentences, Sentences]:
    return tuple(map(change, report.findings)), tuple(map(change, report.impression))


def _shuffled(sentences: Sentences, chance: random.Random) -> Sentences:
    return tuple(chance.sample(sentences, len(sentences)))


def _clauses(sentence: str) -> list[str]:
    parts = re.split(r", and (?=(?:the|there) \w+)", sentence)
    whole = [part if part.endswith((".", "?", "!")) else part + "." for part in parts]
    return [part[:1].upper() + part[1:] for part in whole]


def _lowered(sentence: str) -> str:
    first = sentence.split(" ", 1)[0]
    return sentence if first.isupper() and len(first) > 1 else sentence[:1].lower() + sentence[1:]
