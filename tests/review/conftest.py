"""The app as a program of its own, and somebody in it whom no hostile client may disturb; both databases."""

import pytest

from tests.records.conftest import elsewhere, place, postgres, records
from tests.records.quick_hashes import QUICK
from tests.review.hostile import WORDS, Client, Program

__all__ = ["elsewhere", "place", "postgres", "records"]


@pytest.fixture(scope="module", autouse=True)
def quick_hashes():
    """A server in a test's own process hashes passwords at once; one in a process of its own as it always does."""
    with pytest.MonkeyPatch.context() as own:
        own.setattr("argon2.PasswordHasher", QUICK)
        yield


@pytest.fixture(scope="session")
def program(tmp_path_factory, own_folders):
    """`dictation serve`, for all hostile clients."""
    program = Program(tmp_path_factory.mktemp("hostile") / "home")
    yield program
    program.stop()


@pytest.fixture(scope="session")
def neighbour(program):
    """Somebody else, in another case, who works on all the while."""
    client = Client(program)
    assert client.type(WORDS)["ok"]
    yield client
    client.leave()


@pytest.fixture
def nobody_else_notices(program, neighbour):
    """Afterwards the server lives, the neighbour goes on, and nothing that was said, typed or named was written out."""
    yield
    program.disk_takes(None)
    assert program.process.poll() is None, program.output
    assert program.ask("/worklist")[0] in (200, 429)
    before = neighbour.state["pad"]["text"]
    assert neighbour.type(" More.")["ok"]
    assert neighbour.state["pad"]["text"] == before + " More."
    program.says_nothing()


@pytest.fixture
def client(program):
    """Somebody at a page with a case of their own."""
    client = Client(program)
    assert client.type(WORDS)["ok"]
    yield client
    client.leave()
