"""What the wording rules made of words, as pieces of a pad: sentences, the names of sections, breaks and spaces."""

from collections.abc import Sequence

from dictation.frozen import Frozen
from dictation.wording.casing import is_small
from dictation.wording.pad_pieces import Piece, Tie, text_of
from dictation.wording.pad_sentences import is_ended
from dictation.wording.sections import ORDER
from dictation.wording.spacing import NO_SPACE_BEFORE
from dictation.wording.typed import goes_on
from dictation.wording.written import Command, Dictation, Link, SectionName, Sentence, Separator

LINES: dict[Separator, int] = {"space": 0, "line": 1, "paragraph": 2}


class Begin(Frozen):
    """Where a sentence of a stretch begins: with the break or the section's name before it.

    `at` counts characters from the start of the stretch, `word` its words. `section` and `item` (the number of the
    last numbered item) are what it goes on in. `closed` is its text, "" where it is still open.
    """

    at: int
    word: int
    section: SectionName | None
    item: int
    closed: str


class _Writing:
    """The pieces so far, and what the next one goes on in."""

    def __init__(self, words: Sequence[int], left: Sequence[Piece], section: SectionName | None, item: int) -> None:
        self.words, self.section, self.item = words, section, item
        self.left, self.before = text_of(left[-4:])[-3:], left[-1] if left else None
        self.pieces: list[Piece] = []
        self.commands: list[Command] = []
        self.begins: list[Begin] = []

    def numbers(self, words: Sequence[int]) -> tuple[int, ...]:
        """The pad's numbers of words of the stretch."""
        return tuple(self.words[word] for word in words)

    @property
    def end(self) -> str:
        """The last characters written."""
        return (self.left + text_of(self.pieces[-4:]))[-3:]

    @property
    def is_named(self) -> bool:
        """True right after the name of a section."""
        last = self.pieces[-1] if self.pieces else self.before
        return last is not None and last.section is not None

    @property
    def is_open(self) -> bool:
        """True where a sentence stands last that nothing closes."""
        return bool(self.end) and not is_ended(self.end) and self.end[-1] not in ":\n"

    def begin(self, word: int, closed: str) -> None:
        at = len(text_of(self.pieces))
        self.begins.append(Begin(at=at, word=word, section=self.section, item=self.item, closed=closed))

    def command(self, command: Command) -> None:
        """Keep a command of which nothing is written."""
        self.commands.append(command.model_copy(update={"words": self.numbers(command.words)}))

    def layout(self, layout: Sequence[Command], section: SectionName | None, starts: Separator) -> None:
        """Write a break, and the name of a section that is another than before."""
        names = [command for command in layout if command.name == "section"]
        breaks = tuple(word for command in layout if command.name != "section" for word in command.words)
        lines = LINES[starts] if breaks or not self.is_named else 0
        is_named = section is not None and (section != self.section or (bool(names) and self.is_open and not lines))
        there = len(self.end) - len(self.end.rstrip("\n")) if self.end else 2
        free = max(0, (2 if is_named else 0 if breaks else lines) - there - (lines if breaks else 0))
        self.write("\n" * free)
        if breaks and lines:
            self.write("\n" * lines, breaks)
        elif breaks:
            self.command(Command(name="new line", words=breaks))
        for name in names[:-1] if is_named else names:
            self.command(name)
        if is_named and section:
            self.write(f"{section.capitalize()}:", names[-1].words if names else (), section)
            self.item = 0
        self.section = section

    def write(self, text: str, words: Sequence[int] = (), section: SectionName | None = None) -> None:
        ties = (Tie(span=(0, len(text)), words=self.numbers(words)),) if words else ()
        if text:
            self.pieces.append(Piece(text=text, ties=ties, section=section, is_whole=section is not None))

    def space(self, text: str, *, is_inside: bool) -> None:
        """Part a sentence, or with `is_inside` the rest of one, from what was written."""
        end = self.end
        is_joined = (
            is_inside and text[0] in NO_SPACE_BEFORE and not text[1:2].isdigit() and not (text[0] == "?" and text[1:])
        )
        is_open = end[-1:] in ("(", "/") or (end[-1:] == "-" and end[-2:-1].isalnum())
        if end and not end[-1].isspace() and not is_joined and not is_open:
            self.write(" ")

    def sentence(self, sentence: Sentence, text: str, *, is_inside: bool) -> None:
        self.space(text, is_inside=is_inside)
        ties = tuple(
            Tie(
                span=link.span,
                words=self.numbers(link.words),
                corrected=link.corrected,
                heard=link.heard,
                doubtful=link.doubtful,
            )
            for link in sentence.alignment
        )
        self.pieces.append(Piece(text=text, ties=ties, is_whole=True))
        marks = sentence.alignment[1:2]
        if self.section == "impression" and marks and not marks[0].words and text[slice(*marks[0].span)] == ".":
            self.item = int(text[: marks[0].span[0]])


