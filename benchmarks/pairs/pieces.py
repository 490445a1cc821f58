"""The pieces of words that the sentence judge's encoder knows, of the words of this project → `word_pieces.tsv`.

    python -m benchmarks.pairs.pieces tokenizer.json

TOKENIZER is that of all-MiniLM-L6-v2, as several packages bring it. Words of the lexicon's tables and of all pairs but
those of test authors are cut into its pieces; single letters and marks are kept, so that other words can be read, too.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pairs.authors import TEST
from benchmarks.pairs.documents import FOLDER

TABLE = Path(__file__).parents[2] / "dictation" / "lexicon" / "data" / "word_pieces.tsv"
HEAD = """\
# The pieces of words that the sentence judge's encoder (all-MiniLM-L6-v2) knows, of the words in this lexicon and in
# benchmarks/pairs; other words are read in smaller pieces. Written by `python -m benchmarks.pairs.pieces`, not by hand.
id\tpiece\tsource
"""
_SPECIAL = ("[CLS]", "[SEP]", "[UNK]")
_LAST_MARK = 0x2300  # of signs that a report may have: "°", "×", "≥"


def texts() -> Iterator[str]:
    """All texts whose pieces are kept."""
    for path in FOLDER.glob("*.jsonl"):
        if path.stem not in TEST:
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                for text in (row.get("a") or row["heard"], row.get("b") or row["written"]):
                    yield text if isinstance(text, str) else " ".join(piece["text"] for piece in text)
    for path in TABLE.parent.glob("*.tsv"):
        if path != TABLE:
            yield from re.findall(r"[A-Za-z']+|\d+", path.read_text("utf-8"))


def main() -> None:
    """Read the option, cut, write."""
    from tokenizers import Tokenizer

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer", type=Path)
    tokenizer = Tokenizer.from_file(str(parser.parse_args().tokenizer))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = tokenizer.get_vocab()
    used = {piece for text in texts() for piece in tokenizer.encode(text).tokens} | {*_SPECIAL}
    used |= {piece for piece in ids if len(piece.removeprefix("##")) == 1}
    kept = [p for p in used if p.isascii() or (len(p) == 1 and ord(p) < _LAST_MARK)]
    rows = [f"{ids[piece]}\t{piece}\tBERT uncased\n" for piece in sorted(kept, key=ids.__getitem__)]
    TABLE.write_text(HEAD + "".join(rows), "utf-8")


if __name__ == "__main__":
    main()
