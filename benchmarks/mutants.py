"""How many single changes of the code the tests notice: `python -m benchmarks.mutants --count 100 --seed 1`.

Each mutant is one operator, condition or number that is another, in a copy of the last commit. The tests nearest to its
file by imports (`tests/near.py`) are run until one fails: first those of `make test`, then the slow ones of `make
test-all`. Tests farther away may notice more, so that the figures are lower bounds.
"""

import argparse
import ast
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.conftest import SLOW
from tests.near import Graph, nearest

ROOT = Path(__file__).parents[1]
ROOMS = ("discrepancy", "wording", "records", "review")
COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}
FILES = 6  # test files that are run against a mutant, of the quick and of the slow ones
LIMIT_S = 600  # for them


class Mutant(NamedTuple):
    """One change: of `line` of `path`, from one source to another; `module` is the text of the whole file with it."""

    path: Path
    line: int
    change: str
    module: str


def mutant(path: Path, chance: random.Random) -> Mutant | None:
    """A random change of a file, None where it has nothing that can be changed."""
    tree = ast.parse(path.read_text("utf-8"))
    places = list(_places(tree))
    if not places:
        return None
    node, change = chance.choice(places)
    before, line = ast.unparse(node), node.lineno
    change()
    after = ast.unparse(node)
    return Mutant(path, line, f"{before} → {after if after != before else f'not ({before})'}", ast.unparse(tree))


def _places(tree: ast.Module) -> Iterator[tuple[ast.expr, Callable[[], object]]]:
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
        one = mutant(chance.choices(files, weights)[0], chance)
        if one is not None:
            found[one[:3]] = one
    return list(found.values())


class Trial:
    """Runs tests in a copy of the tree, in which one file is changed at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", folder], check=True)

    def notices(self, mutant: Mutant, tests: list[str], *, is_slow: bool) -> bool:
        """Whether one of the tests fails, or they do not come to an end."""
        place = self._folder / mutant.path.relative_to(ROOT)
        whole = place.read_text("utf-8")
        place.write_text(mutant.module, "utf-8")
        named = self._folder / "mutant_tests.txt"
        named.write_text("\n".join(tests), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{named}"]
        command += ["-m", "slow and not soak" if is_slow else "not slow and not soak"]
        try:
            done = subprocess.run(command, cwd=self._folder, capture_output=True, timeout=LIMIT_S, check=False)
            return done.returncode in (1, 2)  # a test fails, or what it imports
        except subprocess.TimeoutExpired:
            return True
        finally:
            place.write_text(whole, "utf-8")

    def close(self) -> None:
        """Take the copy away."""
        subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", self._folder], check=True)


def _has_quick(file: Path) -> bool:
    return _row(file) not in SLOW


def _has_slow(file: Path) -> bool:
    return any(line.partition("::")[0] == _row(file) for line in SLOW)


def _row(file: Path) -> str:
    return file.as_posix().removeprefix("tests/")


def main() -> None:
    """Try each mutant, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    graph = Graph(ROOT)
    tried = chosen(asked.count, asked.seed)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        trials = [Trial(Path(folder) / str(number)) for number in range(asked.workers)]

        def outcome(number: int) -> tuple[Mutant, str]:
            one, trial = tried[number], trials[number % asked.workers]
            files = [path.relative_to(ROOT) for path in nearest([one.path], ROOT, graph)]
            for who, is_slow in (("make test", False), ("make test-all", True)):
                tests = [str(file) for file in files if (_has_slow(file) if is_slow else _has_quick(file))][:FILES]
                if tests and trial.notices(one, tests, is_slow=is_slow):
                    return one, who
            return one, "nobody"

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
