"""What a decoded window must pass before its words are believed: language, noise, repetition, lost speech.

Nothing that fails is replaced by a guess: the words are left out and a warning names the seconds to listen to.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.voice import Window, speech_spans
from dictation.speech.clock import clock
from dictation.speech.context import middle_s
from dictation.speech.ear import Heard
from dictation.speech.lost_speech import NO_WORDS, TAKEN_FOR_NOISE, wordless
from dictation.speech.merging import Merged, merged
from dictation.speech.placing import SPOKEN, Region, Span, length_s, pauses, placed, unaccounted, within
from dictation.speech.transcript import Word
from dictation.speech.whisper.decoder import WINDOW_S, Decoded, Decoding, WhisperDecoder, window_for

RETRY = Decoding(beam=5, no_repeat_ngram=4)
MAX_REPETITION = 2.4  # this and the next two are the thresholds of the published Whisper for a failed window
MIN_LOG_PROBABILITY = -1.0
MAX_NO_SPEECH = 0.6
MIN_ENGLISH = 0.5
UNSURE_ENGLISH = 0.3  # below this it may be another language, even where the model is not sure which
MIN_LANGUAGE_S = 2.0  # less voice than this says too little about its language
MIN_RESCUED_CONFIDENCE = 0.4  # words of a second decoding below this mean are more likely invented than heard
ECHO_WORDS, ECHO_CONFIDENCE = 3, 0.2  # a run of so many words, each below: the context speaking, not the radiologist
LOOP = 4  # times that a phrase stands in a row, and is no speech any more
MARGIN_S = 0.2  # of sound around a stretch that is decoded again
UNSURE_LOG_PROBABILITY = -0.35  # in half a window: people whose last words went had -0.4 to -0.8, dictation has -0.2
MIN_WARNED_S = 0.7  # of voice without a word; "uh" and a laugh stay below, in which a second hearing never found one
MIN_WARNED_END_S = 0.5  # of it behind the last word, where a recording that ends in a word loses it
ANCHORS = 2  # words on each side that are heard again with a gap, to tell where it is


def guarded(
    decoder: WhisperDecoder, window: Window, decoded: Decoded, context: list[int], padded_s: float = WINDOW_S
) -> Heard:
    """Return the words of a window that can be believed, decoding doubtful stretches again.

    `decoded` is what it gave when padded to `padded_s`.
    """
    if padded_s < WINDOW_S:
        decoded = _in_full(decoder, window, decoded, context)
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
    heard = _rescued(decoder, window, [moved(word, window.start_s) for word in decoded.words])
    if decoded.languages["en"] >= UNSURE_ENGLISH or not heard.words or voiced_s(window.speech) < MIN_LANGUAGE_S:
        return heard
    return replace(
        heard, warnings=(f"{where}: this may be another language than English; listen there.", *heard.warnings)
    )


def _believable(decoded: Decoded) -> float:
    """Share of the words that the sound supports, 0 where there are none."""
    supported = [word for word in decoded.words if (word.confidence or 0.0) >= ECHO_CONFIDENCE]
    return len(supported) / len(decoded.words) if decoded.words else 0.0


def _failed(decoded: Decoded) -> bool:
    return decoded.repetition > MAX_REPETITION or decoded.log_probability < MIN_LOG_PROBABILITY or loops(decoded.words)


def loops(words: Sequence[Word]) -> bool:
    """True where the same two words and more stand LOOP times in a row: nobody says so, and a short window may."""
    texts = [word.text.lower().strip(".,;:!?") for word in words]
    for length in range(2, len(texts) // LOOP + 1):
        for at in range(len(texts) - length * LOOP + 1):
            phrase = texts[at : at + length]
            if len(set(phrase)) > 1 and texts[at : at + length * LOOP] == phrase * LOOP:
                return True
    return False


def _in_full(decoder: WhisperDecoder, window: Window, decoded: Decoded, context: list[int]) -> Decoded:
    """What a window gave in less than the sound that the model was made for, or in full where that may have cost words.

    In half a window the model at times ends before the speaker does. That shows in voice without words, or in words
    that it is less sure of.
    """
    missing_s = _missing_s(window, decoded)
    if not missing_s and decoded.log_probability >= UNSURE_LOG_PROBABILITY:
        return decoded
    full = decoder.hear([window.samples], context, Decoding())[0]
    return min((full, decoded), key=lambda one: (round(_missing_s(window, one)), -one.log_probability))


def _missing_s(window: Window, decoded: Decoded) -> float:
    """Seconds of voice without a word."""
    voice = _voice(window)
    words = placed([moved(word, window.start_s) for word in decoded.words], voice)
    return sum(region.voice_s for region in unaccounted(words, voice))


def _rescued(decoder: WhisperDecoder, window: Window, words: list[Word]) -> Heard:
    """Decode voice without words once more, without context; what cannot be joined safely becomes a warning."""
    voice = _voice(window)
    words = placed(words, voice)
    suspect: list[Span] = []  # heard again, and what was heard there is not among the words
    for region in reversed(unaccounted(words, voice)):  # from the last on, so that places of words stay true
        if not _is_long(region, words):
            continue
        found = _heard_again(decoder, window, words, region, voice)
        if found is None:
            suspect.append((region.start_s, region.end_s))
        else:
            words = placed(found.words, voice)
    left = [span for span in suspect if length_s(within(voice, *span)) > 0]
    for region in unaccounted(words, voice):
        is_told = any(start_s < region.end_s and region.start_s < end_s for start_s, end_s in left)
        if _is_long(region, words) and not is_told:
            left.append((region.start_s, region.end_s))
    for span in wordless(window.speech, words):  # voice that the model is less sure of, in long stretches
        if not any(start_s < span[1] and span[0] < end_s for start_s, end_s in left):
            left.append(span)
    return Heard(tuple(words), tuple(f"{clock(*span)}: {NO_WORDS}" for span in sorted(left)))


def _is_long(region: Region, words: Sequence[Word]) -> bool:
    """Whether so much voice without a word is heard again, and told; less is a breath, an "uh" or a laugh."""
    return region.voice_s >= (MIN_WARNED_END_S if region.first == len(words) else MIN_WARNED_S)


def _heard_again(
    decoder: WhisperDecoder, window: Window, words: list[Word], region: Region, voice: Sequence[Span]
) -> Merged | None:
    """Hear a region again with the words next to it; None where what was heard there cannot be believed or joined."""
    left, start_s = region.first, region.start_s
    while left > 0 and region.first - left < ANCHORS and not _is_parted(words[left - 1], start_s, voice):
        left, start_s = left - 1, min(start_s, _start_s(words[left - 1]))
    right, end_s = region.last, region.end_s
    while right < len(words) and right - region.last < ANCHORS and not _is_parted(words[right], end_s, voice):
        right, end_s = right + 1, max(end_s, _end_s(words[right]))
    around_s = _with_padding(window, start_s, end_s, is_first=left == 0, is_last=right == len(words))
    part = _cut(window, *around_s, ((start_s, end_s),))
    decoded = decoder.hear([part.samples], [], replace(RETRY, window_s=window_for(len(part.samples))))[0]
    again = placed([moved(word, part.start_s) for word in decoded.words], voice)
    joined = merged(words, region.first, region.last, again, left, right)
    if joined is None or not joined.new:
        return joined
    confidence = float(np.mean([word.confidence or 0.0 for word in joined.new]))
    is_inside = all(region.start_s - MARGIN_S <= middle_s(word) <= region.end_s + MARGIN_S for word in joined.new)
    is_believed = not _failed(decoded) and not is_foreign(decoded) and confidence >= MIN_RESCUED_CONFIDENCE
    return joined if is_inside and is_believed else None


def _with_padding(window: Window, start_s: float, end_s: float, *, is_first: bool, is_last: bool) -> Span:
    """A stretch with a margin; before the first and behind the last word with all that voice activity put around it."""
    first_s, last_s = start_s - MARGIN_S, end_s + MARGIN_S
    for speech_start_s, speech_end_s in window.speech:
        if is_first and speech_start_s <= start_s < speech_end_s:
            first_s = min(first_s, speech_start_s)
        if is_last and speech_start_s < end_s <= speech_end_s:
            last_s = max(last_s, speech_end_s)
    return first_s, last_s


def _is_parted(word: Word, at_s: float, voice: Sequence[Span]) -> bool:
    """Whether a pause parts a word, which has voice of its own, from what is at a second."""
    start_s, end_s = _start_s(word), _end_s(word)
    has_voice = length_s(within(voice, start_s, end_s)) > (end_s - start_s) / 2
    return has_voice and (pauses(voice, end_s, at_s) if end_s <= at_s else pauses(voice, at_s, start_s))


def _voice(window: Window) -> list[Span]:
    """The voice in the speech of a window of which the model is sure, in seconds of the recording."""
    found = speech_spans(window.samples, SPOKEN)
    voice = [(window.start_s + start_s, window.start_s + end_s) for start_s, end_s in found]
    return [span for speech in window.speech for span in within(voice, *speech)]


def _start_s(word: Word) -> float:
    return word.start_s or 0.0


def _end_s(word: Word) -> float:
    return word.end_s or 0.0


def moved(word: Word, by_s: float) -> Word:
    """The word on a clock that started `by_s` seconds earlier."""
    start_s, end_s = word.start_s, word.end_s
    assert start_s is not None and end_s is not None
    return word.model_copy(update={"start_s": round(start_s + by_s, 2), "end_s": round(end_s + by_s, 2)})
