"""Negation lost and negation gained, by words alone.

Lost: the whole negative wording goes ("There is no X" -> "There is X", "without X" -> "with X"). Dropped "no": the bare
word goes, as when a recognizer swallows it ("There is no X", "No X" -> "X"). Gained: a plain positive sentence is
denied with the words that its form asks for.
"""

import re
from collections.abc import Iterator

from benchmarks.discrepancy.case import Edit, Rule
from benchmarks.discrepancy.leading import led
from benchmarks.discrepancy.vocabulary import families, has, is_abnormal, starts_with_capital_of

_PSEUDO = (
    r"(?! (?:\w+ )?(?:change|changes|longer|other|further|additional|interval|significant interval|comparison|prior|"
    r"priors|previous|recent|contrast|radiographic|imaging|priors|more|less|cardiopulmonary change|follow))"
)
_LOST: tuple[Rule, ...] = (
    (re.compile(r"\b(?:There (?:is|are)) no\b" + _PSEUDO, re.IGNORECASE), lambda m: m[0][: -len(" no")]),
    (re.compile(r"^No(?: evidence of)?\b" + _PSEUDO + r" (\w)", re.IGNORECASE), lambda m: m[1].upper()),
    (re.compile(r"\bno(?: evidence of)?\b" + _PSEUDO + r" (\w)(?<!^)"), lambda m: m[1]),
    (re.compile(r"\bwithout\b" + _PSEUDO + r"(?! (?:and|or)\b)", re.IGNORECASE), lambda m: "with"),
    (
        re.compile(
            r"\b(is|are|was|were) not (?=(?:\w+ )?(?:enlarged|dilated|thickened|seen|identified|present|displaced)\b)"
        ),
        lambda m: m[1] + " ",
    ),
    (re.compile(r"\bnegative for\b", re.IGNORECASE), lambda m: starts_with_capital_of(m[0], "positive for")),
)
_HALF_SEEN = re.compile(
    r"\b(?:angle|portion|apex|apices|bases?|view|film|image|tip|contrast|change|contribut\w+)\b", re.IGNORECASE
)
_BARE_NO = re.compile(r"\bno\b" + _PSEUDO + r" (\w)", re.IGNORECASE)
_SEVERAL = re.compile(r"\bno\b", re.IGNORECASE)


def lost(sentence: str) -> Iterator[Edit]:
    """The negative wording taken out, where a finding is denied once."""
    if not families(sentence) or has("doubt", sentence.replace(" or ", " ")) or _HALF_SEEN.search(sentence):
        return
    if len(re.findall(r"\b(?:no|not|without|negative)\b", sentence, re.IGNORECASE)) != 1:
        return
    for pattern, new in _LOST:
        match = pattern.search(sentence)
        if match:
            yield Edit(*match.span(), new(match))
            return


def dropped_no(sentence: str) -> Iterator[Edit]:
    """The bare word "no" taken out."""
    if not families(sentence) or len(_SEVERAL.findall(sentence)) != 1 or has("doubt", sentence.replace(" or ", " ")):
        return
    match = _BARE_NO.search(sentence)
    if match and not _HALF_SEEN.search(sentence):
        yield Edit(*match.span(), starts_with_capital_of(match[0], match[1]))


_GAINED: tuple[Rule, ...] = (
    (re.compile(r"\bThere is (?:an?|some) ", re.IGNORECASE), lambda m: m[0][: len("There is ")] + "no "),
    (re.compile(r"\bThere (?:is|are) (?!an? |the |some |also )", re.IGNORECASE), lambda m: m[0] + "no "),
    (re.compile(r"\b(?:is|are) (?=(?:present|seen|noted|identified|visualized)\b)"), lambda m: m[0] + "not "),
)  # fmt: skip
_SHORT = re.compile(
    r"^(?!There|The\b|A\b|An\b|This|These|It|Old\b|Prior\b|Status\b)([A-Z])(?=[a-z]+(?: [\w-]+){0,5}\.?$)"
)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|may|projects?|measur\w+|with|terminat\w+|extends?)\b", re.IGNORECASE)
_HEADING = re.compile(r":|\b(?:but|otherwise|which|and)\b", re.IGNORECASE)


def gained(sentence: str) -> Iterator[Edit]:
    """A plain positive statement denied; graded, doubtful and comparing ones are left alone."""
    if not is_abnormal(sentence) or has("doubt", sentence) or has("course", sentence) or has("grade", sentence):
        return
    if _HEADING.search(sentence):
        return
    yield from led(sentence, "No", _GAINED, _SHORT, _VERB)
