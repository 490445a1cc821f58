"""Of which organs of a template a sentence tells: those whose normal sentence it takes away, and no others.

A finding concerns the organ that its own name says ("gallbladder wall thickening"), else the place it lies in, as the
exam has it (`exam_places.tsv`: "segment 7" of an abdominal exam is the liver's), else the one organ that it ever lies
in, else any that its sentence names. A general finding ("mass", `general_findings.tsv`) with none of these has no known
organ: then somebody is to be asked. What is called normal or denied concerns the organs that its words name. An organ
that only says where something of another lies ("adjacent to the spleen") is a landmark. An organ that a finding acts on
("displaces the stomach") is not where the finding lies, but it is told of.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from dictation.findings import Claim, extract
from dictation.findings.known import known_in
from dictation.findings.lexicon import ancestors, cell, concepts, is_found_elsewhere, part_words, region_of
from dictation.findings.sentences import LONGEST_SENTENCE, stretches_of
from dictation.lexicon import rows
from dictation.report.fields import masked
from dictation.report.organs import Index, index_of, mentioned, mentions_in
from dictation.report.template import OTHER, Template

_LED = re.compile(r"[\s-]*(?:the |a |an |its )?(?:left |right |both |bilateral )?", re.IGNORECASE)  # of a landmark
_JOINED = re.compile(r"\s*\band\b", re.IGNORECASE)  # "displaces the stomach and the spleen"
_CLAUSE = re.compile(r"[,;]|\bthere\b", re.IGNORECASE)  # between two clauses
SENTENCES_KEPT = 10_000  # read once, however often the text around them changes: some twenty long reports
_SPINE = "bones"  # where a finding of a spinal level lies


@dataclass(frozen=True)
class Concerned:
    """Headings of a template that a text tells of, in the order in which it does.

    `unknown` are findings of which no organ is known. `likely` are headings that may be theirs, by what they mostly are
    in such an exam; they are not among `headings`.
    """

    headings: tuple[str, ...] = ()
    unknown: tuple[Claim, ...] = ()
    likely: tuple[str, ...] = ()


@lru_cache(maxsize=SENTENCES_KEPT)
def concerned(text: str, template: Template) -> Concerned:
    """Return what one sentence concerns.

    >>> concerned("Cyst of the pancreatic tail adjacent to the spleen.", load_template("ct_abdomen_pelvis")).headings
    ('Pancreas',)
    """
    if len(text) <= LONGEST_SENTENCE:
        return _concerned(text, template)
    several = [_concerned(text[start:end], template) for start, end in stretches_of(text, 0, len(text))]
    headings = dict.fromkeys(heading for one in several for heading in one.headings)
    unknown = tuple(claim for one in several for claim in one.unknown)
    likely = dict.fromkeys(heading for one in several for heading in one.likely)
    return Concerned(tuple(headings), unknown, tuple(likely))


def _concerned(text: str, template: Template) -> Concerned:
    landmarks = _landmarks(text, template)
    affected = _affected(text, template)
    claims = extract(_blanked(text, (*landmarks, *affected)))
    news = [claim for claim in claims if is_news(claim)]
    own = {claim.id: _own(claim, text, template) for claim in news}
    told = [
        span for claim in news if own[claim.id] for name, span in claim.parts.items() if name in ("finding", "site")
    ]
    told += [claim.parts.get("finding", claim.span) for claim in news if _is_found_elsewhere(claim, text)]
    named = [one for one in _named(text, template) if not _lies_in(one[1:], (*told, *landmarks))]
    free = [(start, heading) for heading, start, _ in named]
    named = [one for one in named if not _lies_in(one[1:], affected)]
    denied_at = [span for claim in claims if not is_news(claim) for span in claim.parts.values()]
    placed = [(_begins(claim), heading) for claim in news for heading in own[claim.id]]
    against = [one for organs in mentioned(text, words_against()) for one in _assumed(template, organs)]
    is_elsewhere = any(
        headings == (OTHER,) and text[slice(*span)].lower() not in part_words()  # "in the head" may be the pancreas's
        for headings, span in template.mentions_in(text)
    )
    unknown = [
        claim
        for claim in news
        if not (own[claim.id] or against or is_elsewhere or _is_made(claim) or _is_outside(claim, template))
        and all(_is_apart(claim, span, denied_at, text) for _, *span in named)
        and not any(own[other.id] and _belongs(claim, other, text) for other in news)
    ]
    likely = dict.fromkeys(heading for claim in unknown for heading in _likely(claim, template))
    found = dict.fromkeys([*(heading for _, heading in sorted([*free, *placed])), *against])
    if not found and not news and known_in(text).modifiers.levels:  # "old compression of T12"
        return Concerned(_headings(template, (_SPINE,)))
    if not found:  # "no acute hemorrhage" names no organ
        absent = [claim for claim in claims if claim.status == "absent" and claim.finding_class == "finding"]
        found = dict.fromkeys(heading for claim in absent for heading in _denying(claim, template))
    return Concerned(tuple(found), tuple(unknown), tuple(likely))


@lru_cache(maxsize=SENTENCES_KEPT)
def organ_of(text: str, template: Template) -> str:
    """Return the heading under which a sentence belongs: the first that it names and tells of, else `OTHER`."""
    found = concerned(text, template).headings
    mentions = [heading for heading in template.mentions(text) if heading != OTHER]
    return next((heading for heading in mentions if heading in found), next(iter((*found, *mentions)), OTHER))


def is_news(claim: Claim) -> bool:
    """Whether a claim says that something is there, or perhaps is, that a normal sentence may deny."""
    is_there = claim.status == "present" and claim.temporality != "recommendation"
    return is_there and claim.finding_class != "normal_anatomy" and claim.finding != "technically_limited"


@cache
def denied(normal: str) -> frozenset[str]:
    """The findings that a normal sentence denies: it cannot stand beside one of them, whatever its organ."""
    return frozenset(claim.finding for claim in extract(masked(normal)) if claim.status == "absent")


def family(finding: str) -> frozenset[str]:
    """The finding, what it is a kind of, and the general findings that bear its name where it lies."""
    return ancestors(finding) | _general_names().get(finding, frozenset())


@cache
def words_against() -> Index[tuple[str, ...]]:
    """The organs against whose normals some words speak that name no finding ("white-out")."""
    return index_of(
        (word, cell(row["organs"])) for row in rows("normals_give_way") for word in cell(row["words"])
    )  # fmt: skip


def _landmarks(text: str, template: Template) -> list[tuple[int, int]]:
    """The characters of the organs that only say where something of another organ lies."""
    leads = [end for role, (_, end) in mentions_in(text, _cues()) if role == "landmark"]
    return [span for _, span in template.mentions_in(text) if any(_LED.fullmatch(text, at, span[0]) for at in leads)]


def _affected(text: str, template: Template) -> list[tuple[int, int]]:
    """The characters of the organs that a finding acts on: "displaces the stomach", "the bladder is compressed by"."""
    leads = [end for role, (_, end) in mentions_in(text, _cues()) if role == "affects"]
    found: list[tuple[int, int]] = []
    for _, span in template.mentions_in(text):
        if any(_LED.fullmatch(text, at, span[0]) for at in leads):
            found.append(span)
            leads += [joint.end()] if (joint := _JOINED.match(text, span[1])) else []
        elif _acted_on().match(text, span[1]):
            found.append(span)
    return found


def tells_effect(text: str) -> bool:
    """Whether a text says that something acts on an organ: "Displaces the spleen.", "Bladder compressed."."""
    return any(role in ("affects", "affected") for role, _ in mentions_in(text, _cues()))


@cache
def _acted_on() -> re.Pattern[str]:
    words = [re.escape(word) for row in rows("organ_cues") if row["role"] == "affected" for word in cell(row["words"])]
    verb = rf"(?:(?:is|are|was|were|appears?)\s+)?(?:\w+ly\s+)?(?:{'|'.join(words)})"
    return re.compile(rf"\s+{verb}(?:\s+\w+){{0,2}}?\s+by\b", re.IGNORECASE)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without those characters, every other one at its place: what is read in it lies in none of them."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _named(text: str, template: Template, *, assumed: bool = True) -> list[tuple[str, int, int]]:
    """The headings that the words of a text name, with their characters."""
    return [
        (headings[0], start, end)
        for headings, (start, end) in template.mentions_in(text, assumed=assumed)
        if len(headings) == 1 and headings[0] != OTHER
    ]


def _lies_in(span: Sequence[int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(low <= span[0] and span[1] <= high for low, high in spans)


def _is_apart(claim: Claim, span: Sequence[int], denied_at: Sequence[tuple[int, int]], text: str) -> bool:
    """Whether an organ that is called normal, or of which something is denied, is in another clause than a finding."""
    if not _lies_in(span, denied_at):
        return False
    start, end = claim.parts.get("finding", claim.span)
    between = text[span[1] : start] if span[1] <= start else text[end : span[0]]
    is_one = any(role == "belongs" for role, _ in mentions_in(between, _cues()))
    return bool(_CLAUSE.search(between)) and not is_one


def _belongs(claim: Claim, other: Claim, text: str) -> bool:
    """Whether a finding lies where another lies that stands before it ("diverticulitis with abscess")."""
    start, end = _begins(claim), other.parts.get("finding", other.span)[1]
    return end <= start and any(role == "belongs" for role, _ in mentions_in(text[end:start], _cues()))


def _begins(claim: Claim) -> int:
    return claim.parts.get("finding", claim.span)[0]


def _own(claim: Claim, text: str, template: Template) -> tuple[str, ...]:
    """The headings of the organs that a finding lies in or speaks against; none where it may lie anywhere."""
    denying = _denying(claim, template)
    found = _by_name(claim, text, template) or _by_place(claim, template) or denying or _by_organ(claim, text, template)
    against = [organ for name in ancestors(claim.finding) for organ in _findings_against().get(name, ())]
    more = _assumed(template, against) if found or not _is_general(claim) else ()
    return tuple(dict.fromkeys((*found, *denying, *more)))


def _headings(template: Template, organs: Iterable[str]) -> tuple[str, ...]:
    return tuple(heading for heading in template.headings_of(organs) if heading != OTHER)


def _assumed(template: Template, organs: Iterable[str]) -> tuple[str, ...]:
    """The headings of those organs that the template is for: what an exam of the chest lets infer, others do not."""
    return _headings(template, (organ for organ in organs if organ in template.assumes))


def _denying(claim: Claim, template: Template) -> tuple[str, ...]:
    """The headings whose normal sentence denies the finding."""
    kinds = ancestors(claim.finding)
    return tuple(one.heading for one in template.organs if one.normal and not kinds.isdisjoint(denied(one.normal)))


def _by_name(claim: Claim, text: str, template: Template) -> tuple[str, ...]:
    """The organ that the finding's own words name; the last is the one that they speak of ("retroperitoneal node")."""
    if _is_found_elsewhere(claim, text):
        return ()
    words = text[slice(*claim.parts.get("finding", claim.span))]
    named = _named(words, template, assumed=False)
    if not named or ((unique := _unique(claim, template)) and named[-1][2] < len(words)):
        return (unique,) if named else ()
    return (named[-1][0],)


