"""What a whole run found, and on what: how many reports were heard, had a header, an order and a reading."""

from dataclasses import dataclass, field

from dictation.errors import MissingError
from dictation.exam import ExamFacts
from dictation.exchange.flags import Flag
from pipelines.recheck_beside import Folders
from pipelines.recheck_looking import Looked, Task


@dataclass
class Looks:
    """The flags by report, and how many of the reports were held against what. `failed` could not be used.

    `bare` had images without a header, which nobody read.
    """

    found: dict[str, list[Flag]] = field(default_factory=dict)
    heard: int = 0
    headers: int = 0
    orders: int = 0
    seen: int = 0
    bare: int = 0
    failed: int = 0
    missing: MissingError | None = None

    def known(self, task: Task, flags: list[Flag]) -> None:
        """Note a report that was looked at before."""
        self.add(Looked(task, flags))

    def add(self, one: Looked) -> None:
        """Note one look at a report."""
        task = one.task
        has_header = task.facts is not None and task.facts != ExamFacts()
        is_seen = bool(task.seen) or (task.look is not None and not one.unseen)
        self.found[task.report.id] = one.flags
        self.heard += task.audio is not None and one.is_heard
        self.headers += has_header
        self.orders += task.order is not None
        self.seen += is_seen
        self.bare += task.facts is not None and not has_header and not is_seen

    def told(self, reports: int, folders: Folders, is_read: bool) -> list[str]:
        """What the flags rest on beside the texts of all `reports`, in a line; and how many images nobody used."""
        of = f"of {reports}"
        parts = (
            f"Heard {self.heard} {of}" if folders.audio else "No sound given",
            f"image headers for {self.headers} {of}" if folders.images else "no images given",
            f"orders for {self.orders} {of}" if folders.orders else "no orders given",
            f"readings of the image for {self.seen} {of}" if folders.seen or is_read else "no readings of images given",
        )
        whose = "one report" if self.bare == 1 else f"{self.bare} reports"
        why = f"No header in the images of {whose}: not used (they need --reader or --seen)."
        return ["; ".join(parts) + ".", *([why] if self.bare else [])]
