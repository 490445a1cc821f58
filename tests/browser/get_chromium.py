"""Bring a Chromium for the browser tests: from apt as root, else the one that is here, else Playwright's own.

The shell without a window comes first: it opens a page in a quarter of the time, with a third of the processor.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def found() -> str | None:
    """Path of a browser that the tests can drive, or None."""
    return os.environ.get("CHROMIUM") or shutil.which(SHELL) or whole()


def whole() -> str | None:
    """Path of a browser that has windows and tabs, which can hide a page, or None."""
    return next((path for name in WHOLE if (path := shutil.which(name))), None)


def from_playwright() -> str | None:
    """Path of the browser that Playwright itself has installed, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _from_apt(name: str) -> None:
    """Try to install a package, where this is root on Debian or its like; not every release has each of them."""
    if not (shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", name], env=quiet, check=False)


def main() -> int:
    """Install what is missing; 1 where there is no browser in the end."""
    if "CHROMIUM" not in os.environ:
        for name, is_here in ((SHELL, shutil.which(SHELL)), ("chromium", whole())):
            if not is_here:
                _from_apt(name)
    if not (found() or from_playwright()):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if found() or from_playwright():
        return 0
    print("no Chromium could be installed; install one, or set CHROMIUM to its path.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
