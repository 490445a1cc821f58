"""Report templates: which organs the findings are sorted under, for which exams, with which normal sentences.

A template is a TOML file that a radiologist can copy and edit; `dictation/report/data` holds those that come along:

    title = "Chest X-ray"              # for people
    source = "who decided this"
    extends = "chest_xray"             # optional: start from a template that comes along
    assumes = ["lungs"]                # organs of organs.tsv that a finding means where its sentence names none:
                                       # in a chest film a "nodule" is one of the lungs
    names_no_organ = ["mass"]          # findings for which that is not so
    default_normals = false            # true: organs that nobody dictated get their `normal` sentence, so marked
    default = false                    # true, in your own file only: the order may choose it in spite of its normals
    technique = ""                     # used like a normal, where neither dictation nor order state a technique
    impression = ""                    # used like a normal, but only beside all normals of all organs

    [exams]                            # which exams choose this template by themselves
    procedures = ["ribs"]              # words of the ordered procedure that decide alone
    modalities = ["CR", "DX"]          # DICOM codes
    modality_words = ["x-ray"]         # said in orders and dictations
    body_parts = ["chest"]             # words; together with a modality they decide
    sex = "F"                          # only for patients known to be of this sex
    age_from = 18                      # only for patients known to be as old, in years
    age_below = 65

    [[organs]]                         # in the order of the report
    heading = "Lungs"
    covers = ["lungs"]                 # organs of organs.tsv; their keywords are known
    keywords = ["apical cap"]          # further words of your own; they decide between headings that cover one organ
    normal = "The lungs are clear."    # used only with default_normals, by whoever chose this template

`normal`, `technique` and `impression` may hold [fields] to be filled in: see `dictation.report.fields`. Your own files
stand in HOME/templates; one with the name of a template that comes along takes its place (`template_files`).
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from dictation.errors import InputError, MissingError
from dictation.exam import ExamFacts, Order, Sex, validated
from dictation.findings.exam_match import facts_of_exam
from dictation.frozen import Frozen
from dictation.lexicon import rows
from dictation.report.fields import checked_fields
from dictation.report.organs import (
    Index,
    finding_terms,
    index_of,
    key_words,
    mentioned,
    mentions_in,
    organ_ids,
    organ_keywords,
    organs_named,
)

OTHER = "Other"  # heading of what mentions no organ of the template
GENERIC = "generic"
MACROS = "macros"  # the name of the file that stands beside the templates and is none
DATA = files("dictation.report").joinpath("data")


class Exams(Frozen):
    """The exams that choose a template: a procedure, or a modality, by code or words, of one of the body parts.

    `sex` and the ages in years (`age_from` ≤ age < `age_below`) narrow this to patients of whom they are known.
    """

    procedures: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    modality_words: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    sex: Sex | None = None
    age_from: float = 0
    age_below: float = 200


class Organ(Frozen):
    """One heading of the findings, the words that belong under it, and its normal sentence ("" for none)."""

    heading: str
    covers: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    normal: str = ""


class Template(Frozen):
    """A report template. `default_normals` says whether silent organs get their normal sentence, and whether
    `technique` and `impression` are used; `default` that an order may choose it nevertheless.

    `assumes` holds organs that a finding is taken to lie in where its sentence names no organ; `names_no_organ` words
    of findings that are never taken so.
    """

    name: str
    title: str
    source: str
    default_normals: bool = False
    default: bool = False
    technique: str = ""
    impression: str = ""
    assumes: tuple[str, ...] = ()
    names_no_organ: tuple[str, ...] = ()
    exams: Exams = Exams()
    organs: tuple[Organ, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings in the order of the report, `OTHER` last."""
        return (*(organ.heading for organ in self.organs), OTHER)

    def mentions(self, text: str) -> tuple[str, ...]:
        """Return the headings of the organs that a text speaks of: those it names, in order, then those assumed."""
        found = tuple(mention for mention in mentioned(text, _index(self)) if mention.headings)
        found = tuple(sorted(found, key=lambda mention: mention.is_assumed or len(mention.headings) > 1))
        return tuple(dict.fromkeys(mention.headings[0] if len(mention.headings) == 1 else OTHER for mention in found))

    def mentions_in(self, text: str, *, assumed: bool = True) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
        """Return the headings of each organ that a text names, and the characters [start, end) that do, in order.

        They are several for an organ that it names in general ("abdominal"). `assumed`: also those that are only
        taken to be meant.
        """
        found = mentions_in(text, _index(self))
        return [
            (mention.headings, span)
            for mention, span in found
            if mention.headings and (assumed or not mention.is_assumed)
        ]

    def organ_of(self, text: str) -> str:
        """Return the heading under which a text belongs: that of its first mention, else `OTHER`."""
        return next(iter(self.mentions(text)), OTHER)

    def headings_of(self, organs: Iterable[str]) -> tuple[str, ...]:
        """Return all headings that cover some organs, by their ids, each once; `OTHER` for those that none covers."""
        covered = _covered(self)
        return tuple(dict.fromkeys(heading for organ in organs for heading in covered.get(organ, (OTHER,))))

    def headings_named(self, name: str) -> tuple[str, ...]:
        """Return the headings that another report's name of an organ ("Heart", "Lungs and pleura") stands for.

        Empty where it names no organ, or none that this template has: a place ("Right lower lobe") is no organ.
        """
        own = [heading for heading in self.headings if key_words(heading) == key_words(name)]
        covered = _covered(self)
        known = [organ for organ in organs_named(name) if organ in covered]
        if any(len(covered[organ]) > 1 for organ in known):  # "Liver and spleen": its own words tell which are meant
            own = own or [heading for heading in self.mentions(name) if heading != OTHER]
        return tuple(own or dict.fromkeys(heading for organ in known for heading in covered[organ]))


