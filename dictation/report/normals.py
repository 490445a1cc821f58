"""Which organs get the normal sentence of the template that the radiologist chose, and why others do not.

A normal gives way to the dictated sentences that tell of its organ (`concern`), and to no others. Where these only deny
and call normal, it gives way fact by fact (`normal_facts`): what none of them says stays. Where a finding names no
organ that is known, its normals stand, and somebody is asked (`unplaced`, `discrepancy.template_normals`). Which
normals gave way, and to what, is told until it is confirmed.
"""

import hashlib
import re
from calendar import month_abbr, month_name
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from dictation.audio.riff import IN_PART
from dictation.findings import extract
from dictation.frozen import Frozen
from dictation.lexicon import rows
from dictation.report.concern import Concerned, concerned, family, is_news
from dictation.report.normal_facts import agrees, parted
from dictation.report.organs import Index, index_of, key_words, mentioned, mentions_in
from dictation.report.place import BODY, Passage, passages, places
from dictation.report.report import Report, Section
from dictation.report.template import OTHER, Organ, Template
from dictation.wording import Dictation, Sentence

_NAME = re.compile(r"\b[A-Z][\w'’-]*[a-z]\b")


class GaveWay(Frozen):
    """What is left out of a normal of the template, and the dictated sentences that tell of its organ.

    `id` is equal whenever the same normal gives way to the same words again.
    """

    id: str
    heading: str
    normal: str
    sentences: tuple[str, ...]


def normals(dictation: Dictation, template: Template, spoken: Collection[str | None] = ()) -> tuple[Organ, ...]:
    """Return the organs whose normal stands beside a dictation, each with what of it does.

    `spoken` are headings that are not silent.

    A recording without a word says nothing of any organ: a muted microphone makes no normal report. Nor does one of
    which a part is missing: a finding may have been said there.
    """
    if not template.default_normals or _withheld(dictation):
        return ()
    told = _told(dictation, template)
    under = _under(dictation, template)
    texts = {sentence.id: sentence.text for sentence in dictation.sentences}
    found: list[Organ] = []
    for organ in template.organs:
        said = told.get(organ.heading, ())
        if not said and organ.heading in spoken:
            continue
        own = [texts[id] for id in dict.fromkeys((*said, *under.get(organ.heading, ())))] if said else []
        if stays := _parted(organ.normal, own)[0]:
            found.append(organ.model_copy(update={"normal": stays}))
    return tuple(found)


def _parted(normal: str, said: Sequence[str]) -> tuple[str, str]:
    """What of a normal stays beside what is said of its organ, and what goes: all of it where one does not agree."""
    if not normal or not said:
        return normal, ""
    if not all(map(agrees, said)):
        return "", normal
    return parted(normal, said, _naming_nothing())


def _under(dictation: Dictation, template: Template) -> dict[str | None, list[str]]:
    """The ids of the sentences that stand under each heading."""
    found: dict[str | None, list[str]] = {}
    for id, place in places(dictation.sentences, template).items():
        found.setdefault(place.organ, []).append(id)
    return found


def _withheld(dictation: Dictation) -> str:
    """Why no normal stands beside a dictation, "" where they may."""
    heard = dictation.transcripts
    if any(one.duration_s > 0 for one in heard) and not dictation.words:  # a live take has no length before its words
        return "no word was heard"
    in_part = any(one.broken or any(warning.endswith(IN_PART) for warning in one.warnings) for one in heard)
    return "a part of the recording is missing, where a finding may have been said" if in_part else ""


def normal_sections(dictation: Dictation, template: Template, said: Collection[Section]) -> dict[Section, str]:
    """Return the template's technique and impression, where they stand. `said` are sections that are not silent.

    The impression sums up the normals: it stands only where nothing else was found, so beside all of them.
    """
    found: dict[Section, str] = {}
    if not template.default_normals or _withheld(dictation):
        return found
    if template.technique and "technique" not in said:
        found["technique"] = template.technique
    if template.impression and not {"findings", "impression"}.intersection(said):
        wanted = tuple(organ for organ in template.organs if organ.normal)
        if wanted and normals(dictation, template) == wanted:
            found["impression"] = template.impression
    return found


