"""The sentence judge alone: sentences that the other text holds against those that it does not, by what was changed.

    python -m benchmarks.pairs.sentences --authors m27 m28 --out benchmarks/results/sentence_judge

Sentence pairs (`p`: a report's sentence beside the dictated one) and labelled report pairs (`m`: each sentence beside
the whole other text). Areas under the curve, beside what the share of common words tells.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.circumstances import circumstances, system_load
from benchmarks.pairs.documents import FATES, HELD, joined, rows_of
from benchmarks.pairs.train import area
from dictation.discrepancy.judge.entailment import Span, entailment
from dictation.discrepancy.kept import stems

_HOLDS = ("same", "says_less")


@dataclass(frozen=True)
class Sentence:
    """Characters of a text beside another text; `changed` names what is not as there, "" where it holds all."""

    text: str
    span: Span
    other: str
    changed: str


def sentences_of(author: str) -> Iterator[Sentence]:
    """All labelled sentences of an author."""
    for row in rows_of(author):
        if author.startswith("p"):
            changed = "" if row["label"] in _HOLDS else row["attribute"] or row["label"]
            yield Sentence(row["b"], (0, len(row["b"])), row["a"], changed)
            continue
        heard, said = joined([piece["text"] for piece in row["heard"]], " ")
        written, wrote = joined([piece["text"] for piece in row["written"]], "\n")
        for text, other, spans, pieces in (
            (heard, written, said, row["heard"]),
            (written, heard, wrote, row["written"]),
        ):
            for span, piece in zip(spans, pieces, strict=True):
                is_held = FATES[piece["fate"]] == HELD
                named = piece["fate"] if piece["fate"] != "changed" else piece.get("attribute") or "changed"
                yield Sentence(text, span, other, "" if is_held else named)


def unlike_words(one: Sentence) -> float:
    """The share of a sentence's words that name something and are not in the other text."""
    words, others = stems(one.text[slice(*one.span)]), set(stems(one.other))
    return sum(word not in others for word in words) / max(1, len(words))


def areas(found: Sequence[Sentence], scores: Sequence[float]) -> dict[str, tuple[float, int]]:
    """What was changed → area under the curve against what is held, and of how many."""
    changed, values = np.array([one.changed for one in found]), np.array(scores)
    held = values[changed == ""]
    result: dict[str, tuple[float, int]] = {}
    for name in ("all", *sorted(set(changed) - {""})):
        of = values[changed != ""] if name == "all" else values[changed == name]
        labels = np.array([1] * len(of) + [0] * len(held))
        result[name] = area(np.concatenate([of, held]), labels), len(of)
    return result


def main() -> None:
    """Read the options, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--authors", nargs="+", default=["p8", "p12", "p21", "m5", "m8"])
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    asked = parser.parse_args()
    before = system_load()
    lines: list[str] = []
    record: dict[str, object] = {}
    for kind in ("p", "m"):
        authors = [author for author in asked.authors if author.startswith(kind)]
        found = [one for author in authors for one in sentences_of(author)]
        if not found:
            continue
        by_judge = areas(found, [1 - entailment(one.text, one.span, one.other).holds for one in found])
        by_words = areas(found, [unlike_words(one) for one in found])
        lines += [f"Authors {', '.join(authors)}; {sum(not one.changed for one in found)} sentences are held.", ""]
        lines += ["| what is not as there | sentences | sentence judge | unlike words |", "|---|--:|--:|--:|"]
        lines += [
            f"| {name} | {count} | {value:.3f} | {by_words[name][0]:.3f} |" for name, (value, count) in by_judge.items()
        ]
        lines.append("")
        record[kind] = {
            "authors": authors,
            "areas": {
                name: {"judge": round(value, 3), "words": round(by_words[name][0], 3), "sentences": count}
                for name, (value, count) in by_judge.items()
            },
        }
    print("\n".join(lines))
    if asked.out:
        asked.out.with_suffix(".md").write_text("\n".join(lines), "utf-8")
        text = json.dumps(circumstances(before, "onnxruntime") | record, indent=1)
        asked.out.with_suffix(".json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
