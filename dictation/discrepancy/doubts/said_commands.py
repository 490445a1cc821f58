"""A spoken command that was not obeyed and stands in the text: what should give way may still stand there too."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from dictation.discrepancy.doubts.doubt import WORD, Doubt, Stretch
from dictation.lexicon import rows
from dictation.lexicon.critical import is_critical
from dictation.speech.transcript import Word
from dictation.wording.unobeyed import commands_in

REPLACE = re.compile(r"\breplace (?P<old>[^\s.;:]\S*(?: \S+){0,7}?) (?:with|by) (?P<new>\S[^.;:]*)", re.IGNORECASE)
ADVICE = frozenset(
    ["to", "should", "could", "can", "may", "will", "would", "not", "recommend", "consider"]
)  # right before it
ARTICLES = ("a", "an", "the")


QUESTION = "This reads as a spoken command that was not obeyed: change what it speaks of, and take it out."


def command_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "replace … with …", "scratch that" or aside that reads as a command, each place by itself.

    Advice to replace has an article, or says who does it.
    """
    told: Counter[str] = Counter()
    for index, sentence in enumerate(sentences):
        before = sentences[index - 1] if index else None
        commands = [*_replacing(sentence), *_editing(sentence)]
        for start, stop in commands or _asides(sentence):
            around = f"{_said(before)} | {_said(sentence)}".lower()
            told[around] += 1
            yield Doubt(start, stop, None, QUESTION, "critical", around=f"{around} | {told[around]}")


def _said(sentence: Stretch | None) -> str:
    return " ".join(word[0] for word in sentence.words) if sentence else ""


def _replacing(sentence: Stretch) -> Iterator[tuple[int, int]]:
    match = REPLACE.search(sentence.text, sentence.start, sentence.end)
    if match and _is_command(match, sentence):
        end = sentence.start + len(sentence.text[sentence.start : sentence.end].rstrip(" .!?"))
        yield match.start(), max(end, match.end())


def _editing(sentence: Stretch) -> Iterator[tuple[int, int]]:
    """Start and stop of each command that takes something back."""
    words, at = [word[0].lower() for word in sentence.words], 0
    for spoken in commands_in([Word(text=word) for word in sentence.text[sentence.start : sentence.end].split()]):
        phrase = spoken.split()
        places = range(at, len(words) - len(phrase) + 1)
        found = next((place for place in places if words[place : place + len(phrase)] == phrase), None)
        if found is not None:
            at = found + len(phrase)
            yield sentence.words[found].start(), sentence.words[at - 1].end()


def _asides(sentence: Stretch) -> Iterator[tuple[int, int]]:
    """The whole of a sentence that speaks to whoever writes: "Should have been right."."""
    said = sentence.text[sentence.start : sentence.end].rstrip(" .!?\n").replace("\u2019", "'")
    if _aside().search(said):
        yield sentence.start, sentence.start + len(said)


@cache
def _aside() -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:(?<!\w){row['pattern']})" for row in rows("asides")), re.IGNORECASE)


def _is_command(match: re.Match[str], sentence: Stretch) -> bool:
    """Whether it is no advice, which follows a verb, or has an article and speaks of no side, number or denial."""
    before = [word[0].lower() for word in sentence.words if word.end() <= match.start()][-1:]
    if ADVICE.intersection(before):
        return False
    named = WORD.findall(f"{match['old']} {match['new']}".replace(" new one", ""))
    begins = {match["old"].split()[0].lower(), match["new"].split()[0].lower()}
    return any(map(is_critical, named)) or (before not in (["and"], ["then"]) and begins.isdisjoint(ARTICLES))
