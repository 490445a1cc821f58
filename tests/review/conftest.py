"""What the tests of the app share: a home of one's own, an open case, and the app as a program of its own.

That program serves all hostile clients, and somebody whom none of them may disturb. One that died is a fault of the
test in which it died, and of no test after it: these get another one.
"""

from pathlib import Path

import pytest

from dictation.review.app import launch
from dictation.review.engines import Engines
from tests.records.conftest import elsewhere, place, postgres, records
from tests.records.quick_hashes import QUICK
from tests.review.desks import Reader, desk_of
from tests.review.hostile import WORDS, Client, Program

__all__ = ["elsewhere", "place", "postgres", "records"]


@pytest.fixture(scope="module", autouse=True)
def quick_hashes():
    """A server in a test's own process hashes passwords at once; one in a process of its own as it always does."""
    with pytest.MonkeyPatch.context() as own:
        own.setattr("argon2.PasswordHasher", QUICK)
        yield


@pytest.fixture
def own(settings, tmp_path):
    """Settings with a home of their own."""
    return settings.model_copy(update={"home": tmp_path / "home"})


@pytest.fixture
def cases(embedded, own):
    """The cases of a server without its sockets."""
    with desk_of(Engines(embedded), own) as cases:
        yield cases


@pytest.fixture
def reader(cases):
    """Somebody at a page with a new case."""
    return Reader(cases)


@pytest.fixture
def served(small_ear, own):
    """The app, served to pages over the wire."""
    served = launch(Engines(small_ear), own, 0)
    yield served
    served.close()


class Running:
    """`dictation serve` for all hostile clients, and somebody else, in another case, who works on all the while."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._begun = folder, 0
        self.program: Program | None = None

    def begin(self) -> None:
        """Start it where none runs. AssertionError: it died between two tests."""
        died = self.program
        if died is not None and died.process.poll() is None:
            return
        self._begun += 1
        self.program = Program(self._folder / f"home{self._begun}")
        self.neighbour = Client(self.program)
        assert self.neighbour.type(WORDS)["ok"]
        assert died is None, f"the server died after the test before: {died.output}"

    def check(self) -> None:
        """The server lives, the neighbour goes on, and nothing that was said, typed or named was written out."""
        program, neighbour = self.program, self.neighbour
        if program.process.poll() is not None:
            self.program = None  # it is this test's fault alone
            program.stop()
            raise AssertionError(program.output)
        program.disk_takes(None)
        assert program.ask("/worklist")[0] in (200, 429)
        before = neighbour.state["pad"]["text"]
        assert neighbour.type(" More.")["ok"]
        assert neighbour.state["pad"]["text"] == before + " More."
        program.says_nothing()

    def end(self) -> None:
        if self.program is not None:
            self.neighbour.leave()
            self.program.stop()


@pytest.fixture(scope="session")
def running(tmp_path_factory, own_folders):
    running = Running(tmp_path_factory.mktemp("hostile"))
    yield running
    running.end()


@pytest.fixture
def program(running):
    """`dictation serve`, for all hostile clients."""
    running.begin()
    return running.program


@pytest.fixture
def neighbour(running, program):
    """Somebody else, in another case, who works on all the while."""
    return running.neighbour


@pytest.fixture
def nobody_else_notices(running, program):
    """Afterwards all is well."""
    yield
    running.check()


@pytest.fixture
def client(program):
    """Somebody at a page with a case of their own."""
    client = Client(program)
    assert client.type(WORDS)["ok"]
    yield client
    client.leave()
