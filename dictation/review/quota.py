"""How much one user may upload in an hour, so that nobody fills the disk on which everybody's sound is kept.

What was allowed comes back steadily: an hour after much was sent all of it may be sent again. It is counted as it
arrives, what is refused later, too, and in this process alone.
"""

import math
import time
from collections.abc import Callable

from dictation.review.identity import signed_of
from dictation.review.limits import Allowed, Bucket, announced
from dictation.review.own_page import Asgi, Receive, Scope, Send, answer_plainly

MB, HOUR_S = 1_000_000, 3600


class UploadQuota:
    """ASGI middleware behind the sign-in: 413 for an upload larger than an hour's, 429 for one that comes too early."""

    def __init__(self, app: Asgi, mb_per_h: int, now: Callable[[], float] = time.monotonic) -> None:
        self._app, self._mb_per_h, self._now = app, mb_per_h, now
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what its user may still upload."""
        if scope["type"] != "http" or not scope["path"].startswith(Allowed.uploads):
            await self._app(scope, receive, send)
            return
        bucket, size = self._bucket(signed_of(scope).user.name), announced(scope)
        if size > self._mb_per_h * MB:
            await _refuse(send, 413, f"At most {self._mb_per_h} MB can be uploaded in an hour; send fewer files.")
        elif bucket.wait_s(size):
            await self._put_off(send, bucket, size)
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
            got += (size := len(message.get("body", b"")))
            if size and bucket.take(size):
                is_refused = True
                await self._put_off(send, bucket, got)
                return {"type": "http.disconnect"}
            return message

        async def unless_refused(message: Scope) -> None:
            if not is_refused:
                await send(message)

        try:
            await self._app(scope, counted, unless_refused)
        except Exception:  # what the app says of an upload that was broken off is of no interest
            if not is_refused:
                raise

    async def _put_off(self, send: Send, bucket: Bucket, size: int) -> None:
        wait_s = max(1, math.ceil(bucket.wait_s(size)))
        told = f"At most {self._mb_per_h} MB an hour can be uploaded; try again in {math.ceil(wait_s / 60)} min."
        await _refuse(send, 429, told, (b"retry-after", str(wait_s).encode()))


async def _refuse(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    await answer_plainly(send, status, text, (b"connection", b"close"), *headers)
