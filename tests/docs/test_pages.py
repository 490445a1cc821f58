"""README and docs: short enough, no link that leads nowhere, no command or setting that is not there, nothing stale."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dictation.settings import Settings
from docs.generate import DOCS, MADE, PAGES, path_of
from tests.deploy.test_names import understood

ROOT = DOCS.parent
HAND_MADE = [ROOT / "README.md", *(path for path in sorted(DOCS.rglob("*.md")) if "_site" not in path.parts)]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in HAND_MADE}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
OURS = re.compile(r"(?:\.venv/bin/)?dictation (.*)")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_code_says(name):
    made = PAGES[name]()
    assert made.startswith(MADE)
    assert path_of(name).read_text(encoding="utf-8") == made, "run: make docs"


def test_every_link_leads_to_a_file():
    dead = [
        (name, link)
        for name, text in TEXTS.items()
        for link in LINK.findall(text)
        if not link.startswith(("http://", "https://", "#"))
        and not (ROOT / name).parent.joinpath(link.partition("#")[0]).exists()
    ]
    assert dead == []


def test_every_setting_that_is_named_exists():
    texts = [*TEXTS.values(), *(path.read_text("utf-8") for path in (ROOT / "deploy").iterdir() if path.is_file())]
    named = {one for text in texts for one in re.findall(r"\bDICTATION_([A-Z_]+[A-Z])\b", text)}
    assert {one for one in named if one.lower() not in Settings.model_fields} == set()


def commands(text: str) -> Iterator[str]:
    """Every line of a block of code that runs our command: what follows its name."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    for line in "\n".join(blocks).splitlines():
        for part in line.split(" | "):
            if found := OURS.match(part.strip()):
                yield found[1]


def test_every_line_of_ours_is_one_that_the_program_understands():
    lines = [(name, line) for name, text in TEXTS.items() for line in commands(text)]
    assert len(lines) > 15
    for name, line in lines:
        assert understood(line), (name, line)


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {one for text in TEXTS.values() for one in re.findall(r"(?:`|^    |^)make ([a-z-]+)", text, re.MULTILINE)}
    assert named - targets == set() and "docs" in named


def test_every_extra_that_is_named_exists():
    extras = set(re.findall(r"^([a-z0-9-]+) = \[", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        one
        for text in TEXTS.values()
        for several in re.findall(r'"\.\[([a-z0-9,-]+)\]"', text)
        for one in several.split(",")
    }
    assert named - extras == set() and named


def test_every_file_of_the_code_that_is_named_exists():
    places = (ROOT, ROOT / "dictation", ROOT / "dictation" / "lexicon" / "data")
    named = {
        one
        for one in re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|js|tsv|json|toml))`", TEXTS["docs/architecture.md"])
        if not any((place / one).exists() for place in places)
    }
    assert named == set()


def test_the_pictures_are_small_and_each_is_shown():
    pictures = {path.name: path.stat().st_size for path in (DOCS / "pictures").iterdir()}
    assert sum(pictures.values()) < 1_500_000
    shown = {Path(link).name for text in TEXTS.values() for link in LINK.findall(text)}
    assert pictures.keys() - shown == set()
