"""`make near` finds the tests of what changed, the nearest first."""

import subprocess

from tests.conftest import ROOT
from tests.near import changed, nearest

FILES = {
    "dictation/__init__.py": "",
    "dictation/size/__init__.py": "from dictation.size.length import length\nfrom dictation.size.area import area\n",
    "dictation/size/length.py": "def length(): ...\n",
    "dictation/size/area.py": 'TABLE = "areas"\ndef area(): ...\n',
    "dictation/size/areas.tsv": "a\t1\n",
    "dictation/size/both.py": "def both():\n    from dictation.size import area, length\n",
    "pipelines/__init__.py": "",
    "pipelines/cli.py": "from dictation.size.both import both\n",
    "tests/size/test_length.py": "from dictation.size import length\n",
    "tests/size/test_area.py": "from dictation.size import area\n",
    "tests/size/test_both.py": "import dictation.size.both\n",
    "tests/browser/conftest.py": "import dictation.size.area\n",
    "tests/browser/test_page.py": "",
    "tests/test_cli.py": 'RUN = ["-m", "pipelines"]\n',
    "tests/test_other.py": "import json\n",
}


def project(folder):
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def near(root, *names: str) -> dict[str, int]:
    found = nearest([root / name for name in names], root)
    return {path.relative_to(root / "tests").as_posix(): away for path, away in found.items()}


def test_the_nearest_come_first_and_a_name_counts_as_of_the_file_that_makes_it(tmp_path):
    root = project(tmp_path)
    assert near(root, "dictation/size/length.py") == {
        "size/test_length.py": 1,
        "size/test_both.py": 2,
        "test_cli.py": 3,
    }
    assert list(near(root, "dictation/size/area.py")) == [
        "size/test_area.py",
        "size/test_both.py",
        "browser/test_page.py",
        "test_cli.py",
    ]


def test_what_a_room_hands_on_counts_for_all_who_take_something_from_it(tmp_path):
    assert set(near(project(tmp_path), "dictation/size/__init__.py")) >= {"size/test_length.py", "size/test_area.py"}


def test_a_table_counts_for_those_who_name_it(tmp_path):
    assert near(project(tmp_path), "dictation/size/areas.tsv")["size/test_area.py"] == 2


def test_a_test_is_its_own_and_a_command_is_what_starts_it(tmp_path):
    root = project(tmp_path)
    assert near(root, "tests/test_other.py") == {"test_other.py": 0}
    assert near(root, "pipelines/cli.py") == {"test_cli.py": 1}


def test_what_changed_is_what_main_has_not_and_what_git_does_not_know(tmp_path):
    root = project(tmp_path)

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=Ada Example", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "all")
    assert changed(root) == []
    git("checkout", "-b", "mine")
    (root / "dictation/size/area.py").write_text("# new\n", encoding="utf-8")
    git("commit", "-a", "-m", "one")
    (root / "dictation/size/length.py").write_text("# new\n", encoding="utf-8")
    (root / "tests/test_new.py").write_text("", encoding="utf-8")
    (root / "tests/test_other.py").unlink()
    names = {path.relative_to(root).as_posix() for path in changed(root)}
    assert names == {"dictation/size/area.py", "dictation/size/length.py", "tests/test_new.py"}


def test_this_very_tree():
    assert near(ROOT, "dictation/wording/numbers.py")["wording/test_numbers.py"] == 1
    assert near(ROOT, "dictation/case/calls.py")["case/test_calls.py"] == 1
    assert near(ROOT, "dictation/lexicon/data/probe_findings.tsv")["reading/test_probes.py"] <= 2
