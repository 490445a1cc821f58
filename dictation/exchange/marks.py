"""Text with marks as HTML: which characters a difference rests on, which words were doubtful or put right.

Marks may overlap in any way; the text is cut at their edges, so that every piece of it carries all that is said of it.
Inside each piece every spoken word has a span of its own, with the seconds at which it was said.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from dictation.discrepancy import SEVERITIES, Discrepancy, Side
from dictation.exchange.labels import kind_labels
from dictation.exchange.sound import Stretch, stretch_of
from dictation.report import Statement
from dictation.speech import Alternative, Word
from dictation.wording import Dictation, Sentence
from dictation.wording.typed_over import TypedOver

_WORD = re.compile(r"\S+")
DOUBTFUL_BELOW = 0.5  # the recognizer itself thinks another word at least as likely as this one
UNSURE = "unsure word"


@dataclass(frozen=True)
class Mark:
    """What is said of characters [start, end): a difference (`exact`: its very words), or how they were heard.

    `note` says how, in words; `corrected` tells a misheard term put right from a word that was merely doubtful, and
    `over` one that a person typed for what was said. `said` stands alone: it tells where a word was said, and nothing
    else; so does `field`, the attributes of a report's [field], whose one element holds all other marks of its
    characters.
    """

    start: int
    end: int
    difference: Discrepancy | None = None
    exact: bool = False
    note: str = ""
    corrected: bool = False
    over: bool = False
    said: Stretch | None = None
    field: str = ""


def marked_html(text: str, marks: list[Mark], offset: int = 0) -> str:
    """Return `text` escaped, with its marks as spans. Marks count from `offset`, the place of `text` in its column."""
    html, others = "", [mark for mark in marks if not mark.field]
    for start, piece, over in _cut(text, [mark for mark in marks if mark.field], offset):
        inner = _marked(piece, others, offset + start)
        html += f"<span {over[0].field}>{inner}</span>" if over else inner
    return html


def _marked(text: str, marks: list[Mark], offset: int) -> str:
    words = [mark for mark in marks if mark.said]
    return "".join(
        _piece(_spoken(piece, words, offset + start), over)
        for start, piece, over in _cut(text, [mark for mark in marks if not mark.said], offset)
    )


def _cut(text: str, marks: list[Mark], offset: int) -> Iterator[tuple[int, str, list[Mark]]]:
    """Yield (start, piece, marks over it) of the pieces between the edges of marks."""
    shifted = [m for m in marks if m.start < offset + len(text) and m.end > offset]
    edges = {0, len(text)}
    for mark in shifted:
        edges |= {max(0, mark.start - offset), min(len(text), mark.end - offset)}
    for start, end in pairwise(sorted(edges)):
        yield start, text[start:end], [m for m in shifted if m.start - offset < end and m.end - offset > start]


def _spoken(text: str, words: list[Mark], offset: int) -> str:
    html = ""
    for _, piece, over in _cut(text, words, offset):
        said = over[0].said if over else None
        html += f'<span class="w" {heard_at(said)}>{escape(piece)}</span>' if said else escape(piece)
    return html


def heard_at(said: Stretch) -> str:
    """The attributes by which a page knows where something was said: number of the recording, from, to in seconds."""
    return f'data-take="{said.take}" data-from="{said.start_s:.2f}" data-to="{said.end_s:.2f}"'


def _piece(html: str, marks: list[Mark]) -> str:
    if not marks:
        return html
    differences = [m.difference for m in marks if m.difference]
    classes, title = [], []
    if differences:
        worst = min(differences, key=lambda d: SEVERITIES.index(d.severity))
        classes += ["diff", worst.severity]
    if any(m.exact for m in marks):
        classes.append("exact")
    for mark in (m for m in marks if m.note):
        classes.append("over" if mark.over else "corrected" if mark.corrected else "doubt")
        title.append(mark.note)
    attributes = f' class="{" ".join(dict.fromkeys(classes))}"'
    if differences:
        ids = " ".join(dict.fromkeys(d.id for d in differences))
        attributes += f' data-d="{escape(ids)}"'
    if title:
        attributes += f' title="{escape("; ".join(dict.fromkeys(title)))}"'
    exact = ' data-exact="' + escape(" ".join(m.difference.id for m in marks if m.exact and m.difference)) + '"'
    return f"<span{attributes}{exact if 'exact' in classes else ''}>{html}</span>"


def exact_parts(difference: Discrepancy, side: Side) -> list[tuple[int, int]]:
    """The characters of the attribute that disagrees ("left"), else of the finding, in that side's column."""
    if side.differing or side.claim is None:
        return [side.differing] if side.differing else []
    parts = side.claim.parts
    named = [parts[name] for name in kind_labels()[difference.kind].parts if name in parts]
    return named or [parts[name] for name in ("finding",) if name in parts]


