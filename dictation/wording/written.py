"""What was dictated, in written form, every character still tied to the words that were heard."""

from abc import abstractmethod
from bisect import bisect_right
from functools import cached_property
from typing import Literal

from dictation.frozen import Frozen, Keeping
from dictation.speech.transcript import Transcript, Word

SectionName = Literal["exam", "indication", "technique", "comparison", "findings", "impression"]
Separator = Literal["space", "line", "paragraph"]


class Link(Frozen):
    """Characters [start, end) of a sentence's text, and the words they were written from.

    `words` index `Dictation.words`, whose `text` always stays what the recognizer heard. `corrected` marks a misheard
    term that the lexicon put right; `heard` is then the form that it replaced, else empty. `doubtful` marks a word of
    neither English nor the lexicon that stayed as heard, because no term or more than one sounds like it.
    """

    span: tuple[int, int]
    words: tuple[int, ...]
    corrected: bool = False
    heard: str = ""
    doubtful: bool = False


class Sentence(Frozen):
    """One sentence in written form. `starts` says what separates it from the sentence before.

    `organ` is the heading of the findings that a person chose for it, None where nobody did.
    """

    id: str
    text: str
    alignment: tuple[Link, ...] = ()
    section: SectionName | None = None
    origin: Literal["dictated", "typed", "macro"] = "dictated"
    starts: Separator = "space"
    organ: str | None = None


class Retraction(Frozen):
    """Words taken back by the speaker ("scratch that", "correction"), kept so that nothing spoken is lost.

    `words` index `Dictation.words`; `command` is what was said to retract them.
    """

    text: str
    words: tuple[int, ...] = ()
    command: str = ""


class Command(Frozen):
    """An editing or layout command that was obeyed, with the words that spoke it."""

    name: str
    words: tuple[int, ...] = ()
    argument: str = ""


class Rendered(Keeping):
    """A value with one canonical text, rendered once and kept. `spans` maps ids to their [start, end) in `text`."""

    @property
    def text(self) -> str:
        """The canonical text."""
        return self._rendering[0]

    @property
    def spans(self) -> dict[str, tuple[int, int]]:
        """Id → [start, end) of that part in `text`."""
        return self._rendering[1]

    @cached_property
    def _rendering(self) -> tuple[str, dict[str, tuple[int, int]]]:
        return self._rendered()

    @abstractmethod
    def _rendered(self) -> tuple[str, dict[str, tuple[int, int]]]:
        """The text and its spans."""


class Dictation(Rendered):
    """The written form of one or more transcripts. `text` is its one canonical rendering, which spans index.

    Rendering: a sentence whose section differs from the one before starts a paragraph and is preceded by the
    section's name ("Findings: "); sentences are joined by a space, a newline or an empty line as `starts` says.
    """

    sentences: tuple[Sentence, ...]
    transcripts: tuple[Transcript, ...] = ()
    commands: tuple[Command, ...] = ()
    retracted: tuple[Retraction, ...] = ()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All words of all transcripts in order: what `Link.words` indexes."""
        return tuple(word for transcript in self.transcripts for word in transcript.words)

    def _rendered(self) -> tuple[str, dict[str, tuple[int, int]]]:
        text, spans, section = "", {}, None
        for sentence in self.sentences:
            new_section = sentence.section != section and sentence.section is not None
            if text:
                text += "\n\n" if new_section else {"space": " ", "line": "\n", "paragraph": "\n\n"}[sentence.starts]
            if new_section and sentence.section:
                text += f"{sentence.section.capitalize()}: "
            section = sentence.section
            spans[sentence.id] = (len(text), len(text) + len(sentence.text))
            text += sentence.text
        return text, spans

    @cached_property
    def _stops(self) -> list[int]:
        """Where each sentence ends in `text`: they stand in order, so one is found without looking at all."""
        return [self.spans[sentence.id][1] for sentence in self.sentences]

    def seconds(self, start: int, end: int) -> tuple[float, float] | None:
        """Seconds of the words behind characters [start, end) of `text`, in the recording that holds them.

        None where those characters were typed or have no timed word.
        """
        times: list[tuple[float, float]] = []
        for number in range(bisect_right(self._stops, start), len(self.sentences)):
            sentence = self.sentences[number]
            offset, _ = self.spans[sentence.id]
            if offset >= end:
                break
            for link in sentence.alignment:
                if link.span[1] + offset <= start or link.span[0] + offset >= end:
                    continue
                for index in link.words:
                    word = self.words[index]
                    if word.start_s is not None and word.end_s is not None:
                        times.append((word.start_s, word.end_s))
        return (min(t[0] for t in times), max(t[1] for t in times)) if times else None
