"""Texts to be taught → a note on what stands in braces or brackets there and is no token of MedASR, as "{perid}"."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from dictation.speech.medasr.finetuning.examples import Example, lines_named
from dictation.speech.medasr.mending import snapped
from dictation.speech.medasr.token_names import PAIR, named, squeezed


def note_unknown_tokens(examples: Sequence[Example], shown: str, note: Callable[[str], None]) -> None:
    """Say by line what is probably meant; the text itself is not shown. `shown` names the list."""
    lines: dict[str, list[int]] = defaultdict(list)
    for one in examples:
        for meant in _unknown(one.text):
            lines[meant].append(one.line)
    for meant, numbers in sorted(lines.items()):
        perhaps = f"; {meant} may be meant" if meant else ""
        note(
            f"{shown}, {lines_named(numbers)}: what stands in braces or brackets is no command or heading that MedASR"
            f" is known to write{perhaps}. It is taught as it is."
        )


def _unknown(text: str) -> list[str]:
    """For each pair of marks that holds no known token, and for stray marks: the token that is near, "" for none."""
    found: list[str] = []
    for pair in PAIR.finditer(text):
        is_brace = pair[1] is not None
        part = pair[1] if is_brace else pair[2]
        if squeezed(part) not in named(is_brace):
            token = snapped(part, is_brace)
            found.append("" if token is None else f"{{{token.name}}}" if is_brace else f"[{token.name.upper()}]")
    return [*found, ""] if any(mark in PAIR.sub("", text) for mark in "{}[]") else found