def pieces_of(
    dictation: Dictation,
    words: Sequence[int],
    left: Sequence[Piece],
    section: SectionName | None,
    item: int,
    *,
    is_inside: bool,
) -> tuple[list[Piece], list[Command], list[Begin]]:
    """The pieces that `dictation` is written as after `left`, the commands of which nothing is written, the begins.

    `words` are the pad's numbers of the dictation's words; `section` and `item` what these go on in, `is_inside`
    whether that is a sentence. The last begin is where the next sentence will begin.
    """
    writing = _Writing(words, left, section, item)
    waiting = [command for command in dictation.commands if command.name == "section" or command.name[:4] == "new "]
    others = [command for command in dictation.commands if command not in waiting]
    if is_inside and others and others[0].name == "punctuation" and others[0].words[0] == 0:
        stop = others.pop(0)  # "period", said first: it closes the sentence before
        writing.write(stop.argument, stop.words)
        is_inside = not is_ended(stop.argument)
    for command in others:
        writing.command(command)
    for number, sentence in enumerate(dictation.sentences):
        own = sorted({word for link in sentence.alignment for word in link.words})
        written = {
            word
            for link in sentence.alignment
            for word in link.words
            if sentence.text[slice(*link.span)].lower() in dictation.words[word].text.lower()
        }
        layout = _layout_before(sentence, sorted(own, key=lambda word: word not in written), waiting, writing.section)
        waiting = waiting[len(layout) :]
        is_closed = number + 1 < len(dictation.sentences) or bool(waiting) or _is_closed(sentence.text)
        word = min([*own, *(command.words[0] for command in layout)], default=0)
        writing.begin(word, sentence.text if is_closed else "")
        writing.layout(layout, sentence.section, sentence.starts)
        is_rest = is_inside and not number and not layout
        text = small(sentence, dictation) if is_rest else sentence.text
        writing.sentence(sentence, text, is_inside=is_rest)
    writing.begin(waiting[0].words[0] if waiting else len(words), "")
    if waiting:
        named = [command.argument for command in waiting if command.name == "section"]
        after: SectionName | None = writing.section
        for name in named:
            after = _section(name)
        breaks = {command.name for command in waiting}
        starts: Separator = "paragraph" if "new paragraph" in breaks else "line" if "new line" in breaks else "space"
        writing.layout(waiting, after, starts)
    return writing.pieces, writing.commands, writing.begins


def _layout_before(
    sentence: Sentence, own: Sequence[int], waiting: Sequence[Command], section: SectionName | None
) -> list[Command]:
    """The headings and breaks before a sentence whose words are `own`, those first that stand in it as heard.

    Words of which nothing is written are with those after them, though a heading may stand between: what stands before
    the sentence is then told by its section and how it starts.
    """
    for word in own:
        layout = [command for command in waiting if command.words[0] < word]
        named = [command.argument for command in layout if command.name == "section"]
        has_break = len(named) < len(layout)
        if (named[-1] if named else section) == sentence.section and has_break == (sentence.starts != "space"):
            return layout
    return [command for command in waiting if command.words[0] < min(own, default=0)]


def _section(name: str) -> SectionName:
    return next(section for section in ORDER if section == name)


def _is_closed(text: str) -> bool:
    """True for a sentence with its stop, but not for "1." or "Dr.", which more belongs to."""
    return is_ended(text) and not goes_on(text)


def small(sentence: Sentence, dictation: Dictation) -> str:
    """The text of a sentence that goes on in one: without the capital that its first word has only as the first."""
    text = sentence.text
    for link in sentence.alignment:
        word = text[slice(*link.span)]
        if any(letter.isalnum() for letter in word):
            return f"{text[: link.span[0]]}{_lowered(word, link, dictation)}{text[link.span[1] :]}"
    return text


def _lowered(word: str, link: Link, dictation: Dictation) -> str:
    heard = dictation.words[link.words[0]].text if link.words else ""
    is_plain = word[:1].isupper() and (len(word) == 1 or word[1:].islower())
    is_lent = heard[:1].islower() or (is_small(word.lower()) and word != "I")
    return word[0].lower() + word[1:] if is_plain and is_lent else word
