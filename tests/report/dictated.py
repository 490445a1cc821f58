"""Dictations in written form, as wording hands them over."""

from dictation.wording import Dictation, Sentence


def dictated(*sentences: str | tuple[str, str]) -> Dictation:
    """Make a dictation of sentences; a pair is (spoken section, text)."""
    pairs = [(None, sentence) if isinstance(sentence, str) else sentence for sentence in sentences]
    return Dictation(
        sentences=tuple(Sentence(id=f"s{n}", text=text, section=section) for n, (section, text) in enumerate(pairs, 1))
    )
