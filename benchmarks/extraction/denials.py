"""python -m benchmarks.extraction.denials [--peers FOLDER] [FILE]...

How often a finding is read as denied, affirmed or uncertain as blind authors meant it, who wrote `denials/*.tsv`: a
column that says what is meant, and a sentence with {X} for a finding and perhaps {Y} for a second one.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.extraction.jsonl import Claims, ask
from benchmarks.extraction.peers import PEERS, command
from benchmarks.extraction.tables import HERE

FINDINGS = (("pleural effusion", "pneumothorax"), ("fracture", "nodule"))  # for {X} and {Y}
MEANT = {
    "denied": ("denied", ""), "affirmed": ("affirmed", ""), "uncertain": ("uncertain", ""),
    "both_denied": ("denied", "denied"), "x_denied_y_affirmed": ("denied", "affirmed"),
    "x_affirmed_y_denied": ("affirmed", "denied"), "both_affirmed": ("affirmed", "affirmed"),
}  # fmt: skip


def texts(file: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each sentence with findings in it, and what is meant of each finding."""
    for line in file.read_text("utf-8").splitlines():
        meant, frame = line.split("\t")
        for pair in FINDINGS if meant in MEANT else ():
            text = frame.replace("{X}", pair[0]).replace("{Y}", pair[1])
            yield text[:1].upper() + text[1:], [one for one in zip(pair, MEANT[meant], strict=True) if one[1]]


def read(text: str, finding: str, claims: Claims) -> str:
    """What an engine says of a finding of a text; "nothing" where it has no claim there."""
    start = text.lower().index(finding)
    own = [one for one in claims if one["span"][0] < start + len(finding) and start < one["span"][1]]
    if not own:
        return "nothing"
    if own[0]["status"] in ("absent", "normal", "removed"):
        return "denied"
    is_sure = own[0].get("certainty", "definite") == "definite" and own[0].get("temporality") != "recommendation"
    return "affirmed" if is_sure else "uncertain"


def main() -> None:
    """Print a row for each engine and file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=sorted((HERE / "denials").glob("*.tsv")))
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="where the peers' environments are, or get made")
    asked = parser.parse_args()
    engines = {"dictation": f"'{Path(sys.executable).parent}/dictation' claims --jsonl"}
    engines |= {name: run for name, peer in PEERS.items() if asked.peers and (run := command(peer, asked.peers))}
    print("| file | engine | denied | affirmed | uncertain |\n|---|---|--:|--:|--:|")
    for file in asked.files:
        cases = list(texts(file))
        for name, run in engines.items():
            answers = ask(run, {str(number): text for number, (text, _) in enumerate(cases)})
            total: Counter[str] = Counter()
            right: Counter[str] = Counter()
            for number, (text, meant) in enumerate(cases):
                for finding, as_what in meant:
                    total[as_what] += 1
                    right[as_what] += read(text, finding, answers[str(number)]) == as_what
            shares = " | ".join(f"{right[one] / total[one]:.2f}" for one in ("denied", "affirmed", "uncertain"))
            print(f"| {file.stem} | {name} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
