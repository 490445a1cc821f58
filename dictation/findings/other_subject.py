"""A denial of something that the lexicon does not know, and a finding said behind it in the same breath.

"No dehiscence mosaic perfusion mild" denies the dehiscence, "no distal gas duodenal atresia likely" the gas: a noun of
its own stands behind the "no", and the finding is graded, sized or doubted.
"""

from collections.abc import Container, Sequence

from dictation.findings.lexicon import place_phrases, word_phrases
from dictation.findings.tokens import Token

_ADJECTIVAL = ("al", "ar", "ic", "ous", "ior", "ive", "ary", "oid", "ed", "ent", "ant", "ing", "ly", "ble", "less")
DESCRIBING = frozenset({  # adjectives whose endings do not tell
    "patchy", "hazy", "bulky", "vague", "multiple", "multilevel", "several", "numerous", "many", "few", "further",
    "more", "fluffy", "streaky", "coarse", "fine", "dense", "faint", "subtle", "thick", "thin", "free", "loose",
    "broad", "simple", "complex", "complete", "separate", "discrete", "bony", "hilar", "age", "mid", "low", "lower",
    "upper", "disc", "prior", "previous", "old", "early", "late",
})  # fmt: skip
_SHORT = 4  # letters of words that only look like adjectives ("node", "fluid")


def names_another(tokens: Sequence[Token], low: int, high: int, narrowing: Container[str]) -> bool:
    """Whether a noun that is no place, side, grade or narrowing word stands between two tokens."""
    words = tokens[low:high]
    if tokens[0].text[:1].isupper() and all(token.norm != "," for token in words):
        return False  # written with its marks: "No multilevel degenerative changes" denies them
    modifying = {
        at
        for phrases in (
            place_phrases(),
            word_phrases("laterality", "side"),
            word_phrases("severity", "grade"),
            word_phrases("qualifier", "qualifier"),
            word_phrases("change", "change"),
        )
        for match in phrases.find(words)  # type: ignore[attr-defined]
        for at in range(match.start, match.end)
    }
    return any(
        at not in modifying
        and token.norm.isalpha()
        and token.norm not in narrowing
        and token.norm not in DESCRIBING
        and not (len(token.norm) > _SHORT and token.norm.endswith(_ADJECTIVAL))
        for at, token in enumerate(words)
    )
