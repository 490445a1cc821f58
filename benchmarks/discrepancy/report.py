"""A host report, as sentences under two headings, and its text with the place of every sentence in it."""

from dataclasses import dataclass

HEADINGS = ("FINDINGS: ", "IMPRESSION: ")


@dataclass(frozen=True)
class Report:
    """One report. `origin` is "real" or "invented", `region` the part of the body, `sex` "M", "F" or None."""

    id: str
    origin: str
    region: str
    findings: tuple[str, ...]
    impression: tuple[str, ...]
    sex: str | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences, the findings first; an index into this tuple names a sentence everywhere here."""
        return self.findings + self.impression

    @property
    def cut(self) -> int:
        """How many sentences are findings."""
        return len(self.findings)

    @property
    def text(self) -> str:
        """As written, with headings."""
        return lay_out(self.sentences, self.cut).text


@dataclass(frozen=True)
class Laid:
    """A text and the [start, end) of each of its sentences, in the order in which they were given."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def span(self, index: int, start: int, end: int) -> tuple[int, int]:
        """Where the characters [start, end) of sentence `index` are in the text."""
        return self.spans[index][0] + start, self.spans[index][0] + end


def lay_out(sentences: tuple[str, ...], cut: int, order: tuple[int, ...] | None = None) -> Laid:
    """Sentences under FINDINGS (the first `cut`) and IMPRESSION. Spans keep the given order.

    `order` is the one in which they are written, as indices.
    """
    order = order or tuple(range(len(sentences)))
    text = ""
    spans: dict[int, tuple[int, int]] = {}
    for heading, part in zip(HEADINGS, ([i for i in order if i < cut], [i for i in order if i >= cut]), strict=True):
        if not part:
            continue
        text += ("\n\n" if text else "") + heading
        for number, index in enumerate(part):
            text += " " if number else ""
            spans[index] = (len(text), len(text) + len(sentences[index]))
            text += sentences[index]
    return Laid(text, tuple(spans[i] for i in range(len(sentences))))