def difference_marks(differences: tuple[Discrepancy, ...], column: str) -> list[Mark]:
    """Marks of all differences in one column, "heard" or "written"."""
    marks = []
    for difference in differences:
        sides: list[Side | None] = [getattr(difference, column)]
        if own_column(difference) == column:
            sides.append(difference.against)
        for side in sides:
            if side is not None and side.span is not None:
                marks.append(Mark(*side.span, difference=difference))
                marks += [Mark(*part, difference=difference, exact=True) for part in exact_parts(difference, side)]
    return marks


def own_column(difference: Discrepancy) -> str:
    """The column that contradicts itself, "heard" or "written"; "" where a difference is none within one column."""
    if difference.kind != "contradiction" or difference.against is None:
        return ""
    return "written" if difference.written else "heard"


def word_marks(dictation: Dictation, sentence: Sentence, takes: list[int]) -> list[Mark]:
    """Where each word of a sentence was said, counted from the start of the dictation's text; `takes` as `takes_of`."""
    offset, marks = dictation.spans[sentence.id][0], []
    for link in sentence.alignment:
        said = stretch_of(dictation, link.words, takes)
        if said:
            marks.append(Mark(offset + link.span[0], offset + link.span[1], said=said))
    return marks


def said_marks(dictation: Dictation, statement: Statement, offset: int, takes: list[int]) -> list[Mark]:
    """Where each word of a statement was said, counted from `offset`, the statement's place in the report.

    A word that its evidence holds, too, is there by itself; any other is where the first sentence of the evidence is.
    """
    by_text: dict[str, Stretch] = {}
    whole: list[int] = []
    for sentence in dictation.sentences:
        if sentence.id not in statement.evidence:
            continue
        whole = whole or [index for link in sentence.alignment for index in link.words]
        for link in sentence.alignment:
            if said := stretch_of(dictation, link.words, takes):
                by_text.setdefault(_letters(sentence.text[slice(*link.span)]), said)
    sentence_said = stretch_of(dictation, tuple(whole), takes)
    found = ((match.span(), by_text.get(_letters(match[0]), sentence_said)) for match in _WORD.finditer(statement.text))
    return [Mark(offset + start, offset + end, said=said) for (start, end), said in found if said]


def _letters(text: str) -> str:
    return text.strip(".,;:()").casefold()


def typed_over_marks(dictation: Dictation, over: Sequence[TypedOver], takes: list[int]) -> list[Mark]:
    """What a person typed over of critical words, in words, and the sound of these; all that `over` names.

    Marks with the sound come before those of `word_marks`: typed for "left", a word is played as what was said.
    """
    marks = []
    for one in over:
        offset = dictation.spans[one.sentence][0]
        place = (offset + one.span[0], offset + one.span[1])
        said = f"you said “{one.heard}”" if one.heard else "not said"
        marks.append(Mark(*place, note=f"{said}, {_typed(one.typed)}", over=True))
        stretch = stretch_of(dictation, one.words, takes)
        marks += [Mark(*place, said=stretch)] if stretch else []
    return marks


def _typed(text: str) -> str:
    return f"typed “{text}”" if text else "which was taken out by hand"


def other_hearings(dictation: Dictation, spans: Sequence[tuple[int, int]]) -> list[tuple[str, Alternative]]:
    """Return (word, another hearing of it) for the words behind characters of the dictation's text, each once."""
    found: dict[tuple[str, str], tuple[str, Alternative]] = {}
    for sentence in dictation.sentences:
        offset = dictation.spans[sentence.id][0]
        for link in sentence.alignment:
            if not any(link.span[0] + offset < end and link.span[1] + offset > start for start, end in spans):
                continue
            for word in (dictation.words[index] for index in link.words):
                for other in word.alternatives:
                    if _differs(other, word):
                        found.setdefault((word.text, other.text), (word.text, other))
    return list(found.values())


def _differs(other: Alternative, word: Word) -> bool:
    letters = ["".join(filter(str.isalnum, text.casefold())) for text in (other.text, word.text)]
    return other.source == "recognizer" and letters[0] != letters[1]


def hearing_marks(words: Sequence[Word], sentence: Sentence, offset: int) -> list[Mark]:
    """Doubtful and corrected words of one sentence, counted from the start of the dictation's text.

    `words` are all of the dictation (`Dictation.words`), `offset` is where the sentence begins.
    """
    marks = []
    for link in sentence.alignment:
        heard = [words[index] for index in link.words]
        is_word = any(map(str.isalnum, sentence.text[slice(*link.span)]))  # nobody says how a comma sounds
        doubtful = [w for w in heard if is_word and w.confidence is not None and w.confidence < DOUBTFUL_BELOW]
        if not (link.corrected or doubtful):
            continue
        if link.corrected:
            forms = [a.text for word in heard for a in word.alternatives if a.source == "lexicon"]
            said = "heard “" + (" ".join(forms) or " ".join(word.text for word in heard)) + "”"
        else:
            others = [a.text or "nothing" for word in doubtful for a in word.alternatives if _differs(a, word)]
            said = UNSURE + (", could be “" + "” or “".join(others) + "”" if others else "")
        place = (offset + link.span[0], offset + link.span[1])
        marks.append(Mark(*place, note=said, corrected=link.corrected))
    return marks
