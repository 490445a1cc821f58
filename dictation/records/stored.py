"""What the records give back: a case as it is kept, and who has it open."""

from typing import Literal

from dictation.case.draft import Draft
from dictation.case.ordered import Resent
from dictation.case.version import Version
from dictation.errors import DictationError
from dictation.exam import Order
from dictation.frozen import Frozen

State = Literal["draft", "preliminary", "final", "addended"]
OrderStatus = Literal["", "active", "changed", "cancelled"]


class Lock(Frozen):
    """The page that may change a case, the name of its user, and since when (UTC)."""

    page: str
    name: str
    at: str


class Stored(Frozen):
    """A case as it is kept. `revision` grows with every change, also one that came from outside the page.

    `order_status` is "" without an order from the information system, "changed" where it was sent again after a
    signature; `new_orders` holds what was sent since then, whatever the status, and is not what the draft holds.
    `signed_elsewhere` is as in `Resent`.
    """

    draft: Draft
    state: State
    revision: int
    lock: Lock | None
    versions: tuple[Version, ...]
    sent_at: str
    order_status: OrderStatus
    new_orders: tuple[Order, ...] = ()
    signed_elsewhere: bool = False

    @property
    def resent(self) -> Resent:
        """What is known of the orders beside the draft."""
        return Resent(status=self.order_status, orders=self.new_orders, signed_elsewhere=self.signed_elsewhere)


class Taken(DictationError):
    """Another page holds the case, or nobody does: `lock` says who."""

    def __init__(self, lock: Lock | None) -> None:
        self.lock = lock
        if lock is None:
            super().__init__("This page has not taken the case; open it again to go on.")
        else:
            super().__init__(f"The case is open on another page ({lock.name}); take it over to go on here.")
