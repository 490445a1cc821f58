"""Which organs get the normal sentence of the template that the radiologist chose, and why others do not.

A normal gives way to any dictated sentence that mentions its organ, to any finding that lies in it or speaks against it
(`normals_give_way.tsv`), and to any finding or impression that may lie anywhere: one of which no organ is known.
"""

from calendar import month_abbr, month_name
from collections.abc import Collection, Iterator
from functools import cache

from dictation.findings import Claim, extract
from dictation.findings.lexicon import ancestors, concepts
from dictation.lexicon import rows
from dictation.report.fields import masked
from dictation.report.organs import Index, index_of, key_words, mentioned
from dictation.report.place import places
from dictation.report.report import Section
from dictation.report.template import OTHER, Organ, Template
from dictation.wording import Dictation, Sentence

ANYWHERE = "whole"  # the organ of findings that may lie in any
_Organs = tuple[str, ...]


def normals(dictation: Dictation, template: Template, spoken: Collection[str | None] = ()) -> tuple[Organ, ...]:
    """Return the organs whose normal sentence stands beside a dictation. `spoken` are headings that are not silent."""
    if not template.default_normals or _unplaced(dictation, template):
        return ()
    return tuple(organ for organ in _silent(dictation, template) if organ.heading not in spoken)


def normal_sections(dictation: Dictation, template: Template, said: Collection[Section]) -> dict[Section, str]:
    """Return the template's technique and impression, where they stand. `said` are sections that are not silent.

    The impression sums up the normals: it stands only where nothing else was found, so beside all of them.
    """
    found: dict[Section, str] = {}
    if not template.default_normals:
        return found
    if template.technique and "technique" not in said:
        found["technique"] = template.technique
    if template.impression and not {"findings", "impression"}.intersection(said):
        wanted = [organ for organ in template.organs if organ.normal]
        if wanted and len(normals(dictation, template)) == len(wanted):
            found["impression"] = template.impression
    return found


def normals_left_out(dictation: Dictation, template: Template | None) -> str:
    """Return a sentence on the normals that are left out though no organ of theirs was mentioned, "" where none is.

    It quotes nothing that was dictated.
    """
    if template is None or not template.default_normals:
        return ""
    silent, unplaced = _silent(dictation, template), _unplaced(dictation, template)
    if not silent or not unplaced:
        return ""
    which = ", ".join(organ.heading for organ in silent)
    numbers = [number for number, sentence in enumerate(dictation.sentences, 1) if sentence in unplaced]
    said = f"sentence {numbers[0]} names no organ" if len(numbers) == 1 else f"{len(numbers)} sentences name no organ"
    return f"Normal of {which} left out: {said} that is known here and may speak against it."


def _silent(dictation: Dictation, template: Template) -> list[Organ]:
    """The organs with a normal sentence of which nothing was said, nor anything against it."""
    spoken = {heading for sentence in dictation.sentences for heading in _spoken(sentence.text, template)}
    news = {claim.finding for sentence in dictation.sentences for claim in _findings(sentence.text)}
    news |= {broader for finding in news for broader in ancestors(finding)}
    silent = [organ for organ in template.organs if organ.normal and organ.heading not in spoken]
    return [organ for organ in silent if news.isdisjoint(_denied(organ.normal))]


@cache
def _denied(normal: str) -> frozenset[str]:
    """The findings that a normal sentence denies: it cannot stand beside one of them, whatever its organ."""
    return frozenset(claim.finding for claim in extract(masked(normal)) if claim.status == "absent")


def _spoken(text: str, template: Template) -> Iterator[str]:
    yield from template.concerned(text)
    for organs in mentioned(text, _words_against()):
        yield from template.headings_of(organs)
    for claim in _findings(text):
        own = [heading for heading in template.mentions(_words_of(claim, text)) if heading != OTHER]
        for organ in _organs(claim):
            headings = template.headings_of((organ,))
            if len(headings) > 1:  # "gallstone" is one of the abdomen; its own words say that it is the gallbladder's
                headings = tuple(heading for heading in headings if heading in own) or tuple(own) or headings
            yield from headings


def _unplaced(dictation: Dictation, template: Template) -> tuple[Sentence, ...]:
    """The sentences of findings and impression with a finding, or with words that may be one, of no known organ."""
    where = places(dictation.sentences, template)
    return tuple(
        sentence
        for sentence in dictation.sentences
        if where[sentence.id].section in ("findings", "impression")
        and where[sentence.id].organ in (None, OTHER)
        and _may_lie_anywhere(sentence.text, template)
    )


def _may_lie_anywhere(text: str, template: Template) -> bool:
    against = mentioned(text, _words_against())
    if template.mentions(text) or against or _says_no_finding(text):
        return False
    found = list(_findings(text))
    if found:
        known = (_organs(claim) or template.mentions(claim.text) or claim.site for claim in found)
        return not all(organ or claim.finding_class == "procedure" for organ, claim in zip(known, found, strict=True))
    return not extract(text)


def _findings(text: str) -> Iterator[Claim]:
    """What a text says to be there, or perhaps to be."""
    for claim in extract(text):
        is_news = claim.status == "present" and claim.temporality != "recommendation"
        if is_news and claim.finding_class != "normal_anatomy" and claim.finding != "technically_limited":
            yield claim


def _words_of(claim: Claim, text: str) -> str:
    """The words of a sentence that say what a claim finds, and where."""
    return " ".join(text[slice(*claim.parts[name])] for name in ("finding", "site") if name in claim.parts)


def _organs(claim: Claim) -> _Organs:
    """The organs that a finding lies in or speaks against."""
    concept = concepts().get(claim.finding)
    own: _Organs = (concept.organ,) if concept and concept.organ != ANYWHERE else ()
    own += ("bones",) if claim.level else ()
    against = [_findings_against().get(name, ()) for name in (claim.finding, *ancestors(claim.finding))]
    return (*own, *(organ for organs in against for organ in organs))


def _says_no_finding(text: str) -> bool:
    """Whether a sentence says who was told or what is advised, or no word of it names anything ("Unchanged.")."""
    return bool(mentioned(text, _told_or_advised())) or all(
        word in _naming_nothing() or not word.isalpha() for word in key_words(text)
    )


@cache
def _naming_nothing() -> frozenset[str]:
    """Words that hold sentences together, and those of course and degree: they speak of what was said before."""
    unread = [row["terms"] for row in rows("unread_words") if row["role"] in ("stop", "technical", "normal")]
    course = [row["terms"] for row in rows("change")]
    degree = [term for row in rows("severity") for term in row["terms"].split(" | ") if " " not in term]
    joining = [row["words"] for name in ("function_words", "names_nothing") for row in rows(name)]
    months = [name for names in (month_name, month_abbr) for name in names]
    return frozenset(word for text in (*unread, *course, *degree, *joining, *months) for word in key_words(text))


@cache
def _told_or_advised() -> Index[bool]:
    told = [row["terms"] for row in rows("communication") if row["role"] == "told"]
    advised = [row["terms"] for row in rows("follow_up") if row["role"] in ("strong", "weak")]
    return index_of((term, True) for terms in (*told, *advised) for term in terms.split(" | "))


@cache
def _findings_against() -> dict[str, _Organs]:
    return {row["finding"]: tuple(row["organs"].split(" | ")) for row in rows("normals_give_way") if row["finding"]}


@cache
def _words_against() -> Index[_Organs]:
    return index_of(
        (word, tuple(row["organs"].split(" | ")))
        for row in rows("normals_give_way")
        for word in row["words"].split(" | ")
        if word
    )
