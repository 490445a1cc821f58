"""Texts for a model's prompt → the same without who the patient is. Reports and pages keep their words.

Of the patient whom order and headers name: parts of the name, ids in any spacing, the birth date in any notation. Of
anybody: what follows a title or an identity label. A part of a name that reports use as a word ("Small", "Lung") counts
only where it is written like a name or beside a title or another part, so that no finding is hidden. A dictated
sentence that identifies the patient is kept from a model as a whole: it stands in the report as it was said.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from dictation.exam import ExamFacts, Order
from dictation.lexicon import rows
from dictation.lexicon.english import is_name, is_ordinary
from dictation.lexicon.persons import labels
from dictation.lexicon.runs import inside
from dictation.lexicon.terms import is_known
from dictation.report.dates import any_date, notations
from dictation.wording import Dictation, Sentence

NAME, NUMBER, DATE = "[name]", "[number]", "[date]"
WITHHELD = "it may name a person, so no model was given it"
MIN_LETTERS, MIN_SIGNS = 3, 4  # of a part of a name, of an id: fewer identify only beside a label, or another part
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[ \t^,.'\u2019-]{1,3}")  # two parts of one name
_TWO_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
_WEAK_TITLES = ("doctor", "miss", "professor", "nurse", "sister", "MR", "MS")  # also relatives, jobs, MRI, a disease
_UNIT = r"\s?(?:mm|cm|ml|hu|years?|months?|weeks?|days?|yo)\b"  # after a number that is no id
_MEASURE = rf"\d{{1,4}}(?:[.,]\d{{1,3}})?{_UNIT}"
_NUMBER = rf"[A-Za-z]{{0,4}}+[ -]?\d\w*+(?:[ /-](?!{_MEASURE})(?=[A-Za-z]{{0,4}}\d)\w++)*+"

Span = tuple[int, int, str]  # start, end, what stands there instead


@dataclass(frozen=True, repr=False)
class Identity:
    """Who the patient is, by all that any source states of them. No repr: it is never to be shown."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    birth_dates: frozenset[date] = frozenset()

    @classmethod
    def of(cls, order: Order | None = None, facts: ExamFacts | None = None) -> "Identity":
        """The identity that an order and image headers state."""
        order, facts = order or Order(), facts or ExamFacts()
        patients = (order.patient, facts.patient)
        numbers = (*(patient.patient_id for patient in patients), order.accession, facts.accession)
        return cls(
            frozenset(word for patient in patients for word in _WORD.findall(patient.name) if len(word) > 1),
            frozenset(number for number in numbers if number.strip()),
            frozenset(patient.birth_date for patient in patients if patient.birth_date),
        )

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(form for name in self.names if name.lower() not in _titles() for form in _forms(name))

    @cached_property
    def _stated(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        numbers = [pattern for number in self.numbers for pattern in _number(number)]
        dates = [pattern for day in self.birth_dates for pattern in notations(day)]
        found = ((numbers, NUMBER), (dates, DATE))
        return tuple((re.compile("|".join(patterns), re.IGNORECASE), token) for patterns, token in found if patterns)

    def spans(self, text: str) -> list[Span]:
        """Where a text says who somebody is, in order: start, end, and the word to put there."""
        found = [(*match.span(), token) for pattern, token in self._stated for match in pattern.finditer(text)]
        found += [(*match.span("value"), token) for pattern, token in _labelled() for match in pattern.finditer(text)]
        found += [(start, end, NAME) for start, end in _names(text, self._forms)]
        apart: list[Span] = []
        for span in sorted(found, key=lambda span: (span[0], -span[1])):
            if not apart or span[0] >= apart[-1][1]:
                apart.append(span)
            elif span[1] > apart[-1][1]:
                apart[-1] = (apart[-1][0], span[1], apart[-1][2])
        return apart


def identifies(text: str, identity: Identity) -> bool:
    """Say whether a text says who the patient is, or names anybody by title or label."""
    return bool(identity.spans(text))


def redacted(text: str, identity: Identity) -> str:
    """Return a text with NAME, NUMBER and DATE in place of what identifies."""
    for start, end, token in reversed(identity.spans(text)):
        text = text[:start] + token + text[end:]
    return text


def says_more(text: str) -> bool:
    """Say whether a redacted text says anything beside whom it named."""
    return bool(re.search(r"[^\W_]", re.sub("|".join(map(re.escape, (NAME, NUMBER, DATE))), "", text)))


def for_prompt(
    dictation: Dictation, order: Order | None = None, facts: ExamFacts | None = None
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Return the sentences that a model may be given, and those kept back, which stand in the report as dictated."""
    identity = Identity.of(order, facts)
    kept_back = tuple(sentence for sentence in dictation.sentences if identifies(sentence.text, identity))
    return tuple(sentence for sentence in dictation.sentences if sentence not in kept_back), kept_back


def _number(number: str) -> Iterator[str]:
    """Patterns for an id: as it is stated, and its digits alone where they are many, in any spacing."""
    signs, digits = re.findall(r"[^\W_]", number), re.sub(r"\D", "", number)
    significant = digits.lstrip("0")
    gap = r"[ _/-]{0,2}"
    if len(signs) >= MIN_SIGNS and not is_known("".join(signs)):
        yield rf"(?<![^\W_]){gap.join(map(re.escape, signs))}(?![^\W_]|{_UNIT})"
    if len(significant) >= MIN_SIGNS:
        yield rf"(?<!\d)(?<!\d[.,])(?:0{gap}){{0,9}}{gap.join(significant)}(?!\d|[.,]\d|{_UNIT})"


def _names(text: str, forms: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where persons are named: parts of the patient's name, and what titles and labels introduce."""
    words = list(_WORD.finditer(text))
    has_case, capitals_tell = _cased([word[0] for word in words])
    mine = {at for at, word in enumerate(words) if not forms.isdisjoint(_forms(word[0]))} if forms else set()

    def capital(at: int) -> bool:
        return has_case and words[at][0][0].isupper() and not words[at][0].isupper()

    def beside(one: int, other: int) -> bool:
        return _BETWEEN.fullmatch(text, words[one].end(), words[other].start()) is not None

    def alone(at: int) -> bool:
        word, lower = words[at][0], words[at][0].lower()
        if len(word) < MIN_LETTERS or lower in _particles():
            return False
        inner = capitals_tell and capital(at) and not _starts(text[: words[at].start()])
        return not is_known(lower) or (inner and inside(word).islower())

    hidden = {at for at in mine if alone(at)} | set(_introduced(text, words, mine, has_case))
    for at in mine & {other - 1 for other in mine}:
        pair = (at, at + 1)
        if beside(*pair) and words[at][0].lower() != words[at + 1][0].lower():
            ordinary = any(words[one][0].lower() in _particles() for one in pair)
            if not ordinary and (not has_case or all(words[one][0][0].isupper() for one in pair)):
                hidden.update(pair)
    grown = -1
    while grown != len(hidden):
        grown = len(hidden)
        hidden |= {at for at in mine if at - 1 in hidden and beside(at - 1, at)}
        hidden |= {at for at in mine if at + 1 in hidden and beside(at, at + 1)}
    for at in sorted(hidden):
        if at - 1 not in hidden or not beside(at - 1, at):
            last = at
            while last + 1 in hidden and beside(last, last + 1):
                last += 1
            yield words[at].start(), words[last].end()


def _introduced(text: str, words: list[re.Match[str]], mine: set[int], has_case: bool) -> Iterator[int]:
    """The places of words that a title or a label of names introduces, and of the names that go on after them."""
    place = {word.start(): at for at, word in enumerate(words)}
    for match in _introductions().finditer(text):
        at = place.get(match.end())
        title = match["title"]
        strong = bool(title) and title.lower() not in _WEAK_TITLES and title not in _WEAK_TITLES
        strong = strong or (title is None and match["says"] is not None)  # "name: …", "patient is …"
        is_first = True
        while (
            at is not None and at < len(words) and (at in mine or _is_person(words[at][0], strong, is_first, has_case))
        ):
            yield at
            goes_on = at + 1 < len(words) and _BETWEEN.fullmatch(text, words[at].end(), words[at + 1].start())
            ended = goes_on and re.search(r"[.,]", goes_on[0]) and len(words[at][0]) > 1
            at, is_first = (at + 1 if goes_on and (not ended or at + 1 in mine) else None), False


def _is_person(word: str, strong: bool, is_first: bool, has_case: bool) -> bool:
    """Say whether a word after a title or a label is a name. After "Dr" any capital is one; "patient" says little."""
    lower = word.lower()
    if has_case and word[0].isupper() and not (word.isupper() and len(word) > 1):
        return (strong and is_first) or not is_known(lower)
    if is_known(lower):
        return False
    if lower in _particles():
        return strong
    return (strong and is_first) if is_ordinary(lower) else strong or is_name(lower.capitalize())


def _starts(before: str) -> bool:
    """Whether the first word of a sentence follows a text."""
    return before.rstrip(" \t\"'([")[-1:] in ("", *".:;!?\n")


def _cased(words: Iterable[str]) -> tuple[bool, bool]:
    """Say whether a text has small and capital letters, and whether a capital inside it tells of a name."""
    long = [word for word in words if len(word) >= MIN_LETTERS]
    capitals = [word for word in long if word[0].isupper() and not word.isupper()]
    has_case = bool(capitals)
    return has_case, has_case and (len(capitals) < 3 or len(capitals) <= len(long) / 2)


@cache
def _forms(word: str) -> frozenset[str]:
    """How a part of a name may be written: without accents, and with the two letters that German puts for an umlaut."""
    lower = word.casefold()
    german = "".join(_TWO_LETTERS.get(sign, sign) for sign in lower)
    plain = lower.replace("ø", "o").replace("ł", "l")
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    return frozenset((letters, german))


@cache
def _labelled() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What follows labels of ids and of birth dates: patterns with a group "value"."""
    numbers = labels("patient_number", "accession", "number")
    number = rf"(?<!\w)(?:{numbers})\b(?:[\s:#.=]|\b(?:number|no|nr|is|was)\b)*+(?P<value>{_NUMBER})"
    day = rf"(?P<value>{any_date()}|\d{{4}}\b)"
    birth = rf"(?<!\w)(?:{labels('birth')})(?!\w)(?:[\s:.,=]|\b(?:is|was|on|in|the)\b)*+{day}"
    return (re.compile(number, re.IGNORECASE), NUMBER), (re.compile(birth, re.IGNORECASE), DATE)


@cache
def _introductions() -> re.Pattern[str]:
    titles = "|".join(re.escape(title) for title in sorted(_titles(), key=len, reverse=True))
    label = rf"(?:{labels('named')})\b(?P<says>\s{{0,2}}:|\s{{1,2}}is\b(?=\s[^\W\d_]))?"
    return re.compile(rf"(?<!\w)(?:(?P<title>{titles})\b\.?|{label})\s*+", re.IGNORECASE)


@cache
def _titles() -> frozenset[str]:
    return frozenset(row["title"].rstrip(".") for row in rows("name_titles"))


@cache
def _particles() -> frozenset[str]:
    return frozenset(word for row in rows("name_particles") for word in row["particles"].split(" | "))
