"""What recognizers write and when it is said: the rows of `corpus/*.tsv`.

A word with its second, and how long it lasts where that is not 0.3 s: "no@9.91+0.1". Voice in seconds: "0-2.6, 5-6".
"""

import re
from collections import Counter

from dictation.lexicon import Phrase, Vocabulary
from dictation.lexicon.rivals import rivals_of
from dictation.speech import Word
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.rivals import doubts
from dictation.speech.live.agreement import following as following_words
from dictation.speech.live.agreement import read_otherwise
from dictation.speech.live.endpoint import Ended, Endpoint, GivenBack, LeftOut, Opened
from dictation.speech.lost_speech import wordless as without_words
from dictation.speech.medasr.letters import pieces_of
from dictation.speech.merging import merged
from dictation.speech.placing import placed as brought_to_voice
from dictation.speech.placing import unaccounted as without_a_word
from tests.corpus import Row, corpus
from tests.speech.piece_posteriors import frames, small_pieces
from tests.speech.test_medasr_tokens import in_writing, read, without_placeholders

WORD = re.compile(r"(?P<text>\S+?)@(?P<start_s>[\d.]+)(?:\+(?P<length_s>[\d.]+))?")
LEVELS = {"silence": None, "near": -24.0, "soft": -32.0, "other": -34.0}  # dBFS
KNOWN = "benign malignant large small severe mild acute chronic cyst normal enlarged improved worse possible likely"
MORE = ["norm", *(f"▁{piece}" for piece in f"new ab lob fifty fifteen 5 9 {KNOWN}".split())]
PIECES = pieces_of([*small_pieces().texts, *MORE], 0)
TOKENS = {"read": read, "in_writing": in_writing, "without_placeholders": without_placeholders}


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds(globals() | TOKENS)


def words(cell: str) -> list[Word]:
    found = []
    for one in WORD.finditer(cell):
        start_s = float(one["start_s"])
        end_s = round(start_s + float(one["length_s"] or 0.3), 6)
        found.append(Word(text=one["text"], start_s=start_s, end_s=end_s, confidence=0.9))
    return found


def shown(found) -> str:
    return " ".join(word.text for word in found)


def spans(cell: str) -> list[tuple[float, float]]:
    return [(float(start), float(end)) for start, end in re.findall(r"([\d.]+)-([\d.]+)", cell)]


def seconds(found) -> str:
    return ", ".join(f"{start_s:g}-{end_s:g}" for start_s, end_s in found)


def spoken_phrases(said: str) -> str:
    """What opens, ends and is left out where voices of these levels last so many frames."""
    return ", ".join(map(_told, _changes(said)))


def heard_phrases(said: str) -> str:
    """How many phrases of how many frames are heard, in order, and how many stay left out."""
    heard: list[tuple[int, int]] = []
    left: list[int] = []
    for change in _changes(said):
        match change:
            case Opened(start, _):
                heard.append((start, start))
            case Ended(stop, _):
                heard[-1] = (heard[-1][0], stop)
            case LeftOut(start, _):
                left.append(start)
            case GivenBack(start, phrases):
                left = [one for one in left if one < start]
                heard += phrases
    told = [f"{count} of {frames_}" for frames_, count in Counter(stop - start for start, stop in heard).items()]
    return f"{', '.join(told)}{'' if heard == sorted(heard) else ' in disorder'}; {len(left)} left out"


def _changes(said: str):
    """Stretches "50 near, 30 silence", a level by its name or in dBFS, and "20 × (60 near, 30 silence)"."""
    said = re.sub(r"(\d+) × \(([^)]*)\)", lambda many: ", ".join([many[2]] * int(many[1])), said)
    endpoint, found = Endpoint(17, 10**6, 6), []
    for stretch in said.split(", "):
        count, level = stretch.split()
        dbfs = LEVELS[level] if level in LEVELS else float(level)
        for _ in range(int(count)):
            found += endpoint.feed(dbfs is not None, -70.0 if dbfs is None else dbfs)
    return found + endpoint.finish()


