"""A spoken "replace" that was not obeyed and stands in the text: what should give way may still stand there too."""

import re
from collections.abc import Iterable, Iterator

from dictation.discrepancy.doubts.doubt import Doubt, Stretch

REPLACE = re.compile(
    r"(?<!to )(?<!and )(?<!then )(?<!should )(?<!could )(?<!may )(?<!will )(?<!would )(?<!recommend )"
    r"\breplace (?!an? |the )(?:[^\s.;:]\S* ){1,8}?with (?!an? |the )\S",
    re.IGNORECASE,
)


def command_doubts(sentences: Iterable[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "replace … with …" that reads as a command; advice has an article, or says who does it."""
    for sentence in sentences:
        if match := REPLACE.search(sentence.text, sentence.start, sentence.end):
            end = sentence.start + len(sentence.text[sentence.start : sentence.end].rstrip(" .!?"))
            question = "This reads as a spoken command that was not obeyed: change what it speaks of, and take it out."
            yield Doubt(match.start(), max(end, match.end()), None, question, "critical")
