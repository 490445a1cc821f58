"""nginx as an administrator puts it before the app: TLS, a sub-path, and every time-out as it comes.

`serving_behind` is `serving` with nginx in between, so that whatever drives the page can drive it through the proxy.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import START_S, answers, held_port, serving
from tests.waiting import until

PATH = "/dictation/"
CONFIGURATION = (Path(__file__).parent / "nginx.conf").read_text("utf-8")


class Nginx:
    """nginx on `port` before the app on port `behind`. `log` is what it wrote of every request."""

    def __init__(self, folder: Path, port: int, behind: int) -> None:
        self._folder, self._port, self._process = folder, port, None
        user, text = "user root;" if _is_root() else "", CONFIGURATION
        for name, value in {"user": user, "folder": folder, "port": port, "path": PATH, "behind": behind}.items():
            text = text.replace(f"${name}$", str(value))
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
        subprocess.run([*new, *names, *files], check=True, capture_output=True)

    @property
    def log(self) -> str:
        return (self._folder / "access.log").read_text()

    def start(self) -> None:
        command = ["nginx", "-e", self._folder / "error.log", "-c", self._folder / "nginx.conf", "-g", "daemon off;"]
        self._process = subprocess.Popen(command)
        until(self._is_there, "nginx answers", START_S)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _is_there(self) -> bool:
        assert self._process.poll() is None, (self._folder / "error.log").read_text()
        return answers(f"https://127.0.0.1:{self._port}{PATH}readyz")


@contextmanager
def serving_behind(home: Path, folder: Path, **environment: str) -> Iterator[tuple[str, Nginx]]:
    """Serve as `serving` does, behind nginx; give the public address and the proxy. Skips without nginx or openssl."""
    for name, package in (("nginx", "nginx"), ("openssl", "openssl")):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not on this machine; apt-get install {package}")
    with held_port() as port:
        url = f"https://127.0.0.1:{port}{PATH}"
        with serving(home, DICTATION_PUBLIC_URL=url, **environment) as direct:
            proxy = Nginx(folder, port, urlsplit(direct).port)
            proxy.start()
            try:
                yield url, proxy
            finally:
                proxy.stop()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
