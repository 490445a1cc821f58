"""python -m benchmarks.extraction --split dev|test [--engine NAME=COMMAND]... [--peers FOLDER] [--out STEM]

Without --engine it measures `dictation`. The table of an engine is `engines/NAME.tsv`, or --table NAME=FILE. --peers
names a folder where medspaCy and negspacy get an environment each. Results of the other split stay in the files.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.circumstances import circumstances, system_load
from benchmarks.extraction.jsonl import ROOT, EngineError
from benchmarks.extraction.mapping import table_of
from benchmarks.extraction.measure import Engine, facts, measured
from benchmarks.extraction.peers import PEERS, command
from benchmarks.extraction.reports import SPLITS, archive, read
from benchmarks.extraction.summary import markdown

DICTATION = "dictation=dictation claims --jsonl"
EVERY_MENTION = "every mention"


def main() -> None:
    """Measure the engines of the command line on one split, and write both files."""
    options = _options()
    before = system_load()
    reports = read(archive(options.reports), options.split)
    scores: dict[str, object] = {}
    for engine in _engines(options):
        try:
            scores[engine.name] = measured(engine, reports)
        except EngineError as error:
            sys.exit(f"{engine.name} was not measured. {error}")
    for name in PEERS:
        if name not in scores:
            print(f"{name} was not run: name a folder for its environment with --peers, and let pip reach a registry.")
            scores[name] = None
    kept = options.out.with_suffix(".json")
    results = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    results[options.split] = {**circumstances(before), "facts": facts(reports), "engines": scores}
    kept.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(markdown(results), encoding="utf-8")
    print(markdown({options.split: results[options.split]}))


def _engines(options: argparse.Namespace) -> list[Engine]:
    tables = dict(pair.split("=", 1) for pair in options.table)
    named = [pair.split("=", 1) for pair in options.engine or [DICTATION]]
    found = [Engine(name, run, Path(tables.get(name, table_of(name)))) for name, run in named]
    for engine in found:
        if not engine.table.is_file():
            sys.exit(f"{engine.table}: no such table; say with --table {engine.name}=FILE what its findings mean.")
    every = f"'{sys.executable}' -m benchmarks.extraction.engines.every_mention"
    found.append(Engine(EVERY_MENTION, every, table_of("terms")))
    for name, peer in PEERS.items() if options.peers else ():
        run = command(peer, options.peers)
        if run is not None:
            found.append(Engine(name, run, table_of("terms")))
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction", description=__doc__)
    parser.add_argument("--split", choices=tuple(SPLITS), required=True)
    parser.add_argument("--engine", action="append", metavar="NAME=COMMAND", help=f"default: {DICTATION}")
    parser.add_argument("--table", action="append", default=[], metavar="NAME=FILE", help="what its findings mean")
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="where the peers' environments are, or get made")
    parser.add_argument("--reports", type=Path, metavar="ARCHIVE", help="default: inside the installed torchxrayvision")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "extraction", metavar="STEM")
    return parser.parse_args()


if __name__ == "__main__":
    main()
