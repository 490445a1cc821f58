"""How many single changes of the code the tests notice.

    make coverage                                # once: which test ran which line of `make test`
    python -m benchmarks.mutants --count 100 --seed 1

Each mutant is one operator, condition or number of one line that is another, in a copy of the tree. The tests that ran
the line are run until one fails; where `make test` notices nothing, the slow tests nearest to the file are run as well
(`tests/near.py`). What tests see through a program of its own is not known as theirs: the figures are lower bounds.
"""

import argparse
import ast
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

from tests.conftest import SLOW
from tests.near import nearest

ROOT = Path(__file__).parents[1]
ROOMS = ("discrepancy", "wording", "records", "review")
COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}
TESTS, FILES, LIMIT_S = (
    250,
    12,
    600,
)  # that are run against a mutant: of those that ran its line, the slow ones, and how long


class Mutant(NamedTuple):
    """One change: of `line` of `path`, from one source to another; `module` is the text of the whole file with it."""

    path: Path
    line: int
    change: str
    module: str


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of a file that is known here."""
    source = path.read_text("utf-8")
    count = sum(1 for _ in _places(ast.parse(source)))
    for number in range(count):
        tree = ast.parse(source)
        node, change = list(_places(tree))[number]
        before, line = ast.unparse(node), node.lineno
        change()
        after = ast.unparse(node)
        yield Mutant(path, line, f"{before} → {after if after != before else f'not ({before})'}", ast.unparse(tree))


def _places(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.If, object]]:
    """Nodes that can be changed, each with what changes it in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
            yield node, lambda node=node: node.ops.__setitem__(0, COMPARED[type(node.ops[0])]())
        elif isinstance(node, ast.BoolOp):
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield node, lambda node=node, other=other: setattr(node, "op", other())
        elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED:
            yield node, lambda node=node: setattr(node, "op", COUNTED[type(node.op)]())
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            value = not node.value if isinstance(node.value, bool) else node.value + 1
            yield node, lambda node=node, value=value: setattr(node, "value", value)
        elif isinstance(node, ast.IfExp | ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
            yield node.test, lambda node=node: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))


def chosen(count: int, seed: int) -> list[Mutant]:
    """Random mutants of ROOMS, a line in each as likely as in any other."""
    chance = random.Random(seed)
    files = sorted(path for room in ROOMS for path in (ROOT / "dictation" / room).rglob("*.py"))
    weights = [len(path.read_text("utf-8").splitlines()) for path in files]
    found: dict[tuple[Path, int, str], Mutant] = {}
    while len(found) < count:
        path = chance.choices(files, weights)[0]
        possible = list(mutants(path))
        if possible:
            one = chance.choice(possible)
            found[one[:3]] = one
    return list(found.values())


class Trial:
    """Runs tests in a copy of the tree, in which one file is changed at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", folder], check=True)

    def notices(self, mutant: Mutant, tests: list[str]) -> bool:
        """Whether one of the tests fails, or they do not come to an end."""
        place = self._folder / mutant.path.relative_to(ROOT)
        whole = place.read_text("utf-8")
        place.write_text(mutant.module, "utf-8")
        named = self._folder / "mutant_tests.txt"
        named.write_text("\n".join(tests), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not soak", f"@{named}"]
        try:
            done = subprocess.run(command, cwd=self._folder, capture_output=True, timeout=LIMIT_S, check=False)
            return done.returncode == 1
        except subprocess.TimeoutExpired:
            return True
        finally:
            place.write_text(whole, "utf-8")

    def close(self) -> None:
        """Take the copy away."""
        subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", self._folder], check=True)


def tests_of(data: CoverageData, mutant: Mutant, chance: random.Random) -> list[str]:
    """Tests that ran the line of a mutant, TESTS at most; the nearest ones where it ran as its module was imported."""
    measured = next((name for name in data.measured_files() if name.endswith(str(mutant.path.relative_to(ROOT)))), None)
    contexts = data.contexts_by_lineno(measured).get(mutant.line, []) if measured else []
    tests = sorted({context.rpartition("|")[0] for context in contexts} - {""})
    if tests or not contexts:
        return chance.sample(tests, min(len(tests), TESTS))
    return [str(path.relative_to(ROOT)) for path in list(nearest([mutant.path], ROOT))[:FILES] if not _is_slow(path)]


def _is_slow(path: Path) -> bool:
    return path.relative_to(ROOT / "tests").as_posix() in SLOW


def main() -> None:
    """Try each mutant, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--coverage", type=Path, default=ROOT / ".coverage")
    asked = parser.parse_args()
    data = CoverageData(str(asked.coverage))
    data.read()
    tried = chosen(asked.count, asked.seed)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        trials = [Trial(Path(folder) / str(number)) for number in range(asked.workers)]

        def outcome(number: int) -> tuple[Mutant, str]:
            mutant, trial = tried[number], trials[number % asked.workers]
            quick = tests_of(data, mutant, random.Random(number))
            if quick and trial.notices(mutant, quick):
                return mutant, "make test"
            slow = [path for path in nearest([mutant.path], ROOT) if _is_slow(path)][:FILES]
            if slow and trial.notices(mutant, [str(path.relative_to(ROOT)) for path in slow]):
                return mutant, "make test-all"
            return mutant, "nobody" if quick else "nobody (no test ran it)"

        try:
            shares = [range(worker, len(tried), asked.workers) for worker in range(asked.workers)]
            with ThreadPoolExecutor(asked.workers) as pool:
                for found in pool.map(lambda share: [_told(outcome(number)) for number in share], shares):
                    outcomes.update(who for _, who in found)
        finally:
            for trial in trials:
                trial.close()
    print(json.dumps({"mutants": len(tried), "noticed by": dict(outcomes.most_common())}))


def _told(found: tuple[Mutant, str]) -> tuple[Mutant, str]:
    mutant, who = found
    print(f"{who:24} {mutant.path.relative_to(ROOT)}:{mutant.line}  {mutant.change}", flush=True)
    return found


if __name__ == "__main__":
    main()
