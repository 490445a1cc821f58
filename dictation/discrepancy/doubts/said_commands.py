"""A spoken command that was not obeyed and stands in the text: what should give way may still stand there too."""

import re
from collections.abc import Iterable, Iterator

from dictation.discrepancy.doubts.doubt import WORD, Doubt, Stretch
from dictation.lexicon.critical import is_critical
from dictation.speech.transcript import Word
from dictation.wording.editing import commands_in

REPLACE = re.compile(r"\breplace (?P<old>[^\s.;:]\S*(?: \S+){0,7}?) (?:with|by) (?P<new>\S[^.;:]*)", re.IGNORECASE)
ADVICE = frozenset(
    ["to", "should", "could", "can", "may", "will", "would", "not", "recommend", "consider"]
)  # right before it
ARTICLES = ("a", "an", "the")


QUESTION = "This reads as a spoken command that was not obeyed: change what it speaks of, and take it out."


def command_doubts(sentences: Iterable[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "replace … with …" or "scratch that" that reads as a command.

    Advice to replace has an article, or says who does it.
    """
    for sentence in sentences:
        yield from _edits(sentence)
        match = REPLACE.search(sentence.text, sentence.start, sentence.end)
        if match and _is_command(match, sentence):
            end = sentence.start + len(sentence.text[sentence.start : sentence.end].rstrip(" .!?"))
            yield Doubt(match.start(), max(end, match.end()), None, QUESTION, "critical")


def _edits(sentence: Stretch) -> Iterator[Doubt]:
    """A doubt for each command that takes something back, in the order in which they stand."""
    at = sentence.start
    for spoken in commands_in([Word(text=word[0]) for word in sentence.words]):
        found = re.compile(r"\s+".join(map(re.escape, spoken.split())), re.IGNORECASE).search(sentence.text, at)
        if found:
            at = found.end()
            yield Doubt(found.start(), found.end(), None, QUESTION, "critical")


def _is_command(match: re.Match[str], sentence: Stretch) -> bool:
    """Whether it is no advice, which follows a verb, or has an article and speaks of no side, number or denial."""
    before = [word[0].lower() for word in sentence.words if word.end() <= match.start()][-1:]
    if ADVICE.intersection(before):
        return False
    named = WORD.findall(f"{match['old']} {match['new']}".replace(" new one", ""))
    begins = {match["old"].split()[0].lower(), match["new"].split()[0].lower()}
    return any(map(is_critical, named)) or (before not in (["and"], ["then"]) and begins.isdisjoint(ARTICLES))
