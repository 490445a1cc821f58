"""The reading-room app as its users meet it, served by `dictation serve` with the embedded engine.

    python -m benchmarks.app                             # all: 8 pages and 1 page for 10 minutes each, half an hour
    python -m benchmarks.app --minutes 2 --pages 4       # shorter
    python -m benchmarks.app --parts worklist next_case

- `dictations`: so many pages dictate at once, one of them a real Chromium with a fake microphone; the same with one
  page (Chromium alone); beside them the peer, `dictation live` with the same ear and no app.
- `worklist`: 50,000 cases through the app's route.
- `next_case`: from the last word to the next case, three keys, ten clean cases in Chromium.

Everything runs on this machine, the browser and the pages included: the load says what else did. The speech is that of
the committed samples (synthetic), cut into utterances and joined with pauses. A part that was not asked for keeps the
figures of the run before.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.app import dictating, next_case, peer, worklist
from benchmarks.circumstances import circumstances, system_load
from dictation.records.text import now

OUT = Path(__file__).parent.parent / "results" / "app"
PARTS = ("dictations", "worklist", "next_case")
PACKAGES = ("gradio", "uvicorn", "starlette", "websockets", "sqlalchemy", "ctranslate2", "playwright")


def main() -> None:
    """Measure what was asked for, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--cases", type=int, default=50_000, help="of the worklist")
    parser.add_argument("--clean", type=int, default=10, help="cases that are dictated and signed")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    work = {
        "dictations": lambda: _dictations(options.pages, options.minutes),
        "worklist": lambda: worklist.run(options.cases),
        "next_case": lambda: next_case.run(options.clean),
    }
    for part in options.parts:
        before = system_load()
        results[part] = {**work[part](), "measured": _measured(before)}
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        options.out.with_suffix(".md").write_text(_table(results), encoding="utf-8")
        print(json.dumps({part: results[part]}, indent=1))


def _dictations(pages: int, minutes: float) -> dict[str, Any]:
    found: dict[str, Any] = {"peer": peer.run(min(minutes, 3.0))}
    found["one"] = dictating.run(1, minutes)
    found["together"] = dictating.run(pages, minutes)
    beside = found["peer"]["partial_s"].get("p95")
    for name in ("one", "together"):
        seen = found[name]["in_the_page"]["sample_to_visible_partial_s"].get("p95")
        if beside and seen:
            found[name]["visible_partial_p95_over_the_peers"] = round(seen / beside, 2)
    return found


def _measured(load_before: float) -> dict[str, Any]:
    return {
        "at": now()[:16],
        **circumstances(load_before, *PACKAGES),
    }


def _table(results: dict[str, Any]) -> str:
    lines = ["# The app under load", "", "| part | what | value |", "|---|---|---|"]
    for part, found in results.items():
        lines += [f"| {part} | {name} | {value} |" for name, value in _rows(found)]
    return "\n".join(lines) + "\n"


def _rows(found: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in found.items():
        plain = f"{before} {name.replace('_', ' ')}".strip()
        if not isinstance(value, dict):
            rows.append((plain, str(value)))
        elif all(not isinstance(one, dict) for one in value.values()):
            rows.append((plain, ", ".join(f"{key.replace('_', ' ')} {one}" for key, one in value.items())))
        else:
            rows += _rows(value, plain)
    return rows


if __name__ == "__main__":
    main()
