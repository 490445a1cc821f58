"""What was said and is not in the text, as the ear that listened tells of it."""

from collections.abc import Iterable, Sequence
from typing import Literal

from dictation.case.draft import Draft, LeftOut, Unheard
from dictation.speech.clock import clock, span_s, without_clock
from dictation.speech.context import middle_s
from dictation.speech.live import Final, Notice
from dictation.speech.lost_speech import HEARD_IN_TWO_WAYS, MIN_GAP_S, NO_WORDS, NOT_BELIEVED, TAKEN_FOR_NOISE
from dictation.speech.transcript import Transcript, Word

_WHOLE = "; listen to it."  # of a warning about a recording of which nothing was made out
BEFORE_S = 0.2  # heard before a softer voice, which is noticed a little after its first sound
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
            if warning.endswith(HEARD_IN_TWO_WAYS):  # it begins before the final
                start_s, end_s = span_s(warning) or span
            elif warning.endswith(NOT_BELIEVED):  # whatever words lie over it
                start_s, end_s = span
            found.append(Unheard(take=take, start_s=start_s, end_s=end_s, why=_why(warning)))
    return tuple(dict.fromkeys(found))


def doubtful(take: str, event: Final) -> tuple[LeftOut, ...]:
    """Return the stretches of a final that its ear warns of, and in which no speech is known to be lost."""
    found = []
    for warning in event.warnings:
        span = _span(event, warning)
        if span and not is_lost(event, warning):
            why: Literal["noise", "word"] = "noise" if warning.endswith(TAKEN_FOR_NOISE) else "word"
            found.append(LeftOut(take=take, start_s=span[0], end_s=span[1], why=why))
    return tuple(found)


def as_final(transcript: Transcript, name: str) -> Final:
    """Return what was heard of a recording that was given as a file as one final, with what its ear warns of.

    `name` is the recording's, which its ear's warnings begin with; what they say of no stretch is left out, but for one
    that gave no word at all.
    """
    own = [text.removeprefix(f"{name}: ") for text in transcript.warnings if text.startswith(f"{name}: ")]
    warnings = tuple(text for text in own if span_s(text) or text.endswith(_WHOLE))
    return Final(phrase=0, words=transcript.words, start_s=0, end_s=transcript.duration_s, warnings=warnings)


def softer(stretches: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Those of a softer voice that can be heard as the user's own."""
    return tuple(one for one in stretches if one.why == "voice" and not one.is_heard)


def with_left_out(known: Sequence[LeftOut], more: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Add stretches to those that are known: a session that goes on after a crash tells some of them again."""
    places = {(one.take, one.start_s, one.end_s, one.why) for one in known}
    return (*known, *(one for one in more if (one.take, one.start_s, one.end_s, one.why) not in places))


def with_notice(known: Sequence[LeftOut], take: str, notice: Notice) -> tuple[LeftOut, ...]:
    """Take up that a softer voice was left out of a take, or ("own") is heard after all since a second.

    What was heard when asked stays known: `not_twice` leaves its words out of what is given back.
    """
    if notice.kind == "own":
        back = [one for one in softer(known) if one.take == take and one.start_s >= notice.start_s]
        return tuple(one for one in known if one not in back)
    end_s = notice.start_s if notice.end_s is None else notice.end_s
    return with_left_out(known, [LeftOut(take=take, start_s=notice.start_s, end_s=end_s, why="voice")])


def heard_as_own(known: Sequence[LeftOut], one: Unheard | LeftOut | None) -> tuple[LeftOut, ...]:
    """Take up that one of the stretches was heard as the user's own."""
    return tuple(each.model_copy(update={"is_heard": True}) if each == one else each for each in known)


def words_of_stretch(one: LeftOut, words: Sequence[Word], so_far: Sequence[Word]) -> tuple[Word, ...]:
    """Those of the words heard of a softer voice and of the sound around it that are its own, by their middle.

    Its first sound may lie before it, where no word of the take so far does. What is said behind it is in the next
    phrase.
    """
    from_s = one.start_s if _reach_before(so_far, one) else one.start_s - BEFORE_S
    return tuple(word for word in words if word.start_s is None or _lies_in(word, (from_s, one.end_s)))


def not_twice(known: Iterable[LeftOut], take: str, words: Sequence[Word], so_far: Sequence[Word]) -> tuple[Word, ...]:
    """Those of some words of a take that do not lie where a softer voice was heard when asked; `so_far` as above."""
    heard = [one for one in known if one.take == take and one.is_heard]
    spans = [(one.start_s - BEFORE_S * _reach_before(so_far, one), one.end_s) for one in heard]
    return tuple(word for word in words if not any(_lies_in(word, span) for span in spans))


def _reach_before(words: Iterable[Word], one: LeftOut) -> bool:
    """Whether words reach into the sound just before a stretch."""
    timed = [(word.start_s, word.end_s) for word in words if word.start_s is not None and word.end_s is not None]
    return any(start_s < one.start_s and end_s > one.start_s - BEFORE_S for start_s, end_s in timed)


def _lies_in(word: Word, span: Span) -> bool:
    """Whether the middle of a word lies in some seconds of its take; a word without seconds lies nowhere."""
    return word.start_s is not None and word.end_s is not None and span[0] <= middle_s(word) < span[1]


_WHAT = {
    "voice": "of a softer voice",
    "noise": "taken for noise",
    "word": "of voice that may hold more words",
}  # fmt: skip


def told_left_out(known: Iterable[LeftOut]) -> str:
    """Return what was left out, in one line without a full stop; "" for nothing."""
    shown = [one for one in known if not one.is_heard]
    parts = []
    for why, what in _WHAT.items():
        lengths_s = [one.end_s - one.start_s for one in shown if one.why == why]
        if lengths_s:
            number, seconds = len(lengths_s), max(1, round(sum(lengths_s)))
            parts.append(f"{number} {'stretch' if number == 1 else 'stretches'} ({seconds} s) {what}")
    return f"Not in the text: {', '.join(parts)}" if parts else ""


def missing_stretches(draft: Draft) -> list[dict[str, object]]:
    """Return what can be played of the sound that is not in the text: what nobody heard, then what was left out."""
    recordings = {one.id: one.recording for one in draft.takes}
    shown: list[Unheard | LeftOut] = [*draft.unheard, *(one for one in draft.left_out if not one.is_heard)]
    return [
        {
            "recording": recordings[one.take],
            "start_s": one.start_s,
            "end_s": one.end_s,
            "clock": clock(one.start_s, one.end_s),
            "is_unheard": isinstance(one, Unheard),
        }
        for one in shown
        if one.take in recordings and one.end_s > one.start_s
    ]


def _why(warning: str) -> str:
    return without_clock(warning).removesuffix("; listen there.").removesuffix(_WHOLE)


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
