"""The root as a newcomer meets it: each folder says in its first line what it is for, each result who made it."""

import tomllib

import pytest

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED = [ROOT / name.strip("/") for name in PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]]
OWN_SITE = "docs"  # its first page is that of the site
FOLDERS = [path for path in SHIPPED if path.is_dir() and not path.name.startswith(".") and path.name != OWN_SITE]
PACKAGES = [
    path.parent for name in ("dictation", "pipelines", "benchmarks") for path in ROOT.glob(f"{name}/*/__init__.py")
]
RESULTS = ROOT / "benchmarks" / "results"


def first_line(folder) -> str:
    """The title of its README, else the beginning of its docstring; "" without either."""
    for name, mark in (("README.md", "# "), ("__init__.py", '"""')):
        path = folder / name
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if lines and lines[0].startswith(mark):
            return lines[0].removeprefix(mark).strip('"')
    return ""


@pytest.mark.parametrize("folder", [*FOLDERS, *PACKAGES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_folder_says_in_its_first_line_what_it_is_for(folder):
    assert len(first_line(folder)) > 10


def test_what_is_shipped_is_there():
    assert [path.name for path in SHIPPED if not path.exists()] == []
    assert {"dictation", "tests", "notebooks", "deploy"} <= {folder.name for folder in FOLDERS}


def test_a_result_is_named_by_what_makes_it():
    """By its whole name, or by the option that gives the second part of it ("live_hour": `live` with `--name hour`)."""
    made_by = [path for path in (ROOT / "benchmarks").rglob("*.py") if RESULTS not in path.parents]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in [*made_by, ROOT / "Makefile"])

    def is_named(stem: str) -> bool:
        kind, _, name = stem.partition("_")
        by_option = f"benchmarks.{kind} " in texts and f"--name {name}" in texts
        return by_option or f"results/{stem}" in texts or f'"{stem}.json"' in texts

    assert [path.name for path in RESULTS.iterdir() if not is_named(path.stem)] == []