def _is_found_elsewhere(claim: Claim, text: str) -> bool:
    """Whether its words name another organ than its own: "filling defect" of the ureter the pulmonary arteries."""
    return is_found_elsewhere(claim.finding, text[slice(*claim.parts.get("finding", claim.span))])


def _by_place(claim: Claim, template: Template) -> tuple[str, ...]:
    """The organs of the places that a finding lies in, where it is not one that ever lies in the same organ."""
    named: list[str] = []
    by_exam: list[str] = []
    unique = _unique(claim, template)
    is_in_it = any(heading == unique for heading, *_ in _named(claim.text, template, assumed=False))
    for site in claim.site:
        terms, organs = _terms("anatomy").get(site, ()), _exam_organs(template, site)
        if organs is None:
            headings = _of_terms(terms, template) or _of_region(site, template)
            is_in_it = is_in_it or unique in headings
            named += () if unique else headings
        else:
            found = named if any(_named(term, template) for term in terms[:1]) else by_exam  # "lung", not "segment 7"
            found += [heading for organ in organs for heading in template.mentions(organ) if heading != OTHER]
    # "Upper pole of the spleen" is none of a kidney, "hepatic segment 7" none of a lung.
    return tuple(dict.fromkeys(named or (() if is_in_it else by_exam)))


