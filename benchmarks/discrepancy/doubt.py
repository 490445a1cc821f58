"""Doubt lost and doubt gained."""

import re
from collections.abc import Iterator

from benchmarks.discrepancy.case import Edit, Rule
from benchmarks.discrepancy.leading import led
from benchmarks.discrepancy.vocabulary import families, has, is_abnormal, starts_with_capital_of

_LOST: tuple[Rule, ...] = (
    (re.compile(r"\b(?:may|could|might) (represent|reflect)\b", re.IGNORECASE), lambda m: f"definitely {m[1]}s"),
    (re.compile(r"\b(?:may|could|might) be\b", re.IGNORECASE), lambda m: "is definitely"),
    (
        re.compile(r"\b(?:possible|possibly|probable|probably|questionable|suspected)\s+(\w)", re.IGNORECASE),
        lambda m: starts_with_capital_of(m[0], m[1]),
    ),
    (
        re.compile(r"(?<!more )(?<!less )\b(?:most )?likely\s+(\w)(?!epresent)", re.IGNORECASE),
        lambda m: starts_with_capital_of(m[0], m[1]),
    ),
    (re.compile(r"\b(?:cannot|can not) be (?:entirely )?excluded\b", re.IGNORECASE), lambda m: "is present"),
    (re.compile(r"\bis (?:suspected|possible|questioned)\b(?! for)", re.IGNORECASE), lambda m: "is present"),
    (re.compile(r"\bsuspicious for\b", re.IGNORECASE), lambda m: "diagnostic of"),
)  # fmt: skip
_ONE = re.compile(
    r"\b(?:may|could|might|possibl\w+|probabl\w+|questionable|suspected|suspicious|likely|cannot|can not|versus|vs|or"
    r")\b",
    re.IGNORECASE,
)
_GAINED: tuple[Rule, ...] = (
    (re.compile(r"\b(There is )(?:an?) (?!enlarged|dilated|displaced)", re.IGNORECASE), lambda m: m[1] + "a possible "),
    (re.compile(r"\b(There (?:is|are) )(?!an? |the |some |also )", re.IGNORECASE), lambda m: m[1] + "possible "),
    (re.compile(r"\b(is|are) (?=(?:present|seen)\b)"), lambda m: m[0] + "possibly "),
)
_SHORT = re.compile(r"^(?!There|The\b|A\b|An\b|This|These|It|Status\b)([A-Z])(?=[a-z]+(?: [\w-]+){0,6}\.?$)")
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|projects?|measur\w+|terminat\w+|extends?)\b|:", re.IGNORECASE)


def lost(sentence: str) -> Iterator[Edit]:
    """The one word of doubt about a finding taken out, or its wording made definite."""
    if len(_ONE.findall(sentence)) != 1 or not families(sentence, abnormal_only=True) or has("advice", sentence):
        return
    for pattern, new in _LOST:
        match = pattern.search(sentence)
        if match and families(sentence[match.start() :] if "exclu" not in match[0] else sentence, abnormal_only=True):
            yield Edit(*match.span(), new(match))
            return


def gained(sentence: str) -> Iterator[Edit]:
    """A definite finding made a possible one."""
    if not is_abnormal(sentence) or has("doubt", sentence) or has("course", sentence):
        return
    if families(sentence, abnormal_only=True) & {"device", "postop"}:
        return  # nobody sees a possible tube
    yield from led(sentence, "Possible", _GAINED, _SHORT, _VERB)