def gave_way(dictation: Dictation, template: Template | None, report: Report) -> tuple[GaveWay, ...]:
    """Return what of the normals is left out of a report, in the template's order, none where none is wanted."""
    if template is None or not template.default_normals:
        return ()
    standing = {one.organ: one.text for one in report.findings if one.origin == "template"}
    told = _told(dictation, template)
    placed = {
        one.organ: [name for other in report.findings if other.organ == one.organ for name in other.evidence]
        for one in report.findings
    }
    texts = {sentence.id: sentence.text for sentence in dictation.sentences}
    found = []
    for organ in template.organs:
        ids = tuple(dict.fromkeys((*told.get(organ.heading, ()), *placed.get(organ.heading, ()))))
        if left_out := _left_out(organ.normal, standing.get(organ.heading), [texts[id] for id in ids if id in texts]):
            key = "\n".join([organ.heading, left_out, *(texts[id] for id in ids if id in texts)])
            id = hashlib.sha256(key.encode()).hexdigest()[:16]
            found.append(GaveWay(id=id, heading=organ.heading, normal=left_out, sentences=ids))
    return tuple(found)


def _left_out(normal: str, standing: str | None, said: Sequence[str]) -> str:
    """What of a normal a report leaves out: all of it, unless it stands as it came or as what `said` leaves of it."""
    if standing == normal:
        return ""
    stays, goes = _parted(normal, said)
    return goes if standing is not None and standing == stays else normal


def told_of(given: Sequence[GaveWay], dictation: Dictation) -> tuple[str, ...]:
    """Return one sentence on the normals that gave way, () for none; it quotes nothing that was dictated."""
    if given and (why := _withheld(dictation)):
        return (f"Normals replaced: {why}.",)
    numbers = {sentence.id: number for number, sentence in enumerate(dictation.sentences, 1)}
    told = ", ".join(f"{one.heading} ({_by(one, numbers)})" for one in given)
    return (f"Normals replaced: {told}.",) if given else ()


def _by(one: GaveWay, numbers: dict[str, int]) -> str:
    which = [str(numbers[id]) for id in one.sentences if id in numbers]
    if not which:
        return "the report says something else"
    return f"sentence{'s' if len(which) > 1 else ''} {', '.join(which)}"


def unmentioned(report: Report, template: Template | None) -> tuple[str, ...]:
    """Return the headings of a template of which a report says nothing, in its order; devices are no organ."""
    if template is None:
        return ()
    said = [one for one in report.statements if one.origin != "suggested" and one.section in BODY]
    told = {one.organ for one in said} | {h for one in said for h in concerned(one.text, template).headings}
    told |= {h for one in said for h in template.mentions(one.text)}
    return tuple(one.heading for one in template.organs if one.heading not in told and set(one.covers) != {"devices"})


def unplaced(sentences: Sequence[Sentence], template: Template) -> tuple[Sentence, ...]:
    """Return the sentences of findings and impression with a finding, or with words that may be one, of no known organ.

    What goes on about a finding that is placed is none of them, nor what the impression repeats of one.
    """
    found: list[Sentence] = []
    known: set[str] = set()
    for passage in passages(sentences, template):
        if passage.section in BODY:
            found += _unplaced(passage, template, known)
    return tuple(found)


def _unplaced(passage: Passage, template: Template, known: set[str]) -> Iterator[Sentence]:
    """Those of one passage; `known` are the findings of which an organ was told so far, and become more."""
    is_placed = False
    for sentence in passage.sentences:
        about = of_sentence(sentence, template)
        news = {claim.finding for claim in extract(sentence.text) if is_news(claim)}
        asked = [claim for claim in about.unknown if passage.section != "impression" or claim.finding not in known]
        if about.unknown and not asked:
            continue
        if is_asked(sentence.text, about, template) and sentence.organ is None and not is_placed:
            yield sentence
            is_placed = True  # what goes on about it, and what the impression repeats of it, has the same answer
            known |= {name for claim in about.unknown for name in family(claim.finding)}
        elif about.headings or sentence.organ:
            is_placed = True
            unknown = {claim.finding for claim in about.unknown}
            known |= {name for finding in news - unknown for name in family(finding)}