def _told(change) -> str:
    match change:
        case Opened(start, heard_from):
            return f"opens at {start} (heard from {heard_from})"
        case Ended(stop, is_cut_off):
            return f"{'is cut off' if is_cut_off else 'ends'} at {stop}"
        case LeftOut(start, stop):
            return f"left out {start}-{stop}"
    return str(change)


def following(heard: str, last: str, rest: str) -> str:
    return shown(following_words(words(heard), next(iter(words(last)), None), words(rest)))


def otherwise(heard: str, last: str, rest: str) -> str:
    found = read_otherwise(words(heard), words(last)[0], words(rest))
    return found.text if found else ""


def placed(said: str, voice: str) -> str:
    return seconds((word.start_s, word.end_s) for word in brought_to_voice(words(said), spans(voice)))


def unaccounted(said: str, voice: str) -> str:
    """Voice without a word: between which words, its seconds, and how much of them is voice."""
    return ", ".join(
        f"{one.first}:{one.last} {one.start_s:g}-{one.end_s:g} ({one.voice_s:.2f} s)"
        for one in without_a_word(words(said), spans(voice))
    )


def placed_unaccounted(said: str, voice: str) -> str:
    return ", ".join(
        f"{one.first}:{one.last}" for one in without_a_word(brought_to_voice(words(said), spans(voice)), spans(voice))
    )


def wordless(said: str, voice: str) -> str:
    return seconds(without_words(spans(voice), words(said)))


def joined(one: str, gap: str, other: str, around: str) -> str:
    """A second hearing of the words `around` the `gap` in the first, each as first:last: all words · the new ones."""
    first, last = map(int, gap.split(":"))
    left, right = map(int, around.split(":"))
    found = merged(_a_second_each(one), first, last, _a_second_each(other), left, right)
    return f"{shown(found.words)} · {shown(found.new)}" if found else "nothing"


def _a_second_each(cell: str) -> list[Word]:
    said = enumerate(cell.split())
    return [Word(text=text, start_s=float(at), end_s=at + 0.9, confidence=0.9) for at, text in said]


def expected_phrases(phrases: str, weight: str) -> Vocabulary:
    named = [phrase.partition(" = ") for phrase in phrases.split(" | ") if phrase]
    return Vocabulary(
        phrases=tuple(Phrase(written=one, spoken=spoken or None, weight=float(weight)) for one, _, spoken in named)
    )


def decoded(sound: str, phrases: str, weight: str) -> str:
    """The text of posteriors: pieces one after the other, or their shares "▁no=0.6/▁new=0.39" of one frame."""
    decoder = Decoder(PIECES).towards(expected_phrases(phrases, weight))
    return PIECES.text(decode(posteriors(sound), decoder).history)


def rivals(sound: str, phrases: str, weight: str) -> str:
    """The words that may be another one, or none (""), and the shares of the others."""
    decoder = Decoder(PIECES).towards(expected_phrases(phrases, weight))
    heard = posteriors(sound)
    return ", ".join(
        f"{doubt.text}: " + " ".join(f"{one.text or 'nothing'} {one.probability:.1f}" for one in doubt.rivals)
        for doubt in doubts(heard, decode(heard, decoder), decoder)
        if doubt.rivals
    )


def has_rival(text: str) -> str:
    """Whether "word / other" are a pair that sounds alike, and which may not be its own rival."""
    word, rival = text.split(" / ")
    return "yes" if rival in rivals_of(word) and word not in rivals_of(word) else "no"


def posteriors(sound: str):
    return frames(PIECES, *(_shares(one) if "=" in one else one for one in sound.split()))


def _shares(cell: str) -> dict[str, float]:
    return {piece: float(share) for piece, share in (pair.rsplit("=", 1) for pair in cell.split("/"))}
