"""Where a voice was heard but no words came out, or other ones: what a recognizer must not pass over in silence."""

from collections.abc import Sequence

from dictation.speech.transcript import Word

TAKEN_FOR_NOISE = "a sound was taken for noise; listen there."
NO_WORDS = "a voice was heard but no words could be made out; listen there."
HEARD_IN_TWO_WAYS = "a word that matters was heard in two ways, and the first was kept; listen there."
NOT_BELIEVED = "next to nothing could be told from this sound, so its words are not to be believed; listen there."
MIN_GAP_S = 1.4  # a speaker's hesitation ("uh") and the padding of voice activity stay below this
MAX_WORD_S = 1.8  # longer "words" hide skipped speech: the longest terms of radiology take about 1.2 s


def wordless(speech: Sequence[tuple[float, float]], words: Sequence[Word]) -> list[tuple[float, float]]:
    """Return the [start, end) seconds of voice, at least MIN_GAP_S long, that no word covers.

    `speech` are stretches of voice in order; `words` timed words in order, of the same clock. A word longer than
    MAX_WORD_S covers only its first half second.
    """
    covered = []
    for word in words:
        if word.start_s is None or word.end_s is None:
            continue
        end_s = word.end_s if word.end_s - word.start_s <= MAX_WORD_S else word.start_s + 0.5
        covered.append((word.start_s, end_s))
    gaps = []
    passed = 0  # words that end before the voice that is looked at
    for start_s, end_s in speech:
        while passed < len(covered) and covered[passed][1] <= start_s:
            passed += 1
        at_s = start_s
        for index in range(passed, len(covered)):
            word_start_s, word_end_s = covered[index]
            if word_end_s <= at_s:
                continue
            if word_start_s >= end_s:
                break
            if word_start_s - at_s >= MIN_GAP_S:
                gaps.append((at_s, word_start_s))
            at_s = max(at_s, word_end_s)
        if end_s - at_s >= MIN_GAP_S:
            gaps.append((at_s, end_s))
    return gaps
