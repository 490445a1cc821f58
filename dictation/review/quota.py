"""How much one user may upload in an hour, so that nobody fills the disk on which everybody's sound is kept.

What was allowed comes back steadily: an hour after much was sent all of it may be sent again. It is counted as it
arrives, what is refused later, too, and in this process alone. Where the disk is nearly full, room is left to sound.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from dictation.review.identity import signed_of
from dictation.review.limits import Allowed, Bucket, announced
from dictation.review.own_page import Asgi, Receive, Scope, Send, answer_plainly, drained
from dictation.weights import free_bytes

MB, HOUR_S = 1_000_000, 3600
LOOK_BYTES = 16 * MB  # of an upload, between two looks at the disk


@dataclass(frozen=True)
class Refusal:
    """Why an upload is not taken. `wait_s`: seconds before it may be sent again, 0 for never."""

    status: int
    text: str
    wait_s: int = 0


class UploadQuota:
    """ASGI middleware behind the sign-in: 413 for an upload larger than an hour's, 429 for one that comes too early.

    413, too, where less than `least_free_mb` MB would be free on the disk of `home`.
    """

    def __init__(
        self, app: Asgi, mb_per_h: int, home: Path, least_free_mb: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._mb_per_h, self._now = app, mb_per_h, now
        self._home, self._least_free_mb = home, least_free_mb
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what its user may still upload."""
        if scope["type"] != "http" or not scope["path"].startswith(Allowed.uploads):
            await self._app(scope, receive, send)
            return
        bucket, size = self._bucket(signed_of(scope).user.name), max(0, announced(scope))
        if refusal := self._too_much(bucket, size) or await self._too_full(size):
            await drained(receive)
            await _refuse(send, refusal)
        else:
            await self._measured(bucket, scope, receive, send)

    def _bucket(self, user: str) -> Bucket:
        if user not in self._buckets:  # as many as there are accounts
            self._buckets[user] = Bucket(self._mb_per_h * MB, self._mb_per_h * MB / HOUR_S, self._now)
        return self._buckets[user]

    async def _measured(self, bucket: Bucket, scope: Scope, receive: Receive, send: Send) -> None:
        got, is_refused = 0, False

        async def counted() -> Scope:
            nonlocal got, is_refused
            message = {"type": "http.disconnect"} if is_refused else await receive()
            before, got = got, got + (size := len(message.get("body", b"")))
            refusal = None
            if size and bucket.take(size):
                refusal = self._too_early(bucket, got)
            elif got // LOOK_BYTES > before // LOOK_BYTES:
                refusal = await self._too_full(0)
            if refusal is None:
                return message
            is_refused = True
            if message.get("more_body"):
                await drained(receive)
            await _refuse(send, refusal)
            return {"type": "http.disconnect"}

        async def unless_refused(message: Scope) -> None:
            if not is_refused:
                await send(message)

        try:
            await self._app(scope, counted, unless_refused)
        except Exception:  # what the app says of an upload that was broken off is of no interest
            if not is_refused:
                raise

    def _too_much(self, bucket: Bucket, size: int) -> Refusal | None:
        if size > self._mb_per_h * MB:
            return Refusal(413, f"At most {self._mb_per_h} MB can be uploaded in an hour; send fewer files.")
        return self._too_early(bucket, size) if bucket.wait_s(size) else None

    def _too_early(self, bucket: Bucket, size: int) -> Refusal:
        wait_s = max(1, math.ceil(bucket.wait_s(size)))
        told = f"At most {self._mb_per_h} MB an hour can be uploaded; try again in {math.ceil(wait_s / 60)} min."
        return Refusal(429, told, wait_s)

    async def _too_full(self, size: int) -> Refusal | None:
        if await run_in_threadpool(free_bytes, self._home) - size >= self._least_free_mb * MB:
            return None
        least = f"{self._least_free_mb} MB (DICTATION_LEAST_FREE_MB)"
        return Refusal(413, f"The disk has no room for it: {least} stay free for sound; free some space, or send less.")


async def _refuse(send: Send, refusal: Refusal) -> None:
    more = [(b"retry-after", str(refusal.wait_s).encode())] if refusal.wait_s else []
    await answer_plainly(send, refusal.status, refusal.text, (b"connection", b"close"), *more)
