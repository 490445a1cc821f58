"""Statements that say what was said: a run of the dictated words, in their order, each word used once.

The same words in another order can say something else ("right kidney 11 cm, left kidney 9 cm"), and so can the same
words with a stop in another place, or a word said once and written twice. What such statements may do is to stand
elsewhere, to leave out or add a free word, and to divide a sentence where its parts say what the whole said. Where the
wording is polished more words are free, and a sentence of one finding may have another order (`rewording`).
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from dictation.findings import extract
from dictation.report.own_words import Word, joint, links, words_of
from dictation.report.place import STATED
from dictation.report.report import Statement
from dictation.report.rewording import gist, is_plain, reordered
from dictation.report.writer import Style
from dictation.wording import Dictation, Sentence


class _Said(NamedTuple):
    sentence: Sentence
    word: Word


class Run(NamedTuple):
    """A statement as it may stand, and the places of its words among all that were dictated."""

    statement: Statement
    places: range


class SaidWords:
    """The words of a whole dictation, in order: sentences that are not neighbours never make one run."""

    def __init__(self, dictation: Dictation, style: Style = "keep") -> None:
        self._style = style
        self._said = [
            _Said(sentence, word) for sentence in dictation.sentences for word in words_of(sentence.text, style)
        ]
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, (sentence, _) in enumerate(self._said):
            self._places[sentence.id].append(place)

    def run_of(self, statement: Statement, used: Iterable[int] = ()) -> Run | None:
        """Return the statement as a run of the words that it cites and that are not yet used, None for other words.

        Its evidence becomes the sentences of the run; where it has other stops or pauses, it gets the dictated ones.
        """
        words = words_of(statement.text, self._style)
        free = {place for name in statement.evidence for place in self._places[name]}.difference(used)
        for start in sorted(free):
            places = range(start, start + len(words))
            if words and free.issuperset(places) and self._same(words, places):
                ids = tuple(dict.fromkeys(self._said[place].sentence.id for place in places))
                text = statement.text if self._stops_alike(statement.text, words, places) else self._text(places)
                return Run(statement.model_copy(update={"evidence": ids, "text": text}), places)
        for name in statement.evidence if self._style == "polish" else ():
            own = self._places[name]
            if own and free.issuperset(own) and reordered(statement.text, self._said[own[0]].sentence.text):
                return Run(statement.model_copy(update={"evidence": (name,)}), range(own[0], own[-1] + 1))
        return None

    def is_whole(self, places: range) -> bool:
        """Say whether a run begins and ends with a sentence."""
        before, after = places.start - 1, places.stop
        return not any(
            0 <= outside < len(self._said) and self._said[outside].sentence.id == self._said[inside].sentence.id
            for outside, inside in ((before, places.start), (after, places.stop - 1))
        )

    def kept(self, statements: Iterable[Statement], ids: Iterable[str]) -> list[Statement] | None:
        """Return the statements that say these sentences in their own words; None where they leave out or change any.

        What says anything else, or something once more, is left out.
        """
        ids, runs = tuple(ids), list[Run]()
        used: set[int] = set()
        for statement in statements:
            if run := self.run_of(statement, used):
                runs.append(run)
                used.update(run.places)
        if all(used.issuperset(self._places[name]) and self._may_be_cut(name, runs) for name in ids):
            return [run.statement for run in runs]
        return None

    def _same(self, words: tuple[Word, ...], places: range) -> bool:
        return all(self._said[place].word.word == word.word for place, word in zip(places, words, strict=True))

    def _stops_alike(self, text: str, words: tuple[Word, ...], places: range) -> bool:
        """Say whether a run is joined as it was said: by stops, pauses, links, and by dashes between numbers."""
        for (one, two), place in zip(pairwise(words), places, strict=False):
            said, after = self._said[place], self._said[place + 1]
            wrote = text[one.end : two.start]
            is_one = said.sentence.id == after.sentence.id
            heard = said.sentence.text[said.word.end : after.word.start] if is_one else "."
            linked, was_linked = links(wrote), links(heard)
            if linked and was_linked and linked != was_linked:
                return False
            if "with" in linked and not was_linked and not self._is_plain(places):  # "no effusion with pneumothorax"
                return False
            if one.word[-1:].isdigit() and two.word[:1].isdigit() and _has_dash(wrote) != _has_dash(heard):
                return False
            mark, said_mark = joint(wrote), joint(heard)
            is_pause_more = self._style == "polish" and not said_mark and mark == ","
            if mark != said_mark and not (is_pause_more and self._is_plain(places)):
                return False
        return True

    def _is_plain(self, places: range) -> bool:
        """Say whether a pause or a link more cannot move a side, a number or a denial from one finding to another."""
        return is_plain([self._said[place].word.word for place in places])

    def _text(self, places: range) -> str:
        """The dictated text of a run."""
        parts = []
        for name in dict.fromkeys(self._said[place].sentence.id for place in places):
            own = self._places[name]
            text = self._said[own[0]].sentence.text
            start = 0 if own[0] in places else self._said[places.start].word.start
            end = len(text) if own[-1] in places else self._said[places.stop - 1].word.end
            parts.append(text[start:end])
        return " ".join(" ".join(parts).split())

    def _may_be_cut(self, name: str, runs: list[Run]) -> bool:
        own = self._places[name]
        parts = [[place for place in run.places if place in own] for run in runs]
        parts = [part for part in parts if part]
        if len(parts) < 2:
            return True
        texts = [self._text(range(part[0], part[-1] + 1)) for part in parts]
        claims = [[claim for claim in extract(text) if claim.finding_class in STATED] for text in texts]
        whole = extract(self._said[own[0]].sentence.text)
        return all(claims) and gist(whole) == gist(claim for text in texts for claim in extract(text))


def _has_dash(gap: str) -> bool:
    return any(dash in gap for dash in "-–—")
