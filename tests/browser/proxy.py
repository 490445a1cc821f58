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
CONFIGURATION = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        client_max_body_size 4g;
        location = /favicon.ico {{ return 204; }}  # the host's own, for which a browser asks first
        location {path} {{
            proxy_pass http://127.0.0.1:{behind}/;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
"""


class Nginx:
    """nginx on `port` before the app on port `behind`. `log` is what it wrote of every request."""

    def __init__(self, folder: Path, port: int, behind: int) -> None:
        self._folder, self._port, self._process = folder, port, None
        user = "user root;" if _is_root() else ""
        text = CONFIGURATION.format(folder=folder, user=user, port=port, behind=behind, path=PATH)
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
