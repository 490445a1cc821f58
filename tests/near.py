"""`make near`: the test files that a change is likeliest to break, the nearest by imports first.

Nearly everything hangs together by some way of imports, so that only the nearest files run; `make test` runs all.

Changed is what differs from where this branch left `main` (else from the last commit), and what git does not know yet.
A name that a room hands on (`from dictation.report import load_report`) counts as of the file that makes it: else every
file of a room would be as near as all others. A file that is no Python counts for those whose text names it. Of two as
near, one of the changed file's own room comes first, and one that drives a browser last.
"""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import dictation

FOLDERS = ("dictation", "pipelines", "benchmarks", "deploy", "tests")
PROGRAM = ('"pipelines"', "pipelines.cli")  # what a test starts as a program of its own, and the module that it is


def changed(root: Path) -> list[Path]:
    """The files that differ from `main`'s last common commit, or are new."""
    base = _git(root, "merge-base", "HEAD", "main") or ["HEAD"]
    names = _git(root, "diff", "--name-only", base[0]) + _git(root, "ls-files", "--others", "--exclude-standard")
    return [root / name for name in names if (root / name).is_file()]


def nearest(files: list[Path], root: Path, graph: "Graph | None" = None) -> dict[Path, int]:
    """Test files → how many imports away the nearest of `files` is, the nearest first. `graph`: that of `root`."""
    users, distance = (graph or Graph(root)).users(files), dict.fromkeys(files, 0)
    rooms, edge = {file.parent.name for file in files}, files
    for away in range(1, len(users) + 2):
        edge = [user for user in sorted({user for file in edge for user in users[file]}) if user not in distance]
        distance |= dict.fromkeys(edge, away)
    tests = [file for file in distance if file.name.startswith("test_") and file.suffix == ".py"]

    def place(test: Path) -> tuple[int, bool, bool, Path]:
        return distance[test], test.parent.name == "browser", test.parent.name not in rooms, test

    return {test: distance[test] for test in sorted(tests, key=place)}


class Graph:
    """Who imports whom in the tree at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.texts = {path: path.read_text("utf-8") for name in FOLDERS for path in sorted((root / name).rglob("*.py"))}
        self.trees = {path: ast.parse(text) for path, text in self.texts.items()}
        self.modules = {".".join(path.relative_to(root).with_suffix("").parts): path for path in self.trees}
        self.modules |= {
            name.removesuffix(".__init__"): path for name, path in self.modules.items() if name.endswith(".__init__")
        }
        self.handed_on = {
            module: {name: (home, name) for home, name in self.imports(path)}
            for module, path in self.modules.items()
            if path.name == "__init__.py"
        }
        homes = vars(dictation)["_HOMES"]  # loaded on first use, so that no import says it
        self.handed_on["dictation"] = {name: (f"dictation.{home}", name) for name, home in homes.items()}

    def imports(self, path: Path) -> Iterator[tuple[str, str]]:
        """Module and name of each import of a file; the name is "" where the module itself is imported."""
        for node in ast.walk(self.trees[path]):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "dictation":
                yield "dictation", node.attr

    def made_in(self, module: str, name: str) -> set[Path]:
        """The files that an import needs: those that hand a name on, and the one that makes it."""
        here = {self.modules[module]} if module in self.modules else set()
        if f"{module}.{name}" in self.modules:
            return here | {self.modules[f"{module}.{name}"]}
        if name in self.handed_on.get(module, {}) and self.handed_on[module][name][0] != module:
            return here | self.made_in(*self.handed_on[module][name])
        return here

    @cached_property
    def importing(self) -> dict[Path, set[Path]]:
        """File → the files that need it, as their imports say."""
        found: dict[Path, set[Path]] = defaultdict(set)
        for path, text in self.texts.items():
            if path.name != "__init__.py":  # what it hands on is needed by whoever takes it
                needed = {file for named in self.imports(path) for file in self.made_in(*named)}
                needed |= {self.modules[PROGRAM[1]]} if PROGRAM[0] in text and PROGRAM[1] in self.modules else set()
                for file in needed:
                    found[file].add(path)
            if path.name == "conftest.py":
                found[path] |= {other for other in self.texts if path.parent in other.parents}
        return found

    def users(self, files: list[Path]) -> dict[Path, set[Path]]:
        """File → the files that need it; of what is no Python, for `files` alone."""
        found = defaultdict(set, {file: set(users) for file, users in self.importing.items()})
        for file in (file for file in files if file.suffix != ".py"):
            if file.parent.name == "corpus":  # rows, which the room's runner reads by their folder
                found[file].add(file.parents[1] / "test_corpus.py")
            is_shipped = any(file.is_relative_to(self.root / name) for name in ("dictation", "pipelines"))
            for path, text in self.texts.items():
                if (is_shipped or self.root / "tests" in path.parents) and (
                    f'"{file.stem}"' in text or file.name in text
                ):
                    found[file].add(path)
        return found


def _git(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def main(most: int) -> None:
    """Print the nearest test files, one a line; how many there are, on stderr."""
    root = Path(__file__).resolve().parents[1]
    files = changed(root)
    found = list(nearest(files, root))
    print(*(path.relative_to(root).as_posix() for path in found[:most]), sep="\n")
    print(f"{len(files)} files changed; {min(most, len(found))} of {len(found)} test files run.", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]))
