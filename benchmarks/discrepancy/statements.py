"""Whole sentences left out, or brought in from another report.

Said once: no other sentence speaks of a family that the one left out speaks of, so nothing else can stand for it.
Restated: others say nearly all of its words. Brought in: the host speaks of none of its families.
"""

import re
from collections.abc import Sequence

from benchmarks.discrepancy.report import Report
from benchmarks.discrepancy.sexes import sexed
from benchmarks.discrepancy.vocabulary import families, has, is_abnormal, is_normal

_LUNG = frozenset({"airspace", "nodule", "emphysema", "bronchi", "lungs"})
_REFERS_BACK = re.compile(
    r"^(?:It|This|That|These|Those|They|Specifically|Additionally|Otherwise)\b|\bother\b", re.IGNORECASE
)
_RESTATED_SHARE = 0.7


def omittable(report: Report, kind: str) -> list[int]:
    """Indices of the sentences whose loss is an omission of this kind; the last one of a section always stays."""
    found = []
    for index, sentence in enumerate(report.sentences):
        section = report.findings if index < report.cut else report.impression
        if len(section) > 1 and _fits(report, index, sentence, kind):
            found.append(index)
    return found


def _fits(report: Report, index: int, sentence: str, kind: str) -> bool:
    others = [s for i, s in enumerate(report.sentences) if i != index]
    if kind == "omission, restated":
        return is_abnormal(sentence) and _share_said(sentence, others) >= _RESTATED_SHARE
    fits = is_abnormal(sentence) if "abnormal" in kind else is_normal(sentence) and not has("summary", sentence)
    own = _wide(families(sentence))
    return fits and not any(own & _wide(families(other)) for other in others)


def _wide(names: frozenset[str]) -> frozenset[str]:
    return names | _LUNG if names & _LUNG else names


def _share_said(sentence: str, others: Sequence[str]) -> float:
    own = set(re.findall(r"[a-z]{4,}|\d+", sentence.lower()))
    abnormal = set(re.findall(r"[a-z]{4,}|\d+", " ".join(o.lower() for o in others if is_abnormal(o))))
    return len(own & abnormal) / max(1, len(own))


def new_to(host: Report, pool: Sequence[str]) -> list[str]:
    """The sentences of a pool that say something of which the host does not speak at all."""
    told = _wide(families(host.text))
    return [sentence for sentence in pool if not families(sentence) & told]


def is_addable(sentence: str, is_positive: bool) -> bool:
    """Whether a sentence can stand in another report: a short plain statement, positive or negative."""
    if len(sentence.split()) > 14 or not families(sentence) or not sentence.endswith(".") or any(sexed(sentence)):
        return False
    if _REFERS_BACK.search(sentence):
        return False
    if is_positive:
        return is_abnormal(sentence) and not (has("doubt", sentence) or has("course", sentence))
    return is_normal(sentence) and has("negative", sentence) and not has("summary", sentence)
