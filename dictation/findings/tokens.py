"""Words of a text with their characters, in the form in which the lexicon is searched.

The form (`norm`) is lower case, singular and American: "Opacities" → "opacity", "oedema" → "edema". Articles and the
hyphens inside words are left out, so that "left-sided" and "the left sided" read alike. "Non" and its word are one:
"non-enhancing" denies no lesion.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from dictation.lexicon import rows
from dictation.lexicon.spaced import SPACED

_TOKEN = re.compile(
    rf"[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?|\.[0-9]+|[cm]m[23]\b|{SPACED}|[^\W\d_]+(?:['’][a-z]+)?|[^\w\s]|_",
    re.IGNORECASE,
)
_SPACED = re.compile(SPACED, re.IGNORECASE)
_PLAIN = re.compile(r"[a-z ]*")
_NON, _DASHES = "non", "-–—"
# With these "non" is a misheard "no": "non pleural effusion".
_NOT_BEHIND_NON = frozenset({
    "pleural", "pericardial", "effusion", "pneumothorax", "fracture", "consolidation", "hemorrhage", "evidence",
})  # fmt: skip
_ARTICLES = frozenset({"the", "a", "an"})
_SIDE_LETTERS = {"R": "rt", "L": "lt"}
_LETTERED = frozenset({"triple", "type", "stanford", "weber", "hepatitis"})  # before a letter: "triple a", "type a"
_IRREGULAR = {
    "vertebrae": "vertebra", "pneumothoraces": "pneumothorax", "hydropneumothoraces": "hydropneumothorax",
    "bronchi": "bronchus", "hila": "hilum", "metastases": "metastasis", "diverticula": "diverticulum", "bases": "base",
    "apices": "apex", "foci": "focus", "bullae": "bulla", "emboli": "embolus", "thrombi": "thrombus",
    "pleurae": "pleura", "scapulae": "scapula", "calculi": "calculus", "bronchiectases": "bronchiectasis",
    "atelectases": "atelectasis", "diagnoses": "diagnosis", "stenoses": "stenosis", "testes": "testis",
    "indices": "index", "sulci": "sulcus", "sinuses": "sinus", "thalami": "thalamus",
    "hippocampi": "hippocampus", "adnexae": "adnexa", "thoraces": "thorax", "disk": "disc", "disks": "disc",
    "xray": "x-ray", "septae": "septum", "ventricles": "ventricle", "prostheses": "prosthesis", "abscesses": "abscess",
    "bronchograms": "bronchogram", "biopsies": "biopsy", "ecstatic": "ectatic", "fractures": "fracture",
    "lymphnode": "lymph node", "lymphnodes": "lymph node", "hemorrhages": "hemorrhage", "thrombosed": "thrombosis",
    "ekgs": "ekg", "is": "is", "has": "has", "was": "was", "this": "this", "its": "its", "does": "does", "as": "as",
    "lens": "lens", "mets": "metastasis", "calcs": "calcification",
    "granulomata": "granuloma", "pelves": "pelvis", "axillae": "axilla", "aneurysms": "aneurysm", "aortae": "aorta",
    "cm2": "cm²", "mm2": "mm²", "cm3": "cm³", "mm3": "mm³",
    "pericardia": "pericardium", "costophrenics": "costophrenic", "aiirspace": "airspace",
}  # fmt: skip
_AMERICAN = {
    "oedem": "edem", "haem": "hem", "oesoph": "esoph", "tumour": "tumor", "ischaem": "ischem",
    "centre": "center", "calibre": "caliber", "fibre": "fiber", "anaem": "anem", "isation": "ization",
    "paed": "ped", "faec": "fec", "colour": "color", "grey": "gray", "litre": "liter", "metre": "meter",
    "caecum": "cecum", "coeliac": "celiac", "orrhoea": "orrhea", "goitre": "goiter",
}  # fmt: skip
_BRITISH = re.compile("|".join(_AMERICAN))


@dataclass(slots=True)  # not frozen: made by the thousand, and a frozen one takes five times as long to make
class Token:
    """One word, number or mark: `text` as written, `norm` as searched, characters [start, end).

    `has_article`: an article stands before it ("a right pneumothorax": "right").
    """

    text: str
    norm: str
    start: int
    end: int
    has_article: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        first = self.norm[0]
        return first in "0123456789" or (first == "." and len(self.norm) > 1)


@cache
def _american() -> dict[str, str]:
    return {row["british"]: row["american"] for row in rows("spelling")}


@lru_cache(maxsize=20_000)
def normal_form(word: str) -> str:
    """Lower case, singular, American."""
    word = word.lower().replace("’", "'")
    if _SPACED.fullmatch(word):
        word = word.replace(" ", "").replace("-", "")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    word = _american().get(word, word)
    word = _BRITISH.sub(lambda part: _AMERICAN[part.group()], word)
    if word.endswith("'s"):
        return word[:-2]
    if len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


def is_non_word(norm: str) -> bool:
    """Whether a word was made with "non"."""
    return norm.startswith(_NON) and len(norm) > len("nonet")


def tokenise(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Tokens of text[start:end], without articles and without hyphens inside words."""
    end = len(text) if end is None else end
    tokens: list[Token] = []
    has_article = False
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        at = match.start()
        if word in _DASHES and start < at < end - 1 and text[at - 1].isalpha() and text[at + 1].isalpha():
            continue
        norm = normal_form(word)
        if tokens and tokens[-1].norm == _NON:
            if word in _DASHES:
                continue
            if word[0].isalpha() and norm not in _NOT_BEHIND_NON and not norm.endswith("ly"):
                before = tokens.pop()
                at, has_article = before.start, before.has_article
                word, norm = text[at : match.end()], _NON + norm
        is_letter = norm == "a" and (word == "A" or (bool(tokens) and tokens[-1].norm in _LETTERED))
        if norm in _ARTICLES and not is_letter:
            has_article = True
            continue
        tokens.append(Token(word, norm, at, match.end(), has_article))
        has_article = False
    for number, token in enumerate(tokens):
        if token.text in _SIDE_LETTERS and _is_side(text, tokens, number):
            token.norm = _SIDE_LETTERS[token.text]
    return tokens


