"""Ports of this machine for programs that are told of them before they run."""

import socket
import sys


class HeldPort:
    """A port that nobody else is given as a free one, before its program begins and after it was killed, until closed.

    It is bound and not listened to: whoever is told of it may bind it and listen, as SO_REUSEADDR has it on Unix.
    """

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.number: int = self._held.getsockname()[1]
        if sys.platform == "win32":  # whoever binds it there without that option must find it free
            self.close()

    def close(self) -> None:
        self._held.close()

    def __enter__(self) -> int:
        return self.number

    def __exit__(self, *_: object) -> None:
        self.close()
