"""Is this the patient of the order? Sex and age in the texts against the order and the image header."""

import re
from collections.abc import Sequence
from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy, Severity
from dictation.discrepancy.inference.evidence import Hit, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry, about_others
from dictation.discrepancy.quoting import quoted
from dictation.findings.body_regions import named_by
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.lexicon import rows

_FETUS = "fetus"
_SEX_NAME = {"F": "female", "M": "male"}
_PERSON = (
    r"(?:man|woman|male|female|patient|gentleman|lady|boy|girl|child|infant|baby|neonate|newborn|adult|teenager|"
    r"smoker|person|m|f)"
)
_ONES = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_NUMBER = rf"(?:\d{{1,3}}|(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES[1:10])}))?|(?:{'|'.join(_ONES[:0:-1])}))"
_AGE = re.compile(
    rf"""(?<![\d.])\b(?P<number>{_NUMBER})[ -]?
    (?:(?P<unit>year|yr|month|week|day)s?[ -]old\b|y/o\b|y\.o\.|yo\b)
    (?=[ ](?:(?!(?:in|of|with|on|from|and|the|a)\b)[a-z-]+[ ]){{0,3}}?{_PERSON}\b
      |[ ](?:with|who|presents|presenting|status[ ]post|s/p|undergoing)\b|[.,;]|\s*$)""",
    re.IGNORECASE | re.VERBOSE,
)
_PLURAL = re.compile(r"s[ -]old$", re.IGNORECASE)
_IS_PERSON = re.compile(rf" (?:(?!(?:in|of|with|on|from|and|the|a)\b)[a-z-]+ ){{0,3}}?{_PERSON}\b", re.IGNORECASE)
_AGE_BEHIND = re.compile(  # "woman thirty-nine, septic", "bloke, 59, after chemotherapy", "aged 82"
    rf"\b(?:(?:man|woman|male|female|gentleman|lady|boy|girl|bloke|guy|chap|patient)[, ]+(?:aged?[ ]|of[ ])?|aged[ ])"
    rf"(?P<number>{_NUMBER})(?=[.,;]|\s*$|[ ](?:with|who|after|presents|presenting)\b)",
    re.IGNORECASE,
)
_SEX_LETTER = re.compile(r"\b\d{1,3}[ -]?(?:y/?o|y\.o\.|yr|year)s?(?:[ -]old)?[ ,/]+(?P<sex>[MF])\b")
_BARE_LETTER = (
    re.compile(  # begins the reason for the exam: "84 F with hematuria"; "fever of 102 F", "6 F stent" do not
        r"""(?:^\s*\d{1,2}[ ]?(?P<sex>[MF])
      (?=[ ,]*(?:with|who|presents|presenting|status[ ]post|s/p|p/w|w/|here)\b|\.|,|\s*$)
    |\b[Ss](?:ex|EX):?[ ](?P<told>[MF])\b
    |\b[Aa](?:ge|GE)[ ]?/[ ]?(?:[Ss]ex|SEX|[Gg]ender|GENDER)[ ]?:[ ]?\d{1,3}[ ]?
      (?:[Yy](?:rs?|ears?|RS?|EARS?)?)?[ ]?/[ ]?(?P<headed>[MF])\b)""",
        re.VERBOSE,
    )
)
_REASONS = (None, "exam", "indication")
_NOT_APPLICABLE = re.compile(r"\b(?:not applicable|n/a)\b", re.IGNORECASE)  # of a template for both: "Uterus: N/A"
_YEARS = {"year": 1.0, "yr": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}
_TOLERANCE = {"month": 2 / 12, "week": 3 * 7 / 365.25, "day": 10 / 365.25}  # years
_TOLERANCE_YEARS = 1  # an indication written before a birthday
_ADVANCED_YEARS = 89  # ages above are often given as "90" to protect the patient
_TWICE = 2  # times an age that a child's other age is, from which it is another child
_SLIP_YEARS = 5  # nearer than this an age is rather misheard than another patient's


def sex_mismatch(inquiry: Inquiry) -> list[Discrepancy]:
    """Words that can only be true of the other sex, or of two sexes where none is known: one critical card."""
    sex = inquiry.sex
    if sex not in _SEX_NAME:
        return _sexes_apart(inquiry)
    said, wrote = (_other_sex(words, sex) for words in inquiry.words)
    if said is None and wrote is None:
        return []
    column, span = (inquiry.heard, said) if wrote is None else (inquiry.written, wrote)
    who = "you said" if wrote is None else "the report says" if said is None else "you and the report say"
    text = f"The patient is {_SEX_NAME[sex]}; {who} {quoted(column.text[slice(*span)])}." if span else ""
    return [card("sex", "critical", "order-sex", text, (inquiry.heard, said), (inquiry.written, wrote))]


