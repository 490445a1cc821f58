"""The wording that would settle an omission or an addition: a dictated sentence brought in, a written one taken out."""

import re
from collections.abc import Sequence

from dictation.discrepancy.clauses import claims_in, core_phrase, is_clause, is_marked, is_one_sentence
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import Correction
from dictation.discrepancy.quoting import stands_alone
from dictation.discrepancy.sentence_edits import added, as_sentence, is_readable, taken_out
from dictation.findings import Claim, SentenceSpan

_MOST_LEFT = 3  # words of a sentence taken out that belong to no finding


def of_omission(claims: Sequence[Claim], heard: Column, written: Column) -> Correction | None:
    """The sentence, or as much of it as the report lacks, behind the last of its section."""
    sentence = heard.sentence_of(claims[0])
    whole = heard.text[sentence.start : sentence.end]
    own = claims_in(heard, sentence)
    start, end = min(claim.span[0] for claim in claims), max(claim.span[1] for claim in claims)
    is_whole = len(own) == len(claims) or not is_clause(heard.text, sentence, start, end)
    words = whole if is_whole else heard.text[start:end]
    if not is_one_sentence(heard, words, own if is_whole else claims) or not (is_whole or is_marked(heard)):
        words = core_phrase(heard, claims) or ""
    return of_lost_words(words, claims, sentence.section, written)


def of_lost_words(words: str, claims: Sequence[Claim], section: str | None, written: Column) -> Correction | None:
    """Dictated words that the report lacks, as a sentence of their own."""
    new = as_sentence(words)
    if not new or not is_readable(new) or not stands_alone(new, claims):
        return None
    edit = added(written, words, section)
    return Correction(f"Add: {new}.", (edit,)) if edit else None


def of_addition(claims: Sequence[Claim], heard: Column, written: Column) -> Correction | None:
    """The written sentences taken out, where nothing else stands in them and none of their numbers was dictated."""
    ids = {claim.id for claim in claims}
    dictated = {size.values_mm for claim in heard.claims for size in claim.measurements}
    sentences = {(span := written.sentence_of(claim)).start: span for claim in claims}
    for span in sentences.values():
        own = claims_in(written, span)
        if any(claim.id not in ids for claim in own) or _says_more(written.text, span, own):
            return None
        if any(size.values_mm in dictated for claim in own for size in claim.measurements):
            return None
    return of_added_words(list(sentences.values()), written)


def of_added_words(sentences: Sequence[SentenceSpan], written: Column) -> Correction | None:
    """These sentences taken out of the report."""
    rest = {span.section for span in written.sentences if span not in sentences}
    if any(sentence.section not in rest for sentence in sentences):
        return None  # a heading would be left alone
    edits = [taken_out(written, sentence) for sentence in sentences]
    first = written.text[sentences[0].start : sentences[0].end]
    found = tuple(edit for edit in edits if edit)
    return Correction(f"Take out: {first}.", found) if len(found) == len(edits) else None


def _says_more(text: str, sentence: SentenceSpan, own: Sequence[Claim]) -> bool:
    """Whether the sentence holds words or a number that its claims do not read."""
    words = len(text[sentence.start : sentence.end].split()) - sum(len(claim.text.split()) for claim in own)
    read = [span for claim in own for span in claim.parts.values()]
    read += [size.span for claim in own for size in claim.measurements if size.span]
    figures = (match.start() for match in re.finditer(r"\d+", text[: sentence.end]) if match.start() >= sentence.start)
    return words > _MOST_LEFT or any(not any(low <= at < high for low, high in read) for at in figures)
