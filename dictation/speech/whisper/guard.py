"""What a decoded window must pass before its words are believed: language, noise, repetition, lost speech.

Nothing that fails is replaced by a guess: the words are left out and a warning names the seconds to listen to.
"""

from collections.abc import Sequence

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.voice import Window
from dictation.speech.clock import clock
from dictation.speech.context import middle_s
from dictation.speech.ear import Heard
from dictation.speech.lost_speech import NO_WORDS, TAKEN_FOR_NOISE, wordless
from dictation.speech.transcript import Word
from dictation.speech.whisper.decoder import Decoded, Decoding, WhisperDecoder

RETRY = Decoding(beam=5, no_repeat_ngram=4)
MAX_REPETITION = 2.4  # this and the next two are the thresholds of the published Whisper for a failed window
MIN_LOG_PROBABILITY = -1.0
MAX_NO_SPEECH = 0.6
MIN_ENGLISH = 0.5
MIN_LANGUAGE_S = 2.0  # less voice than this says too little about its language
MIN_RESCUED_CONFIDENCE = 0.4  # words of a second decoding below this mean are more likely invented than heard
ECHO_WORDS, ECHO_CONFIDENCE = 3, 0.2  # a run of so many words, each below: the context speaking, not the radiologist
MARGIN_S = 0.2  # of sound around a stretch that is decoded again


def guarded(decoder: WhisperDecoder, window: Window, decoded: Decoded, context: list[int]) -> Heard:
    """Return the words of a window that can be believed, decoding doubtful stretches again."""
    if echoes(decoded):
        plain = decoder.hear([window.samples], [], Decoding())[0]
        decoded = max(decoded, plain, key=_believable)
    if is_foreign(decoded) and voiced_s(window.speech) >= MIN_LANGUAGE_S:
        return _by_stretch(decoder, window, context)
    return _checked(decoder, window, decoded)


def glimpsed(decoder: WhisperDecoder, window: Window, decoded: Decoded, context: list[int]) -> Heard:
    """Return the words of a window whose text is provisional: what is doubtful is left out, not decoded again."""
    is_noise = decoded.no_speech > MAX_NO_SPEECH and decoded.log_probability < MIN_LOG_PROBABILITY
    foreign = is_foreign(decoded) and voiced_s(window.speech) >= MIN_LANGUAGE_S
    if is_noise or foreign or _failed(decoded) or echoes(decoded):
        return Heard(())
    return Heard(tuple(moved(word, window.start_s) for word in decoded.words))


def is_foreign(decoded: Decoded) -> bool:
    """True where the model takes the sound for another language than English."""
    return decoded.languages["en"] < MIN_ENGLISH and max(decoded.languages.values()) >= MIN_ENGLISH


def echoes(decoded: Decoded) -> bool:
    """True where words seem to come from the context that preceded the window rather than from its sound.

    Confidences are measured without the context, so a phrase that was copied from it stands out as a run of words that
    the sound does not support.
    """
    run = 0
    for word in decoded.words:
        run = run + 1 if (word.confidence or 0.0) < ECHO_CONFIDENCE else 0
        if run >= ECHO_WORDS:
            return True
    return False


def voiced_s(speech: Sequence[tuple[float, float]]) -> float:
    """Seconds of voice."""
    return sum(end - start for start, end in speech)


def _by_stretch(decoder: WhisperDecoder, window: Window, context: list[int]) -> Heard:
    """A window that sounds foreign as a whole: each stretch between pauses is heard and judged on its own."""
    words: list[Word] = []
    warnings: list[str] = []
    for part in _stretches(window):
        decoded = decoder.hear([part.samples], context, Decoding())[0]
        if is_foreign(decoded) and voiced_s(part.speech) >= MIN_LANGUAGE_S:
            where = clock(part.start_s, part.end_s)
            warnings.append(f"{where}: another language than English was spoken and not transcribed; listen there.")
            continue
        kept = _checked(decoder, part, decoded)
        words.extend(kept.words)
        warnings.extend(kept.warnings)
    return Heard(tuple(words), tuple(warnings))


def _stretches(window: Window) -> list[Window]:
    """The window cut at every pause, short stretches joined to the one before."""
    groups: list[list[tuple[float, float]]] = []
    for span in window.speech:
        if groups and voiced_s(groups[-1]) < MIN_LANGUAGE_S:
            groups[-1].append(span)
        else:
            groups.append([span])
    if len(groups) > 1 and voiced_s(groups[-1]) < MIN_LANGUAGE_S:
        groups[-2].extend(groups.pop())
    return [_cut(window, group[0][0], group[-1][1], tuple(group)) for group in groups]


def _cut(window: Window, start_s: float, end_s: float, speech: tuple[tuple[float, float], ...]) -> Window:
    first = max(0, round((start_s - window.start_s) * SAMPLE_RATE))
    last = min(len(window.samples), round((end_s - window.start_s) * SAMPLE_RATE))
    return Window(start_s=window.start_s + first / SAMPLE_RATE, samples=window.samples[first:last], speech=speech)


def _checked(decoder: WhisperDecoder, window: Window, decoded: Decoded) -> Heard:
    where = clock(window.start_s, window.end_s)
    if decoded.no_speech > MAX_NO_SPEECH and decoded.log_probability < MIN_LOG_PROBABILITY:
        return Heard((), (f"{where}: {TAKEN_FOR_NOISE}",))
    if _failed(decoded):
        decoded = decoder.hear([window.samples], [], RETRY)[0]
        if _failed(decoded):
            return Heard((), (f"{where}: what was said could not be made out; listen there.",))
    return _rescued(decoder, window, [moved(word, window.start_s) for word in decoded.words])


def _believable(decoded: Decoded) -> float:
    """Share of the words that the sound supports, 0 where there are none."""
    supported = [word for word in decoded.words if (word.confidence or 0.0) >= ECHO_CONFIDENCE]
    return len(supported) / len(decoded.words) if decoded.words else 0.0


def _failed(decoded: Decoded) -> bool:
    return decoded.repetition > MAX_REPETITION or decoded.log_probability < MIN_LOG_PROBABILITY


def _rescued(decoder: WhisperDecoder, window: Window, words: list[Word]) -> Heard:
    """Decode each wordless stretch of voice once more, without context; what stays empty becomes a warning."""
    warnings = []
    for start_s, end_s in wordless(window.speech, words):
        part = _cut(window, start_s - MARGIN_S, end_s + MARGIN_S, ((start_s, end_s),))
        decoded = decoder.hear([part.samples], [], RETRY)[0]
        found = [moved(word, part.start_s) for word in decoded.words]
        inside = [word for word in found if middle_s(word) > start_s and middle_s(word) < end_s]
        confidence = float(np.mean([word.confidence or 0.0 for word in inside])) if inside else 0.0
        if inside and not _failed(decoded) and not is_foreign(decoded) and confidence >= MIN_RESCUED_CONFIDENCE:
            words = sorted([*words, *inside], key=lambda word: word.start_s or 0.0)
        else:
            warnings.append(f"{clock(start_s, end_s)}: {NO_WORDS}")
    return Heard(tuple(words), tuple(warnings))


def moved(word: Word, by_s: float) -> Word:
    """The word on a clock that started `by_s` seconds earlier."""
    start_s, end_s = word.start_s, word.end_s
    assert start_s is not None and end_s is not None
    return word.model_copy(update={"start_s": round(start_s + by_s, 2), "end_s": round(end_s + by_s, 2)})