def _sexes_apart(inquiry: Inquiry) -> list[Discrepancy]:
    """Where nothing tells the sex: "uterus" said and "prostate" written, or a man and a uterus in one text."""
    said, wrote = map(_sexes, inquiry.words)
    if inquiry.sex is None and (len(said) > 1 or len(wrote) > 1):
        return [_of_two_sexes(inquiry, said, wrote)]
    if len(said) != 1 or len(wrote) != 1 or said.keys() == wrote.keys():
        return []
    (one, left), (two, right) = *said.items(), *wrote.items()
    text = f"You spoke of a {_SEX_NAME[one]} patient; the report speaks of a {_SEX_NAME[two]} one."
    return [card("sex", "critical", "texts-sex", text, (inquiry.heard, left), (inquiry.written, right))]


def _of_two_sexes(inquiry: Inquiry, said: dict[str, Span], wrote: dict[str, Span]) -> Discrepancy:
    """The card of a text that speaks of both sexes; the words that come last in it are those shown."""
    column, sexes, who = (inquiry.written, wrote, "The report") if len(wrote) > 1 else (inquiry.heard, said, "You")
    first, last = (quoted(column.text[slice(*span)]) for span in sorted(sexes.values()))
    text = f"{who} {'says' if sexes is wrote else 'said'} {first} and also {last}, which cannot be one patient's."
    left, right = (max(found.values()) if len(found) > 1 else None for found in (said, wrote))
    return card("sex", "critical", "text-sexes", text, (inquiry.heard, left), (inquiry.written, right))


def _sexes(words: Words) -> dict[str, Span]:
    """Each sex that the patient has by some word of a text, with the first such words.

    A sentence that names organs of both, and one that denies an organ, leaves the sex open.
    """
    text = words.column.text
    hits = [
        hit
        for hit in _sex_hits(words)
        if not hit.is_denied and not _NOT_APPLICABLE.search(text, hit.end, hit.sentence.end)
    ]
    by_sentence: dict[int, set[str]] = {}
    for hit in hits:
        by_sentence.setdefault(hit.sentence.start, set()).add(hit.meaning)
    hits = [hit for hit in hits if len(by_sentence[hit.sentence.start]) == 1]
    spans = ((sex, _first(words, [hit for hit in hits if hit.meaning == sex])) for sex in _SEX_NAME)
    return {sex: span for sex, span in spans if span}


def _other_sex(words: Words, sex: str) -> Span | None:
    return _first(words, [hit for hit in _sex_hits(words) if hit.meaning != sex])


def _sex_hits(words: Words) -> list[Hit[str]]:
    """Where a text tells the sex, in its order: by a word, or by a letter behind the age ("71 y/o M")."""
    letters = [
        Hit(match["sex"], match.start("sex") + span.start, match.end("sex") + span.start, span, False)
        for span, _ in words.sentences
        for match in _SEX_LETTER.finditer(words.column.text[span.start : span.end])
    ]
    letters += [
        Hit(next(filter(None, match.groups())), match.start() + span.start, match.end() + span.start, span, False)
        for span, _ in words.sentences
        if span.section in _REASONS
        for match in _BARE_LETTER.finditer(words.column.text[span.start : span.end])
    ]
    told = [hit for sections, phrases in _sex_words() for hit in words.hits(phrases, sections)]
    found = sorted([*told, *letters], key=lambda hit: hit.start)
    if _is_of_fetus(words):
        return [hit for hit in found if hit.meaning != "M" or hit.sentence.section in _REASONS[1:]]
    return found


def _is_of_fetus(words: Words) -> bool:
    """Whether a text names a fetus, or its first line an exam of one; "fetal lobulation" is of no fetus."""
    first = words.column.text.lstrip().partition("\n")[0]
    return _FETUS in named_by(first) or any(token.norm == _FETUS for _, tokens in words.sentences for token in tokens)


