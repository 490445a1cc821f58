"""The writer without a model: dictated sentences sorted into sections and organs, every word as it was said.

Nothing is added but what the order and the image header state (origin `order`) where the dictation is silent, and the
normal sentences of a template that the radiologist chose for them (origin `template`), which give way to whatever may
speak against them. Who the patient is never enters the text but in dictated words.
"""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from threading import Event

from dictation.errors import WRITING_CANCELLED, Cancelled
from dictation.exam import ExamFacts, Order
from dictation.findings.exam_match import facts_of_exam
from dictation.imaging import Study
from dictation.report.anonymous import Identity, redacted, says_more
from dictation.report.normals import normal_sections, normals
from dictation.report.place import places
from dictation.report.report import SECTIONS, Origin, Report, Section, Statement
from dictation.report.template import Template, choose_template
from dictation.report.writer import Correction, Style, Told
from dictation.speech import Engine
from dictation.wording import Dictation, Sentence

Draft = tuple[Section, str | None, str, tuple[str, ...], Origin]  # section, organ, text, evidence, origin


class ExtractiveWriter:
    """Sorts a dictation by rules. `template`: the one the radiologist chose; None: chosen by order, header, exam."""

    def __init__(self, template: Template | None = None) -> None:
        self._template = template

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        try:
            own = version("radiology-dictation")
        except PackageNotFoundError:  # run from a source tree that was never installed
            own = "source"
        settings = {"template": self._template.name if self._template else "auto"}
        return Engine(name="extractive", model="rules", settings=settings, versions={"radiology-dictation": own})

    @property
    def rewords(self) -> bool:
        """False: every word stays."""
        return False

    def prepare(self, study: Study | None, order: Order | None = None, cancel: Event | None = None) -> None:
        """Do nothing: rules need no image."""

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        study: Study | None = None,
        template: Template | None = None,
        style: Style = "keep",
        corrections: Sequence[Correction] = (),
        cancel: Event | None = None,
        told: Told | None = None,
    ) -> Report:
        """Return the report. Every dictated sentence is the evidence of exactly one statement, whatever the style.

        With `corrections` it holds their sentences only. Raises Cancelled when `cancel` is set.
        """
        if cancel is not None and cancel.is_set():
            raise Cancelled(WRITING_CANCELLED)
        chosen = template or self._template
        used = chosen or template_for(dictation, order, study)
        drafts = _dictated(dictation, used)
        if corrections:
            wanted = {name for correction in corrections for name in correction.sentences}
            drafts = [draft for draft in drafts if not wanted.isdisjoint(draft[3])]
        else:
            drafts += _undictated(dictation, drafts, order, study, chosen)
        report = _report(drafts, used)
        if told is not None:
            for statement in report.statements:
                told(statement)
        return report


def template_for(dictation: Dictation, order: Order | None = None, study: Study | None = None) -> Template:
    """Return the template that fits an exam where nobody chose one."""
    facts = study.facts if study is not None else None
    generic = choose_template()
    where = places(dictation.sentences, generic)
    said = [s.text for s in dictation.sentences if where[s.id].section in ("exam", "technique")]
    return choose_template(order, facts, " ".join(said))


def _dictated(dictation: Dictation, template: Template) -> list[Draft]:
    where = places(dictation.sentences, template)
    return [_draft(sentence, where[sentence.id].section, where[sentence.id].organ) for sentence in dictation.sentences]


def _draft(sentence: Sentence, section: Section, organ: str | None) -> Draft:
    return section, organ, sentence.text, (sentence.id,), sentence.origin


def _undictated(
    dictation: Dictation, drafts: list[Draft], order: Order | None, study: Study | None, chosen: Template | None
) -> list[Draft]:
    """Return what order and header say of silent sections, and the normals of a chosen template."""
    said = {section for section, *_ in drafts}
    stated = _stated(order or Order(), study.facts if study is not None else ExamFacts())
    added: list[Draft] = [
        (section, None, text, (), "order") for section, text in stated.items() if section not in said and text
    ]
    if chosen is not None:
        spoken = {organ for _, organ, *_ in (*drafts, *added)}
        normal = normals(dictation, chosen, spoken)
        added += [("findings", organ.heading, organ.normal, (), "template") for organ in normal]
        sections = {section for section, *_ in (*drafts, *(one for one in added if one[4] == "order"))}
        texts = normal_sections(dictation, chosen, sections)
        added += [(section, None, text, (), "template") for section, text in texts.items()]
    return added


def _stated(order: Order, facts: ExamFacts) -> dict[Section, str]:
    """Return what order and header say of the exam, section → text, without who the patient is: it goes to models."""
    identity = Identity.of(order, facts)  # also of an image of another exam: no name may slip through
    facts = facts_of_exam(order, facts) or ExamFacts()
    exam = order.procedure or facts.procedure
    if not exam:
        part = order.body_part or facts.body_part
        side = order.laterality or facts.laterality
        exam = " ".join(word for word in (order.modality or facts.modality, side or "", part.lower()) if word)
    technique = []
    if facts.view:
        technique.append(f"{facts.view} view{'s' if ',' in facts.view else ''}.")
    if facts.contrast:
        technique.append(f"Contrast: {facts.contrast}.")
    prior = max((prior.date for prior in order.priors), default=None)
    stated: dict[Section, str] = {
        "exam": exam,
        "indication": order.indication,
        "technique": " ".join(technique),
        "comparison": f"Prior report of {prior.isoformat()}." if prior else "",
    }
    anonymous = {section: redacted(" ".join(text.split()), identity) for section, text in stated.items()}
    return {section: text for section, text in anonymous.items() if says_more(text)}


def _report(drafts: list[Draft], template: Template) -> Report:
    """Number the statements in reading order: sections, then organs as the template has them, then as dictated."""
    order = {heading: place for place, heading in enumerate(template.headings)}

    def place(draft: Draft) -> tuple[int, int]:
        return SECTIONS.index(draft[0]), order.get(draft[1] or "", -1)

    statements: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
    for number, (section, organ, text, evidence, origin) in enumerate(sorted(drafts, key=place), 1):
        statements[section].append(
            Statement(id=f"r{number}", text=text, section=section, organ=organ, evidence=evidence, origin=origin)
        )
    return Report(**{name: tuple(found) for name, found in statements.items()})
