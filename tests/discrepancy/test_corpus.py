r"""Heard and written, row by row (`corpus/*.tsv`): what is told, what is asked, and what stays silent.

`written` is a text as a program pastes it, "=" for the words of `heard`, or "report: " and a text that is read as a
report first. `order` and `facts` are JSON. `of` says which alerts are looked at, all of them where it is empty:
severities ("grave": critical or major; "minor+": minor or graver), kinds ("level|site"), "not" a kind, "edits" (those
that offer any), and at its end "says" with words of the explanation. `show` says what is printed of each, its severity
and kind where it is empty (`SHOWN` and `_shown`). Nothing at all is printed as "-".
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.discrepancy.report import Report as BenchmarkReport
from benchmarks.discrepancy.run_on import is_ambiguous
from benchmarks.discrepancy.spoken import spoken
from dictation.case import review_dictation
from dictation.discrepancy import SEVERITIES, Discrepancy, compare, identity
from dictation.discrepancy.amending import amendments
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.doubts import critical_words
from dictation.discrepancy.inference import BILLING_KINDS, DEFAULT_KINDS, inferences
from dictation.discrepancy.named_patient import other_patient
from dictation.discrepancy.priors import dates_in
from dictation.discrepancy.ranking import BUDGET, ranked, shortlist
from dictation.discrepancy.scores import scores_in
from dictation.discrepancy.sentence_edits import applied
from dictation.discrepancy.sided_places import sided_places
from dictation.discrepancy.within import within
from dictation.exam import ExamFacts, Order, Patient
from dictation.exchange.flags import flags
from dictation.findings import extract
from dictation.persons import same_name
from dictation.reading import Opinion, Reading
from dictation.report import ExtractiveWriter, Report, Statement, load_template, parse_report
from dictation.report.macros import macro_named
from dictation.speech import Alternative, Engine, Transcript, Word
from dictation.wording import Dictation, Sentence, typed, write
from tests.case.signed_case import case_of
from tests.corpus import corpus
from tests.wording.dictating import dictated, places
from tests.wording.pads import empty

Alerts = Sequence[Discrepancy]
GRAVE = ("critical", "major")
NONE = "-"
DENIAL_PUT_RIGHT = "does the denial or doubt hold"
PUT_BEHIND = "is that denied, or is it there"


@corpus(__file__)
def test_a_row_of_the_corpus(row):
    row.holds(globals())


def _mark(side: Any) -> str:
    low, high = side.differing
    return side.text[low - side.span[0] : high - side.span[0]]


SHOWN = {
    "": lambda one: f"{one.severity} {one.kind}",
    "kind": lambda one: one.kind,
    "severity": lambda one: one.severity,
    "explanation": lambda one: one.explanation,
    "suggestion": lambda one: one.suggestion,
    "severity suggestion": lambda one: f"{one.severity} {one.suggestion}",
    "severity heard": lambda one: f"{one.severity} {one.heard.text}",
    "heard": lambda one: one.heard.text,
    "written": lambda one: one.written.text,
    "against": lambda one: one.against.text,
    "text": lambda one: (one.heard or one.written).text,
    "pair": lambda one: f"{one.heard.text} > {one.written.text}",
    "offer": lambda one: f"{one.heard.text} > {one.suggestion}",
    "sides": lambda one: " ".join(name for name in ("heard", "written", "seen") if getattr(one, name)),
    "marks": lambda one: f"{_mark(one.heard)} > {_mark(one.written)}",
    "heard mark": lambda one: _mark(one.heard),
    "severity sides": lambda one: f"{one.severity} {SHOWN['sides'](one)}",
    "seen text": lambda one: one.seen.text,
    "seen finding": lambda one: one.seen.claim.finding,
    "severity seen": lambda one: f"{one.severity} {one.seen.claim.finding}",
}


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(texts) or NONE


def _of(alerts: Iterable[Discrepancy], of: str) -> list[Discrepancy]:
    names, _, phrase = of.partition("says ")
    found = [one for one in alerts if phrase in one.explanation]
    words = names.split()
    while words:
        word = words.pop(0)
        if word == "not":
            kind = words.pop(0)
            found = [one for one in found if one.kind != kind]
        elif word == "edits":
            found = [one for one in found if one.edits]
        elif word in ("grave", "minor+", *SEVERITIES):
            wanted = {"grave": GRAVE, "minor+": (*GRAVE, "minor")}.get(word, (word,))
            found = [one for one in found if one.severity in wanted]
        else:
            found = [one for one in found if one.kind in word.split("|")]
    return found


def _shown(alerts: Alerts, show: str = "") -> str:
    how, _, phrases = show.partition("says ")
    if show.startswith("first "):
        return _shown(alerts[:1], show.removeprefix("first "))
    if show.startswith("any order "):
        return _listed(sorted(_shown([one], show.removeprefix("any order ")) for one in alerts))
    if show == "some":
        return "yes" if alerts else "no"
    if show == "count":
        return str(len(alerts))
    if show == "kinds":
        return _listed(sorted({one.kind for one in alerts}))
    if show == "set":
        return _listed(sorted({f"{one.severity} {one.kind}" for one in alerts}))
    if show == "offers":
        return _listed(sorted({one.suggestion or ("edits" if one.edits else "nothing") for one in alerts}))
    if show == "is compared":
        return "compared"
    if show.startswith("lacks "):
        return _listed(
            show if show.removeprefix("lacks ") not in one.explanation else one.explanation for one in alerts
        )
    if phrases:
        texts = [one.written.text if how == "written " else one.explanation for one in alerts]
        wanted = [*phrases.split(" | "), *[phrases] * len(texts)]
        return _listed(phrase if phrase in text else text for phrase, text in zip(wanted, texts, strict=False))
    return _listed(SHOWN[show](one) for one in alerts)


def _order(order: str) -> Order | None:
    return Order.model_validate(json.loads(order)) if order else None


def _written(heard: str, written: str) -> Any:
    text = written.removeprefix("report: ")
    return heard if written == "=" else parse_report(text) if text != written else written


def compared(heard, written="=", of="", show="", order="") -> str:
    """What the comparison of a dictation and a report tells."""
    return _shown(_of(compare(heard, _written(heard, written), order=_order(order)), of), show)


def both_ways(heard, written, of="", show="") -> str:
    """The same whichever of the two was heard."""
    return _listed(sorted({compared(heard, written, of, show), compared(written, heard, of, show)}))


def corrected(heard, written, of="", show="") -> str:
    """What is told when the first suggestion was taken."""
    [alert] = _of(compare(heard, written), of)
    return compared(heard, applied(written, alert.edits), of, show)


def exchanged(heard, written, of="", show="") -> str:
    """Is it told, and what is told of either text beside itself?"""
    alone = [*compare(heard, heard), *compare(written, written)]
    told = "told" if _of(compare(heard, written), of) else "not told"
    return f"{told}; copied: {_shown(_of(alone, 'grave'), show)}"


def doubted(heard, written="=", of="", show="") -> str:
    """Which words are asked about, beside a report or alone."""
    return _shown(_of(critical_words(heard, _written(heard, written)), of), show)


def doubted_alone(exam, text) -> str:
    """Which words of a sentence are doubted, and what is meant by each."""
    alerts = critical_words(text, text, order=Order(procedure=exam) if exam else None)
    for one in alerts:
        assert one.severity in ("minor", "info") and one.kind == "critical_word"
        assert all(side and text[slice(*side.span)] == side.text for side in (one.heard, one.written))
    return _listed(f"{one.heard.text} > {one.suggestion or '?'}" for one in alerts)


def inferred(heard, written="=", of="", show="", order="", facts="", kinds="") -> str:
    """What an order, a header and the priors say against the texts."""
    header = ExamFacts.model_validate(json.loads(facts)) if facts else None
    asked = {"": DEFAULT_KINDS, "billing": BILLING_KINDS, f"not {kinds[4:]}": DEFAULT_KINDS - {kinds[4:]}}.get(
        kinds, {kinds}
    )
    columns = heard_column(heard), written_column(_written(heard, written))
    return _shown(_of(inferences(*columns, _order(order), header, kinds=asked), of), show)


# Addenda


def amended(signed, addendum, of="", show="") -> str:
    """What an addendum changes of the reports that were signed before it."""
    before, added = [case_of(text).report for text in signed.split(" || ")], case_of(addendum).report
    alerts = _of(amendments(before, added), of)
    for one in alerts:
        assert one.against and one.heard is None
        assert one.written.text == added.text[slice(*one.written.span)]
        assert one.against.text in {report.text[slice(*one.against.span)] for report in before}
    if show == "quotes":
        assert all(f"“{side.text}”" in one.explanation for one in alerts for side in (one.written, one.against))
    pairs = [(one, _mark(one.written), _mark(one.against)) for one in alerts if show in ("quotes", "marks")]
    if show == "marks":
        return _listed(f"{one.severity}: {new} > {old}" for one, new, old in pairs)
    if show == "quotes":
        return _listed(
            f"{one.kind}: {one.written.text} [{new}] > {one.against.text} [{old}]" for one, new, old in pairs
        )
    if show == "pair":
        return _listed(f"{one.written.text} > {one.against.text}" for one in alerts)
    return _shown(alerts, show)


def claimed(text) -> str:
    """Side, places, levels and sizes of the one claim of a sentence."""
    [claim] = extract(text)
    sizes = [size.raw for size in claim.measurements]
    return "; ".join(
        [claim.laterality or NONE, *(", ".join(found) or NONE for found in (claim.site, claim.level, sizes))]
    )


# Exams, orders and patients


def _exam(alerts: Alerts) -> str:
    return _shown(_of(alerts, "critical exam"))


def of_another_body(procedure, text) -> str:
    """The text beside an order for another part of the body, alone and compared."""
    order = Order(procedure=procedure)
    return _listed(sorted({_exam(within(text, order=order)), _exam(compare(text, text, order=order))}))


def exam_of_header(procedure, text) -> str:
    """The exam that an image header names beside the one that was ordered."""
    report = "FINDINGS: No acute abnormality. IMPRESSION: Normal."
    return _exam(compare(report, report, order=Order(procedure=procedure), facts=ExamFacts(procedure=text)))


def is_same_name(one, two) -> str:
    return "yes" if same_name(one, two) else "no"


def identified(one, two, show="") -> str:
    """An order and an image header."""
    return _shown(identity(Order.model_validate(json.loads(one)), ExamFacts.model_validate(json.loads(two))), show)


def alone(heard, of, show, order, facts) -> str:
    """What a text says against itself, an order and an image header, looked at alone and compared with itself."""
    beside = {"order": _order(order), "facts": ExamFacts.model_validate(json.loads(facts)) if facts else None}
    return _listed(
        dict.fromkeys(
            _shown(_of(found, of), show) for found in (within(heard, **beside), compare(heard, heard, **beside))
        )
    )


MIKE = Order(accession="A-77", patient_id="P-M1", name="MIKE, Michael", birth_date=date(1950, 4, 3))


def other_patient_named(header) -> str:
    """The fields in which the header of a text names another patient than MIKE; nothing of it is quoted."""
    text = f"{header}\nFINDINGS: The lungs are clear.\nIMPRESSION: Normal."
    alerts = other_patient(text, "report", MIKE, None)
    if alerts:
        image = ExamFacts(accession="A-77", patient=Patient(**MIKE.patient.model_dump()))
        [beside] = other_patient(text, "report", None, image)
        assert "than the image" in beside.explanation and _shown(alerts) == "critical patient"
    said = "The report names another patient or exam than the order: "
    return _listed(one.explanation.removeprefix(said).removesuffix(".") for one in alerts)


def template_told(template, procedure, modality) -> str:
    """What is said of a template beside an order."""
    said = typed("Findings: There is a small right effusion.")
    order = Order(procedure=procedure, modality=modality)
    case = review_dictation(said, writer=ExtractiveWriter(), order=order, template=load_template(template))
    told = _of(case.discrepancies, "says The template")
    is_named = all("another exam" in one.explanation and procedure in one.explanation for one in told)
    return _listed(f"{one.severity}: another exam, {'named' if is_named else 'not named'}" for one in told)


# One slip, one alert


def joined(heard, written, order) -> str:
    """One alert that shows both columns: what it says and offers."""
    [one] = compare(heard, written, order=_order(order))
    assert one.heard and one.written
    offers = " A suggestion." * bool(one.suggestion) + " Edits." * bool(one.edits)
    return f"{one.severity} {one.kind}: {one.explanation}{offers}"


def applied_suggestions(heard, written) -> str:
    """Each suggestion, applied: its alert is settled, no grave one is new, and the report reads well."""
    alerts = compare(heard, written)
    known = {one.id for one in alerts}
    for one in alerts:
        assert one.edits and one.suggestion, one.explanation
        report = applied(written, one.edits)
        again = compare(heard, report)
        assert one.id not in {other.id for other in again}
        assert [other.explanation for other in _of(again, "grave") if other.id not in known] == []
        assert not re.search(r"\b(\w+) \1\b", report)
        assert not re.search(r"\(\s*\)|\s[.,;]|  |[.!?] [a-z]|\ba 1?8\b|\ban [b-df-hj-np-tv-z]", report)
        assert re.match(r"(?:[A-Z]+:[ \n])?[A-Z0-9]", report) and "FINDINGS:\n" not in report
    return "settled" if alerts else NONE


def planted(sentence, kinds) -> str:
    """{said>written}: told of the sentence and of a whole report, both ways; and what is told of a faithful copy."""
    sides = []
    for number in (1, 2):
        text = re.sub(r"\{([^{}>]*)>([^{}>]*)\}", lambda slip: slip[number], sentence)  # noqa: B023
        text = " ".join(text.split()).replace(" .", ".")
        sides.append(text[0].upper() + text[1:])
    said, wrote = sides
    whole = "Findings: {} No ascites.\n\nImpression: {}".format
    pairs = [(said, wrote), (wrote, said)]
    pairs += [(whole(said, said), whole(wrote, said)), (whole(said, said), whole(said, wrote))]
    missed = [_shown(compare(*pair)) for pair in pairs if not _of(compare(*pair), kinds)]
    copies = [one for text in sides for one in _of(compare(text, text), "grave")]
    return f"{'; '.join(missed) or 'told'}; copies: {_shown(copies, 'kind')}"


def contradicted(heard) -> str:
    """What a text says against itself: one alert that quotes both sentences, and a flag that marks both sides."""
    own = _of(compare(heard, heard), "contradiction")
    assert [one.id for one in own] == [one.id for one in _of(compare(heard, heard), "contradiction")]
    for one in own:
        assert one.heard and one.written, "both columns hold it, so one card shows both"
        assert one.explanation.count("“") == 2 or "say BI-RADS" in one.explanation
        [flag] = [one for one in flags("r1", within(heard), None, written_column(heard)) if "contradiction" in one.kind]
        assert all(quote.marks for quote in flag.quotes)
    return _shown(own, "severity")


def flagged(heard) -> str:
    """The one flag of a text that is no hint: what it marks in each section."""
    [flag] = [one for one in flags("r1", within(heard), None, written_column(heard)) if one.severity != "minor"]
    marked = [f"{one.place} {one.text[start:end]}" for one in flag.quotes for start, end in one.marks]
    return f"{flag.kind}: {', '.join(marked)}"


def sided(heard, written) -> str:
    """What is told of sides beside the names of parts of the body."""
    return _shown(sided_places(heard_column(heard), written_column(parse_report(written)), []))


# Words that were not dictated

SPLEEN = ("The spleen is normal.", "dictated")


def _report(*texts: tuple[str, str]) -> Report:
    made = [
        Statement(id=f"r{n}", text=text, section="findings", origin=origin) for n, (text, origin) in enumerate(texts)
    ]
    return Report(findings=tuple(made))


def _dictation(*texts: tuple[str, str]) -> Dictation:
    made = [
        Sentence(id=f"s{n}", text=text, section="findings", origin=origin) for n, (text, origin) in enumerate(texts)
    ]
    return Dictation(sentences=tuple(made))


def undictated(origin, heard, written) -> str:
    """Text of an origin on one side, beside what was dictated on both; against what was dictated if both are given."""
    if not written:
        return _shown(compare(_dictation(SPLEEN, (heard, origin)), _report(SPLEEN)), "kind")
    said = _dictation(SPLEEN, *([(heard, "dictated")] if heard else []))
    return _shown(compare(said, _report(SPLEEN, (written, origin))), "kind")


def undictated_beside(origin, heard, written) -> str:
    """Text of an origin in a report that has the dictated sentence, too."""
    said = (heard, "dictated")
    return _shown(compare(_dictation(said), _report(said, (written, origin))), "kind")


def beside_normal_macro(heard) -> str:
    """What a finding and the macro of a normal chest film say against each other."""
    normal = macro_named("normal chest x-ray", Path("nowhere")).text
    found, summed = normal.removeprefix("Findings: ").split("Impression: ")
    texts = [("findings", "macro", f"{part.strip(' .')}.") for part in found.strip().split(". ")]
    texts = [*([("findings", "dictated", heard)] if heard else []), *texts, ("impression", "macro", summed.strip())]
    said, wrote = [], {"findings": [], "impression": []}
    for number, (section, origin, text) in enumerate(texts):
        given = {"text": text, "section": section, "origin": origin}
        said.append(Sentence(id=f"s{number}", **given))
        wrote[section].append(Statement(id=f"r{number}", evidence=(f"s{number}",), **given))
    alerts = compare(Dictation(sentences=tuple(said)), Report(**{name: tuple(part) for name, part in wrote.items()}))
    return _listed(f"{one.severity}: {one.explanation}" for one in _of(alerts, "contradiction"))


def seen_beside(text, opinion, show) -> str:
    """What a calibrated image reader adds to the alerts of a text, of which none is lost."""
    reader = Reading(reader="A", opinions=(Opinion(calibrated=True, **json.loads(opinion)),))
    found, alone = compare(text, text, [reader]), {one.id for one in compare(text, text)}
    assert alone <= {one.id for one in found}
    return _shown([one for one in found if one.id not in alone], show)


def read_beside(heard, written, readers, order, of, show) -> str:
    """What image readers say beside both texts; an alert of the texts keeps its id."""
    readings = [
        Reading(reader=name, opinions=tuple(Opinion(**opinion) for opinion in opinions))
        for name, opinions in json.loads(readers).items()
    ]
    text = _written(heard, written)
    found = compare(heard, text, readings, order=_order(order))
    assert {one.id for one in compare(heard, text, order=_order(order))} <= {one.id for one in found}
    return _shown(_of(found, of), show)


# Questions about dictated words


def doubted_by_ear(said, written="", spelling="", of="", show="") -> str:
    """What is asked where the recognizer itself doubted a word: left~0.55~right=0.42; the others are sure."""
    words = []
    for number, piece in enumerate(said.split()):
        text, *doubt = piece.split("~")
        others = [other.replace("_", " ").rpartition("=") for other in doubt[1:]]
        alternatives = tuple(
            Alternative(text=other.removeprefix("nothing"), probability=float(share), source="recognizer")
            for other, _, share in others
        )
        confidence = float(doubt[0]) if doubt else 0.99
        seconds = {"start_s": 0.5 * number, "end_s": 0.5 * number + 0.4}
        words.append(Word(text=text, confidence=confidence, alternatives=alternatives, **seconds))
    heard = Transcript(recording="r", words=tuple(words), engine=Engine(name="e"), duration_s=60)
    dictation = write([heard], spelling=spelling or "american")
    alerts = _of(critical_words(dictation, dictation.text if written == "=" else written), of)
    if show == "likely":
        return _listed(one.suggestion for one in alerts if one.probability)
    if show:
        return _shown(alerts, "" if show == "all" else show)
    for one in alerts:
        assert dictation.text[slice(*one.heard.span)] == one.heard.text
        assert one.suggestion in one.explanation and "Check this word." in one.explanation
        assert "%" not in one.explanation  # how likely it is orders the alerts, and is not read on them
    return _listed(
        f"{one.severity} {one.heard.text} > {one.suggestion}, {one.probability:.0%}, {one.audio_span_s[0]} to "
        f"{one.audio_span_s[1]} s" for one in alerts
    )  # fmt: skip


def _critical(dictation: Dictation) -> list[Discrepancy]:
    return _of(critical_words(dictation, dictation.text), "critical")


def critical_dictated(heard) -> str:
    return _shown(_critical(dictated(heard)))


def critical_typed(heard) -> str:
    """As text, and as text that was typed in."""
    return _listed(sorted({doubted(heard, of="critical"), _shown(_critical(typed(heard)))}))


def lone_no(heard) -> str:
    """What is asked of a "no" before a full stop; nothing is taken back."""
    dictation = dictated(heard)
    assert dictation.retracted == () and dictation.text.lower().count("no.") == 1
    return _shown(_critical(dictation), "heard")


def denial_put_right(heard) -> str:
    """A correction between a denial and its contrary, dictated, typed, written: a critical alert quotes the words."""
    dictation, found = dictated(heard), set()
    pairs = (dictation, dictation.text), (dictation, ""), (dictation.text, dictation.text), ("", dictation.text)
    for said, written in pairs:
        [one] = _of(critical_words(said, written), f"says {DENIAL_PUT_RIGHT}")
        before, after = re.search("“(.*?)”, then “(.*?)”", one.explanation).groups()
        assert (one.heard if said else one.written).text == after and (one.severity == "critical" or not said)
        found.add(f"{before} > {after}")
    return _listed(sorted(found))


def which_of_two(heard) -> str:
    [one] = _critical(dictated(heard))
    before, after = re.match("“(.*?)”, then “(.*?)”: which of the two is right[?]", one.explanation).groups()
    assert one.heard.text == after
    return f"{before} > {after}"


def contradicting_correction(heard) -> str:
    """The one critical alert, compared as dictated and as text and looked at alone; it quotes the correction."""
    dictation = dictated(heard)
    found = [_of(alerts, "critical") for alerts in (
        compare(dictation, dictation.text), compare(heard, heard), within(heard)
    )]  # fmt: skip
    assert all("”, then “" in one.explanation for alerts in found for one in alerts)
    return _listed(sorted({_shown(alerts) for alerts in found}))


def put_behind_a_denial(heard) -> str:
    """Another finding that took the place of one behind a denial: both readings are quoted."""
    dictation = dictated(heard)
    [one] = _of(critical_words(dictation, dictation.text), f"says {PUT_BEHIND}")
    assert one.severity == "critical" and dictation.text[slice(*one.heard.span)] == one.heard.text
    return "{} was written as {}: ".format(*re.match("(“.*?”) was written as (“.*?”): ", one.explanation).groups())


def obeyed_beside_a_denial(heard) -> str:
    """A correction that was obeyed: is the denial beside it asked about?"""
    dictation = dictated(heard)
    assert dictation.retracted
    alerts = critical_words(dictation, dictation.text)
    return _shown([*_of(alerts, f"says {PUT_BEHIND}"), *_of(alerts, f"says {DENIAL_PUT_RIGHT}")])


def not_plain(heard) -> str:
    dictation = dictated(heard)
    assert not dictation.retracted
    return _shown(_critical(dictation), "says Write what was meant.")


def live_command_not_obeyed(heard) -> str:
    """The words of a command that takes back and stands in a live dictation."""
    pad = empty().dictated(0, [Word(text=word) for word in heard.split()], 0, is_live=True)
    alerts = _of(critical_words(pad.dictation, pad.text), "says was not obeyed")
    for one in alerts:
        assert not pad.retracted and one.severity == "critical" and one.heard.text == one.written.text
    return _shown(alerts, "heard").lower()


def obeyed(heard) -> str:
    """What stands of a correction that was obeyed; the same words are asked about where they were typed."""
    dictation = dictated(heard)
    assert len(dictation.retracted) == 1 and places(dictation) == list(range(len(heard.split())))
    assert _critical(dictation) == [] and _critical(typed(heard))
    return dictation.text.rstrip(".")


def obeyed_or_asked(heard) -> str:
    """What is asked of words that may put something right, typed and (of one take) dictated, unless it was obeyed."""
    columns = [typed(heard), *([dictated(heard)] if "\n" not in heard else [])]
    asked = {_shown(_critical(one), "says Write what was meant.") for one in columns if not one.retracted}
    return _listed(sorted(asked))


def left_as_said(heard) -> str:
    """Words that only look like a correction: they stand, dictated and typed, and nothing is asked."""
    for column, shown in ((dictated(heard), re.sub(" uh,?", "", heard)), (typed(heard), heard)):
        assert column.text.rstrip(".") == shown.rstrip(".") and not column.retracted
        assert _critical(column) == []
    return NONE


def said_again(heard) -> str:
    return _shown(_critical(typed(heard)), "says said again")


# What is read in a text, and the benchmark's


def scores(text) -> str:
    return _listed(f"{score.name} {score.value}" for score in scores_in(text, 0, len(text)))


def dates(text) -> str:
    return _listed(str(found) for found in dates_in(text, 0, len(text)))


def said_by_the_benchmark(text) -> str:
    return spoken(text).text


def ambiguous_run_on(text) -> str:
    findings = tuple(text.split(" | "))
    report = BenchmarkReport("one", "invented", "chest x-ray", findings, ("Nothing acute.",))
    return "yes" if is_ambiguous(report, findings) else "no"


# What interrupts


def _ranked(alerts: str, precisions: str) -> tuple[list[Discrepancy], dict[tuple[str, str], float] | None]:
    made = []
    for text in alerts.split(" / "):
        name, severity, kind, *chance = text.split()
        given = {"severity": severity, "probability": float(chance[0]) if chance else None}
        made.append(Discrepancy(id=name, kind=kind, explanation="They differ.", **given))
    shares = (share.split() for share in precisions.split(" / ") if share)
    return made, {(kind, severity): float(share) for severity, kind, share in shares} or None


def shortlisted(alerts, precisions, budget, decided) -> str:
    """Shown | folded | what is said of that."""
    made, known = _ranked(alerts, precisions)
    found = shortlist(made, decided=set(decided.split()), precisions=known, budget=int(budget or BUDGET))
    parts = [" ".join(one.id for one in part) or NONE for part in (found.shown, found.folded)]
    return " | ".join([*parts, *found.notes])


def in_order(alerts, precisions, budget, decided) -> str:
    return " ".join(one.id for one in ranked(*_ranked(alerts, precisions)))
