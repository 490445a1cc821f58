"""The optional packages of this program: their versions, and the command that installs what an extra lacks here.

The command names the packages themselves, with the ranges of `pyproject.toml`, so that it works from a checkout, a
wheel or an offline index alike.
"""

import re
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

DISTRIBUTION = "radiology-dictation"
_CHECKOUT = Path(__file__).resolve().parent.parent


def install_command(extra: str) -> str:
    """Return `pip install …` with every package of `extra` that is not installed; all of them where none is missing.

    In the folder of a checkout with the versions that the checkout is tested with.
    Raises ValueError for an extra that this distribution does not have.
    """
    wanted = _requirements(extra)
    if not wanted:
        raise ValueError(f"there is no extra '{extra}'")
    missing = [requirement for requirement in wanted if not is_installed(requirement)]
    locked = "-c constraints.txt " if Path("constraints.txt").is_file() and Path.cwd() == _CHECKOUT else ""
    return f"pip install {locked}" + " ".join(f'"{requirement}"' for requirement in missing or wanted)


def versions(*packages: str) -> dict[str, str]:
    """Return the version of each package that is installed, "none" for any other."""
    return {package: _version(package) or "none" for package in packages}


def _requirements(extra: str) -> list[str]:
    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # run from a source tree that was never installed
        return [f".[{extra}]"]
    found: list[str] = []
    for line in lines:
        requirement, _, marker = (part.strip() for part in line.partition(";"))
        if not re.search(rf"extra\s*==\s*[\"']{re.escape(extra)}[\"']", marker):
            continue
        own = re.fullmatch(rf"{DISTRIBUTION}\[([\w,-]+)\]", requirement)
        inner = [entry for part in own[1].split(",") for entry in _requirements(part)] if own else [requirement]
        found += [entry for entry in inner if entry not in found]
    return found


def is_installed(requirement: str) -> bool:
    """Return whether a package of this requirement is here, in whatever version."""
    name = re.match(r"[\w.-]+", requirement)
    return bool(name and _version(name[0]))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
