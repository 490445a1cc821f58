"""What was said and is not in the text, as the ear that listened tells of it."""

from dictation.case.draft import Unheard
from dictation.speech.clock import span_s, without_clock
from dictation.speech.live import Final
from dictation.speech.lost_speech import MIN_GAP_S, NO_WORDS, TAKEN_FOR_NOISE

Span = tuple[float, float]  # [start, end) in seconds of a take


def is_lost(event: Final, warning: str) -> bool:
    """Whether an ear warns of speech that is not among the words of a final.

    It does not of what it took for noise, nor where a word of its own lies over all of a voice: a word that lasts too
    long may hide others, or may have been placed badly.
    """
    if warning.endswith(TAKEN_FOR_NOISE) or not (span := _span(event, warning)):
        return False
    return not (event.words and warning.endswith(NO_WORDS)) or _length_s(_widest_gap(event, span)) >= MIN_GAP_S


def lost(take: str, event: Final) -> tuple[Unheard, ...]:
    """Return the stretches of a final in which something was said that is not among its words."""
    found = []
    for warning in event.warnings:
        span = _span(event, warning)
        if span and is_lost(event, warning):
            start_s, end_s = _widest_gap(event, span)
            found.append(Unheard(take=take, start_s=start_s, end_s=end_s, why=_why(warning)))
    return tuple(dict.fromkeys(found))


def _why(warning: str) -> str:
    return without_clock(warning).removesuffix("; listen there.")


def _span(event: Final, warning: str) -> Span | None:
    """The seconds of a warning, which names whole ones, as far as they are in the final.

    None where they were told before: of a final that an earlier server began to tell, only the rest is told.
    """
    first_s, last_s = span_s(warning) or (event.start_s, event.end_s)
    start_s, end_s = max(first_s, event.start_s), min(last_s, event.end_s)
    return (start_s, end_s) if end_s > start_s else None


def _widest_gap(event: Final, span: Span) -> Span:
    """The longest part of a stretch that no word covers, the whole where there is none."""
    gaps, (at_s, end_s) = [], span
    for word in event.words:
        if word.start_s is not None and word.end_s is not None:
            gaps.append((at_s, min(word.start_s, end_s)))
            at_s = max(at_s, word.end_s)
    widest = max([*gaps, (at_s, end_s)], key=_length_s)
    return widest if _length_s(widest) > 0 else span


def _length_s(span: Span) -> float:
    return span[1] - span[0]
