"""The whole app in a process of its own, which is killed with -9 and started again at the same port.

Its ear is MedASR with small weights that know the clips of the tests: real, and loaded at once.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from pydantic import SecretStr

from dictation.review.app import launch
from dictation.review.engines import Engines
from dictation.settings import Settings
from tests.records.cases import Place
from tests.records.forking import forking
from tests.review.ports import HeldPort

START_S = 120.0


class MortalServer:
    """A server that can be started, killed and started again."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._held = HeldPort()  # also while it is dead: its pages come back to it, and to nobody else
        self.port = self._held.number
        self.url = f"http://127.0.0.1:{self.port}/"
        self._context = forking("tests.review.warm_server")
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start it; it answers when this returns."""
        ours, theirs = self._context.Pipe(duplex=False)
        self._process = self._context.Process(target=work, args=(theirs, self.place, self.port), daemon=True)
        self._process.start()
        theirs.close()
        assert ours.poll(START_S), "the server does not start"
        assert ours.recv() == "ready"
        ours.close()

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.join()
        assert self._process.exitcode == -9, "the server ended by itself"
        self._process = None

    def close(self) -> None:
        """Give its port back."""
        self._held.close()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None and self._process.pid is not None
        return self._process.pid


def work(told: Connection, place: Place, port: int) -> None:
    """Serve until somebody ends this."""
    from dictation.speech.medasr.recognizer import MedASRRecognizer
    from tests.speech.tiny_lasr import SMALL_LASR

    settings = Settings(home=place.home, database_url=SecretStr(place.url), medasr_precision="float32", threads=1)
    launch(Engines(MedASRRecognizer.load(SMALL_LASR, settings)), settings, port)
    told.send("ready")
    while True:
        time.sleep(60)


@contextmanager
def mortal(place: Place, *_: object) -> Iterator[MortalServer]:
    """A server that runs, and is killed at the end."""
    server = MortalServer(place)
    server.start()
    try:
        yield server
    finally:
        if server._process is not None:
            server.kill()
        server.close()