@cache
def _side_words(role: str) -> frozenset[str]:
    return frozenset(row["word"] for row in rows("side_words") if row["role"] == role)


def _is_side(text: str, tokens: Sequence[Token], number: int) -> bool:
    """Whether a capital R or L says a side: before a word or a colon, and no letter of a spine, a name or a wave."""
    token, behind = tokens[number], tokens[number + 1 : number + 3]
    before = tokens[number - 1] if number else None
    if token.start and not (text[token.start - 1].isspace() or text[token.start - 1] in "(,;"):
        return False  # "T/L"
    if before is not None and (before.norm in _side_words("initial") or before.norm in _LETTERED):
        return False  # "Dr. R Smith"
    if behind and behind[0].norm == ":":
        return True
    if len(behind) > 1 and behind[0].text == "." and behind[1].text.islower():
        behind = behind[1:]  # "R. hip"
    word = behind[0] if behind else None
    return word is not None and len(word.text) > 1 and word.text.isalpha() and word.norm not in _side_words("unsided")


@lru_cache(maxsize=5_000)
def tokens_of(sentence: str) -> tuple[Token, ...]:
    """All tokens of a sentence, which is cut once however much is asked of it."""
    return tuple(tokenise(sentence))


def norms(phrase: str) -> list[str]:
    """The forms of the tokens of a phrase; quicker than `tokenise` for the plain words that most phrases are."""
    words = phrase.split()
    if _PLAIN.fullmatch(phrase) and _LETTERED.isdisjoint(words) and _NON not in words and not _SPACED.search(phrase):
        return [norm for word in words if (norm := normal_form(word)) not in _ARTICLES]
    return [token.norm for token in tokenise(phrase)]