def _of_region(site: str, template: Template) -> tuple[str, ...]:
    """The one heading for the organ that a region of the body is part of, whatever the exam."""
    organs = [row["organ"] for row in rows("exam_places") if not row["exam"] and region_of(site) in cell(row["places"])]
    headings = _headings(template, organs)
    return headings if len(headings) == 1 else ()


def _by_organ(claim: Claim, text: str, template: Template) -> tuple[str, ...]:
    """The one organ that a finding ever lies in, or that the template assumes of it."""
    if claim.level:
        return _headings(template, (_SPINE,))
    if unique := _unique(claim, template):
        return (unique,)
    named = () if _is_found_elsewhere(claim, text) else template.mentions(claim.text)
    assumed = tuple(heading for heading in named if heading != OTHER)
    return assumed or (() if _is_general(claim) else _of_terms(_terms("findings")[claim.finding], template))


def _likely(claim: Claim, template: Template) -> tuple[str, ...]:
    """The headings of the organ under which a finding is sorted, where the template is for exams of that organ."""
    concept = concepts().get(claim.finding)
    return _headings(template, (concept.organ,)) if concept and concept.organ in template.assumes else ()


def _is_made(claim: Claim) -> bool:
    """Whether a claim is of something done or put in: no normal sentence of an organ denies it."""
    return claim.finding_class in ("procedure", "device")


