"""The forms in which texts are compared before errors are counted. A word error rate without its form says nothing.

The first two are the published ones of MedASR's notebooks, as they are: the second takes the point out of "1.5 cm",
which makes it "15 cm".
"""

import re
from collections.abc import Callable
from functools import cache

from whisper_normalizer.english import EnglishTextNormalizer  # type: ignore[import-untyped]

from dictation.evaluation.clinical import END_OF_TEXT, clinical

CLINICAL = "clinical"


def _medasr_quick_start(text: str) -> str:
    return " ".join(re.sub(r"[^ a-z0-9']", " ", text.lower().replace(END_OF_TEXT, "")).split())


def _medasr_fine_tune(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9\s]", "", text.lower().replace(END_OF_TEXT, "")).split())


@cache
def _whisper() -> Callable[[str], str]:
    return EnglishTextNormalizer()  # type: ignore[no-any-return]


def _whisper_english(text: str) -> str:
    return " ".join(_whisper()(text).split())


NORMALISERS: dict[str, Callable[[str], str]] = {
    "medasr_quick_start": _medasr_quick_start,
    "medasr_fine_tune": _medasr_fine_tune,
    "whisper_english": _whisper_english,
    CLINICAL: clinical,
}

DESCRIPTIONS: dict[str, str] = {
    "medasr_quick_start": "MedASR's quick start notebook: small letters, every mark but the apostrophe a space.",
    "medasr_fine_tune": "MedASR's fine-tuning notebook: small letters, every mark deleted, so 1.5 cm reads as 15 cm.",
    "whisper_english": "Whisper's English normaliser: numbers in digits, American spelling, hesitations and brackets"
    " left out; it takes mm for a hesitation.",
    CLINICAL: "Ours: spoken and written form alike, a prefix joined or apart alike, decimals, signs, units and spinal"
    " levels kept, marks left out.",
}