@cache
def _sex_words() -> list[tuple[tuple[str, ...] | None, Phrases[str]]]:
    """The words that tell the sex, by the sections in which they do; None: in all."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows("sex"):
        found.setdefault(row["section"], []).extend((term, row["sex"]) for term in cell(row["terms"]))
    return [(cell(sections) or None, Phrases(terms)) for sections, terms in found.items()]


def _first(words: Words, hits: Sequence[Hit[str]]) -> Span | None:
    """The first words that are said of the patient."""
    others = about_others(words) if hits else frozenset()
    return next((hit.span for hit in hits if hit.sentence not in others), None)


def age_mismatch(inquiry: Inquiry) -> list[Discrepancy]:
    """An age in the text that the patient did not have on the day of the exam: one card."""
    actual = inquiry.age_years
    if actual is None:
        return _ages_apart(inquiry)
    (said, far), (wrote, farther) = (_other_age(words, actual) for words in inquiry.words)
    if said is None and wrote is None:
        return []
    column, span = (inquiry.heard, said) if wrote is None else (inquiry.written, wrote)
    assert span is not None
    age = f"{int(actual)} years" if actual >= 2 else f"{round(actual * 12)} months"
    text = f"The text says {column.text[span[0] : span[1]]}; by the order or image the patient is {age} old."
    severity: Severity = "critical" if max(far, farther) >= _SLIP_YEARS else "major"
    return [card("age", severity, "order-age", text, (inquiry.heard, said), (inquiry.written, wrote))]


def _ages_apart(inquiry: Inquiry) -> list[Discrepancy]:
    """Where nothing tells the age: "82-year-old woman" said, and "28-year-old woman" written."""
    said, wrote = map(_ages, inquiry.words)
    apart = [
        min(_years_apart(*one, two[0] * _YEARS[two[1]]), _years_apart(*two, one[0] * _YEARS[one[1]]))
        for one in said.values()
        for two in wrote.values()
    ]
    if not apart or not all(apart):
        return []
    (left, right), far = (next(iter(said)), next(iter(wrote))), min(apart)
    texts = [quoted(column.text[slice(*at)]) for column, at in ((inquiry.heard, left), (inquiry.written, right))]
    years = sorted(number * _YEARS[unit] for number, unit in (said[left], wrote[right]))
    severity: Severity = "critical" if far >= _SLIP_YEARS or years[1] >= _TWICE * years[0] else "major"
    explanation = f"You said {texts[0]}; the report says {texts[1]}."
    return [card("age", severity, "texts-age", explanation, (inquiry.heard, left), (inquiry.written, right))]


def _ages(words: Words) -> dict[Span, tuple[int, str]]:
    """Where a text tells the patient's age, in its first sentence, its reasons or beside "woman": number and unit."""
    text, others = words.column.text, None
    found: dict[Span, tuple[int, str]] = {}
    for match in sorted([*_AGE.finditer(text), *_AGE_BEHIND.finditer(text)], key=re.Match.start):
        sentence = next((s for s, _ in words.sentences if s.start <= match.start() < s.end), None)
        if sentence is None:
            continue
        is_of_person = match.re is _AGE_BEHIND or bool(_IS_PERSON.match(text, match.end()))
        is_first = sentence == words.sentences[0][0] or sentence.section in _REASONS[1:]
        if is_first and _PLURAL.search(match[0]):  # "healing fracture, two years old"
            is_first = bool(re.search(rf"\b{_PERSON}\b", text[sentence.start : match.start()], re.IGNORECASE))
        others = about_others(words) if others is None else others
        if (is_of_person or is_first) and sentence not in others:
            found[match.span()] = (_number(match["number"]), (match.groupdict().get("unit") or "year").lower())
    return found


def _other_age(words: Words, actual: float) -> tuple[Span | None, float]:
    """The first age that is not the patient's, and how many years it is off."""
    text, others = words.column.text, None
    for match in _AGE.finditer(text):
        unit = (match["unit"] or "year").lower()
        far = _years_apart(_number(match["number"]), unit, actual)
        if far == 0:
            continue
        others = about_others(words) if others is None else others
        sentence = next((s for s, _ in words.sentences if s.start <= match.start() < s.end), None)
        if sentence not in others:
            return match.span(), far
    return None, 0.0


def _years_apart(number: int, unit: str, actual: float) -> float:
    """Years between a stated and the actual age, 0 within the tolerance."""
    stated = number * _YEARS[unit]
    if unit in _TOLERANCE:
        far = abs(stated - actual)
        return 0.0 if far <= _TOLERANCE[unit] else far
    if stated >= _ADVANCED_YEARS and actual >= _ADVANCED_YEARS:
        return 0.0
    far = abs(number - int(actual))
    return 0.0 if far <= _TOLERANCE_YEARS else float(far)


def _number(words: str) -> int:
    if words.isdigit():
        return int(words)
    tens, _, ones = words.lower().replace("-", " ").partition(" ")
    if tens in _ONES:
        return _ONES.index(tens)
    return _TENS[tens] + (_ONES.index(ones) if ones else 0)