def _is_outside(claim: Claim, template: Template) -> bool:
    """Whether a finding ever lies in an organ that the template does not have."""
    return not _is_general(claim) and OTHER in template.headings_of((concepts()[claim.finding].organ,))


def _is_general(claim: Claim) -> bool:
    return claim.finding in _general() or claim.finding not in concepts()


def _unique(claim: Claim, template: Template) -> str:
    """The heading of the one organ that a finding ever lies in, "" where several headings share it."""
    concept = concepts().get(claim.finding)
    if concept is None or _is_general(claim):
        return ""
    headings = _headings(template, (concept.organ,))
    of_words = [one for one in _of_terms(_terms("findings")[claim.finding], template) if one in _of_words(template)]
    return of_words[0] if of_words else headings[0] if len(headings) == 1 else ""


@cache
def _of_words(template: Template) -> frozenset[str]:
    """The headings that cover no whole organ, and so have just what their words name: joints, apart from bones."""
    return frozenset(one.heading for one in template.organs if not one.covers)


@cache
def _of_terms(terms: tuple[str, ...], template: Template) -> tuple[str, ...]:
    """The heading that the ways to say something name, where they all name the same."""
    found = dict.fromkeys(heading for term in terms for heading, *_ in _named(term, template))
    return tuple(found) if len(found) == 1 else ()


@cache
def _exam_organs(template: Template, site: str) -> tuple[str, ...] | None:
    """Words for the organ that a place is of in the template's exam, by `exam_places.tsv`; None: the same in all."""
    places = {site, region_of(site)}
    found = [row for row in rows("exam_places") if row["exam"] and not places.isdisjoint(cell(row["places"]))]
    if not found:
        return None
    organs = tuple(dict.fromkeys(row["organ"] for row in found if row["exam"] in exam_regions(template)))
    return organs if len(organs) == 1 else ()


@cache
def exam_regions(template: Template) -> frozenset[str]:
    """The regions of `exam_regions.tsv` that a template is for, by the names of its exams."""
    names = [*template.exams.body_parts, *template.exams.procedures]
    return frozenset(region for region, exams in _region_names() if any(exams.fullmatch(name) for name in names))


@cache
def _region_names() -> tuple[tuple[str, re.Pattern[str]], ...]:
    named = [row for row in rows("exam_regions") if row["exams"]]
    return tuple((row["region"], re.compile("|".join(cell(row["exams"])))) for row in named)


@cache
def _terms(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows(table):
        found[row["id"]] = (*found.get(row["id"], ()), *cell(row["terms"]))
    return found


@cache
def _general() -> frozenset[str]:
    return frozenset(name for row in rows("general_findings") for name in cell(row["findings"]))


@cache
def _general_names() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in rows("placed_findings"):
        found[row["becomes"]] = found.get(row["becomes"], frozenset()) | frozenset(cell(row["finding"]))
    return found


@cache
def _cues() -> Index[str]:
    return index_of((word, row["role"]) for row in rows("organ_cues") for word in cell(row["words"]))


@cache
def _findings_against() -> dict[str, tuple[str, ...]]:
    return {row["finding"]: cell(row["organs"]) for row in rows("normals_give_way") if row["finding"]}