class _Mention(NamedTuple):
    headings: tuple[str, ...]
    is_assumed: bool


@cache
def _index(template: Template) -> Index[_Mention]:
    covered = _covered(template)
    never = [key_words(word) for word in template.names_no_organ]
    own = [(keyword, _Mention((organ.heading,), False)) for organ in template.organs for keyword in organ.keywords]
    named = [(keyword, _Mention(covered.get(organ_id, (OTHER,)), False)) for keyword, organ_id in organ_keywords()]
    assumed = [
        (term, _Mention(covered.get(organ_id, (OTHER,)), True))
        for term, organ_id in finding_terms()
        if organ_id in template.assumes and not any(_said(words, key_words(term)) for words in never)
    ]
    names = index_of(own, named)
    none = [(word, _Mention((), False)) for row in rows("names_no_organ") for word in row["words"].split(" | ")]
    return index_of(none, own, [*named, *((term, meant) for term, meant in assumed if not mentioned(term, names))])


@cache
def _covered(template: Template) -> dict[str, tuple[str, ...]]:
    organ_ids = dict.fromkeys(organ_id for organ in template.organs for organ_id in organ.covers)
    return {name: tuple(organ.heading for organ in template.organs if name in organ.covers) for name in organ_ids}


@cache
def available_templates() -> tuple[str, ...]:
    """Return the names of the templates that come along."""
    names = {file.name.removesuffix(".toml") for file in DATA.iterdir() if file.name.endswith(".toml")}
    return tuple(sorted(names - {MACROS}))


def load_template(name_or_path: str | Path) -> Template:
    """Return a template that comes along, by name, or one of the user's own, by the path of its TOML file.

    Raises MissingError for an unknown name, listing the known; InputError for a file that is no valid template.
    """
    name = str(name_or_path)
    if name in available_templates():
        return _packaged(name)
    if not name.endswith(".toml"):
        known = ", ".join(available_templates())
        raise MissingError(f"There is no template '{name}'; use one of {known}, or the path of a .toml file.")
    path = Path(name_or_path)
    return template_from(read_text(path, "a template"), path.stem, str(path))


def read_text(path: Path, what: str) -> str:
    """Return the text of a user's TOML file; `what` names it in messages ("a template").

    Raises MissingError where there is none, InputError where it is no plain text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingError(f"{path}: there is no such {what.split()[-1]} file; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as {what} in UTF-8; save it as plain text.") from error


@cache
def _packaged(name: str) -> Template:
    return template_from(DATA.joinpath(f"{name}.toml").read_text(encoding="utf-8"), name, f"{name}.toml")


def toml_of(text: str, shown: str) -> dict[str, Any]:
    """Return the values of a TOML text; `shown` is its file. Raises InputError where it is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{shown}: is not valid TOML ({error}); copy one that comes along.") from error


def template_from(text: str, name: str, shown: str) -> Template:
    """Return the template of a TOML text; `shown` is its file. Raises InputError that names the first fault."""
    values = toml_of(text, shown)
    if base := values.pop("extends", None):
        if base not in available_templates():
            raise InputError(f"{shown}: extends the unknown template '{base}'; name one that comes along.")
        values = {**_packaged(base).model_dump(), **values}
    template = validated(Template, {**values, "name": name}, shown)
    meant = {organ_id for organ in template.organs for organ_id in organ.covers}.union(template.assumes)
    if unknown := meant - organ_ids():
        known = ", ".join(sorted(organ_ids()))
        raise InputError(f"{shown}: names the unknown organ '{min(unknown)}'; known are {known}.")
    headings = [organ.heading for organ in template.organs]
    for words in (template.technique, template.impression, *(organ.normal for organ in template.organs)):
        checked_fields(words, shown)
    if not headings or len(set(headings)) < len(headings) or OTHER in headings or "" in headings:
        raise InputError(f"{shown}: needs organs with different headings, none of them empty or '{OTHER}'.")
    return template


def choose_template(order: Order | None = None, facts: ExamFacts | None = None, exam_text: str = "") -> Template:
    """Return the template for an exam, by the order, else the image header, else what was said of the exam.

    Falls to the generic one, which sorts every region, where nothing fits. Never one with default normals: those are
    for a person to choose.
    """
    sources = []
    facts = facts_of_exam(order, facts)
    if order is not None:
        sources.append((order.modality, f"{order.body_part} {order.procedure}"))
    if facts is not None:
        sources.append((facts.modality, f"{facts.body_part} {facts.procedure}"))
    sources.append(("", exam_text))
    for modality, text in sources:
        for name in available_templates():
            template = _packaged(name)
            if not template.default_normals and fits_exam(template.exams, modality.upper(), text):
                return template
    return _packaged(GENERIC)


def fits_exam(exams: Exams, modality: str, text: str) -> bool:
    """Say whether a modality (DICOM code, "" for none) and what is said of an exam choose a template."""
    words = key_words(text)
    if any(_said(key_words(name), words) for name in exams.procedures):
        return not modality or not exams.modalities or modality in exams.modalities
    if not any(_said(key_words(part), words) for part in exams.body_parts):
        return False
    return modality in exams.modalities if modality else any(_said(key_words(w), words) for w in exams.modality_words)


def _said(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(words[place : place + len(phrase)] == phrase for place in range(len(words) - len(phrase) + 1))