def of_sentence(sentence: Sentence, template: Template) -> Concerned:
    """Return what a sentence concerns: the organ that a person chose for it, else what its words say."""
    if sentence.organ is not None:
        return Concerned(() if sentence.organ == OTHER else (sentence.organ,))
    return concerned(sentence.text, template)


def is_asked(text: str, about: Concerned, template: Template) -> bool:
    """Whether it must be asked to which organ a text belongs: it may say a finding, and no organ of it is known."""
    if mentioned(text, _told_or_advised()) or _names_nothing(text):
        return False
    if about.unknown:
        return True
    if about.headings or template.mentions(text):
        return False
    return not extract(text)


def _told(dictation: Dictation, template: Template) -> dict[str, tuple[str, ...]]:
    """The headings of which something is said or may be, each with the ids of the sentences that say it."""
    found: dict[str, tuple[str, ...]] = {}
    asked = {sentence.id for sentence in unplaced(dictation.sentences, template)}
    said = [(one.section, each) for one in passages(dictation.sentences, template) for each in one.sentences]
    for section, sentence in said:
        if section not in BODY and not any(is_news(claim) for claim in extract(sentence.text)):
            continue  # the name of the exam is no finding; a known one in the indication may speak against a normal
        about = of_sentence(sentence, template)
        for heading in (*about.headings, *(about.likely if sentence.id in asked else ())):
            found[heading] = (*found.get(heading, ()), sentence.id)
    return found


def _names_nothing(text: str) -> bool:
    """Whether no word of a text names anything ("Unchanged.", "Nothing abnormal.")."""
    for _, (start, end) in mentions_in(text, _phrases_of_nothing()):
        text = text[:start] + " " * (end - start) + text[end:]
    if person := _person().search(text):
        text = text[: person.start()] + _NAME.sub(" ", text[person.end() :])
    return all(word in _naming_nothing() or not word.isalpha() for word in key_words(text))


@cache
def _person() -> re.Pattern[str]:
    """What stands before the names of people: "by", or a title. A title without a name may be a finding ("MS")."""
    known = [row["title"].rstrip(".") for row in rows("name_titles")]
    titles = "|".join(sorted({re.escape(form) for title in known for form in (title, title.capitalize())}))
    return re.compile(rf"\b(?:by|By|(?:{titles})\b\.?(?=\s+{_NAME.pattern}))")


@cache
def _naming_nothing() -> frozenset[str]:
    """Words that hold sentences together, and those of course and degree: they speak of what was said before."""
    unread = [row["terms"] for row in rows("unread_words") if row["role"] in ("stop", "technical", "normal")]
    course = [row["terms"] for row in rows("change")]
    degree = [term for row in rows("severity") for term in row["terms"].split(" | ") if " " not in term]
    single = [word for row in rows("names_nothing") for word in row["words"].split(" | ") if " " not in word]
    joining = [*(row["words"] for row in rows("function_words")), *single]
    months = [name for names in (month_name, month_abbr) for name in names]
    return frozenset(word for text in (*unread, *course, *degree, *joining, *months) for word in key_words(text))


@cache
def _phrases_of_nothing() -> Index[bool]:
    return index_of((word, True) for row in rows("names_nothing") for word in row["words"].split(" | ") if " " in word)


@cache
def _told_or_advised() -> Index[bool]:
    told = [row["terms"] for row in rows("communication") if row["role"] == "told"]
    advised = [row["terms"] for row in rows("follow_up") if row["role"] in ("strong", "weak")]
    return index_of((term, True) for terms in (*told, *advised) for term in terms.split(" | "))
