"""One open page: what it must be told. State is told once in its newest form, however often it changed meanwhile."""

import hashlib
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any

from dictation.records.rights import EVERYBODY, User
from dictation.review.listening import Kept

Message = dict[str, Any]
MOST_TOLD = 200  # sentences and answers that wait for a page which does not listen
MOST_HASHES = 10_000  # of blocks of sound, the same


def notice(text: str, case: str | None, *, error: bool = True, about: str = "", whose: str = "") -> Message:
    """Return a sentence for whoever sits at a page. `case` is the id of that which it is about; None: none.

    `whose` is that of its patient, for a page that may not have shown the case.
    """
    told: Message = {"kind": "notice", "text": text, "case": case, "error": error, "about": about}
    return {**told, "whose": whose} if whose else told


def acknowledgement(take: str, kept: Kept) -> Message:
    """Return what a page is told of the sound that it sent: which blocks are on the disk, by their hashes."""
    return {"kind": "ack", "take": take, "taken": kept.taken, "saved": kept.saved, "hashes": kept.hashes}


def own_id(id: str, user: User) -> str:
    """Return the id of a user's page by what the browser calls it: nobody else's page can have that id."""
    return hashlib.sha256(f"{user.name}\n{id}".encode()).hexdigest()[:32] if user.name else id


class Page:
    """A page by its id, whose it is, and in which session, as `viewing.session_of` names it.

    `wake` is called, from any thread, when there is something to tell.
    """

    def __init__(self, id: str, wake: Callable[[], None], user: User = EVERYBODY, session: str = "") -> None:
        self.id, self.user, self.session = id, user, session
        self.told_version = -1
        """The version of the pad that the page has; -1: none."""
        self._wake = wake
        self._changed: dict[str, None] = {}
        self._messages: deque[Message] = deque()
        self._acks: dict[str, Message] = {}
        self._lock = Lock()
        self.is_lost = False
        """Whether it has not listened for so long that it must begin anew."""

    def touch(self, *kinds: str) -> None:
        """Tell that state of these kinds has changed."""
        with self._lock:
            self._changed |= dict.fromkeys(kinds)
        self._wake()

    def tell(self, message: Message) -> None:
        """Tell one message, in order with the other messages; of what is known of a take's sound, the most."""
        with self._lock:
            if message["kind"] == "ack":
                known = self._acks.setdefault(message["take"], message)
                most = {k: max(known[k], message[k]) for k in ("taken", "saved")}
                hashes = {**known.get("hashes", {}), **message.get("hashes", {})}
                self._acks[message["take"]] = {**known, **message, **most, "hashes": hashes}
                self.is_lost = self.is_lost or len(hashes) > MOST_HASHES
            elif len(self._messages) >= MOST_TOLD:
                self.is_lost = True
            else:
                self._messages.append(message)
        self._wake()

    def take(self) -> tuple[list[Message], list[str]]:
        """Take what is to be told: messages, and the kinds of state that changed."""
        with self._lock:
            messages, kinds = [*self._messages, *self._acks.values()], list(self._changed)
            self._messages.clear()
            self._acks.clear()
            self._changed.clear()
        return messages, kinds
