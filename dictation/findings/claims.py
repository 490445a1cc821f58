"""Text → Claims: each sentence read once, with rules and tables and no model."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

from dictation.findings.anaphora import UNNAMED, anaphora_in, without
from dictation.findings.assertion import Assertion, assertions_of
from dictation.findings.attributes import Described, Modifiers, describe, leading_levels, modifiers_in
from dictation.findings.claim import Claim, Measurement, Source
from dictation.findings.clause import Clause
from dictation.findings.cues import changes_in
from dictation.findings.device_position import end_of_device, position_of
from dictation.findings.halves import before_spared, split_by_side
from dictation.findings.inheritance import follow, inherit_places, share_levels, share_places
from dictation.findings.known import known_in
from dictation.findings.lexicon import cell, finding_elsewhere, may_lie_elsewhere, place_phrases, placed_finding
from dictation.findings.measurement import Quantity
from dictation.findings.mention import Mention
from dictation.findings.sentences import SentenceSpan, has_word, parts_of, sentences_of, stretches_of
from dictation.findings.tokens import Token, norms
from dictation.findings.unknown import Unknown, unknown_finding
from dictation.findings.zones import zones_of
from dictation.lexicon import rows
from dictation.wording import Dictation

Draft = dict[str, Any]  # the fields of a claim before it has an id


class _Read(NamedTuple):
    """One sentence, spans counted from its start. `loose`: measurements that belong to none of the `drafts`.

    `goes_on`: such a measurement is that of what the sentence before speaks of; `refers`: it begins with "this".
    `ends_at`: where "the tip" lies of a device that the sentence before names.
    """

    drafts: Sequence[Draft]
    loose: Sequence[Draft] = ()
    goes_on: bool = False
    refers: bool = False
    ends_at: str | None = None


_BEING = frozenset({"is", "are", "was", "were"})
_SPINE = ("spine",)  # where a finding of a spinal level lies
_REFERRING = frozenset({"this", "these", "it", "they"})
_MEASURING = frozenset({"measuring", "measures", "measure"})
_ANAPHORA = _MEASURING | {"it", "this", "these", "they", "which", "largest"}


def extract(text: str, source: Source = "written", *, sentences: Sequence[SentenceSpan] | None = None) -> list[Claim]:
    """Return the claims of `text` in reading order; spans are characters [start, end) of exactly this text.

    `sentences` gives the sentences where they are known (with their ids and sections); a sentence given there that
    holds several is still read one by one. Without it, headings and sentences are found in the text.
    """
    spans = sentences_of(text) if sentences is None else [part for given in sentences for part in parts_of(text, given)]
    drafts: list[Draft] = []
    for span in spans:
        for start, end in stretches_of(text, span.start, span.end):
            if has_word(text[start:end]):
                _read(text, replace(span, start=start, end=end), drafts)
    return _numbered(drafts, source)


def claims_of_dictation(dictation: Dictation) -> list[Claim]:
    """Claims of a dictation, source heard: spans index `dictation.text`, sentence ids and sections are its own.

    `confidence` is the lowest of the words behind the claim, None where they were typed.
    """
    spans = dictation.spans
    given = [SentenceSpan(*spans[sentence.id], sentence.id, sentence.section) for sentence in dictation.sentences]
    words = dictation.words
    links = [
        (spans[sentence.id][0] + link.span[0], spans[sentence.id][0] + link.span[1], link.words)
        for sentence in dictation.sentences
        for link in sentence.alignment
    ]
    claims = []
    for claim in extract(dictation.text, "heard", sentences=given):
        start, end = claim.span
        heard = [
            confidence
            for low, high, indices in links
            if low < end and high > start
            for index in indices
            if (confidence := words[index].confidence) is not None
        ]
        claims.append(claim.model_copy(update={"confidence": min(heard)}) if heard else claim)
    return claims


def _read(text: str, span: SentenceSpan, drafts: list[Draft]) -> None:
    """Add the claims of one sentence."""
    read = _read_sentence(text[span.start : span.end])
    own = [_shifted(draft, span) for draft in _named(read.drafts, drafts, span)]
    if read.refers and drafts and drafts[-1]["section"] == span.section:
        follow(own, drafts[-1])
    if read.loose and read.goes_on and drafts and drafts[-1]["section"] == span.section:
        target = drafts[-1]  # "There is a nodule. It measures 5 mm."
        target["measurements"] += tuple(_moved(m, span.start) for draft in read.loose for m in draft["measurements"])
    else:
        own += [_shifted(draft, span) for draft in read.loose]
    if read.ends_at and drafts and drafts[-1]["finding_class"] == "device":
        drafts[-1]["device_position"] = drafts[-1]["device_position"] or read.ends_at
    drafts.extend(own)


def _named(own: Sequence[Draft], drafts: Sequence[Draft], span: SentenceSpan) -> list[Draft]:
    """The claims of a sentence, "none on the left" named after the last finding of the sentence before."""
    last = drafts[-1] if drafts else None
    is_known = last is not None and last["section"] == span.section and last["finding_class"] == "finding"
    return [
        {**draft, "finding": last["finding"]} if is_known and last and draft["finding"] == UNNAMED else draft
        for draft in own
        if is_known or draft["finding"] != UNNAMED
    ]


@lru_cache(maxsize=2_000)
def _read_sentence(sentence: str) -> _Read:
    known = known_in(sentence)
    tokens, cues, mentions, modifiers = known.tokens, known.cues, known.mentions, known.modifiers
    referring = anaphora_in(tokens, mentions)
    if referring:
        cues = without(cues, referring)
        mentions = sorted([*mentions, *referring], key=lambda mention: (mention.start, mention.end))
        modifiers = modifiers_in(sentence, tokens, mentions, cues, known.changes)
    if not mentions:
        unknown = unknown_finding(tokens, cues, modifiers) if not modifiers.quantities else None
        own = [_bare(sentence, tokens, modifiers, None, unknown)] if unknown else []
        return _Read(own, *_loose(sentence, tokens, modifiers.quantities), ends_at=end_of_device(tokens, modifiers))
    fresh = frozenset(
        [part.start for part in modifiers.severities if part.meaning in ("trace", "small", "moderate")]
        + [part.start for part in modifiers.changes if part.meaning in ("stable", "increased", "decreased")]
        + [part.start for part in modifiers.quantities]
    )
    positions = modifiers.positions | leading_levels(tokens, modifiers, mentions[0])
    places = {at for place in modifiers.places for at in range(place.start, place.end)}
    sides = {at for side in modifiers.sides for at in range(side.start, side.end)}
    zones = zones_of(tokens, mentions, cues, positions.__contains__, places, sides)
    markers = [part.start for part in modifiers.severities if part.meaning == "large"]
    markers += [part.start for part in modifiers.changes if part.meaning == "new"]
    markers += [side.start for side in modifiers.sides]
    markers += [place.start for place in modifiers.places if place.meaning.side]
    courses = [(part.start, part.end) for part in modifiers.changes]
    clause = Clause(tokens, cues, mentions, fresh, frozenset(markers), courses)
    said: list[tuple[Mention, tuple[int, int], Assertion]] = []
    for mention, zone, assertion in zip(mentions, zones, assertions_of(clause), strict=True):
        zone = before_spared(tokens, mention, zone, modifiers)
        said += [(mention, part, assertion) for part in split_by_side(tokens, mention, zone, modifiers)]
    mentions = [mention for mention, _, _ in said]
    described = [
        describe(tokens, mention, zone, modifiers, absent=assertion.status == "absent")
        for mention, zone, assertion in said
    ]
    absent = [assertion.status == "absent" for _, _, assertion in said]
    for (mention, _, assertion), attributes in zip(said, described, strict=True):
        if assertion.status == "absent" and assertion.cue:
            attributes.quantities = _of_denied(tokens, mention, assertion.cue, attributes.quantities)
    share_places(tokens, mentions, absent, described)
    inherit_places(tokens, cues, mentions, absent, described, modifiers)
    share_levels(tokens, mentions, absent, described, modifiers)
    drafts = [
        _draft(sentence, tokens, mention, zone, assertion, attributes, modifiers)
        for (mention, zone, assertion), attributes in zip(said, described, strict=True)
    ]
    used = {id(quantity) for attributes in described for quantity in attributes.quantities}
    rest = [part for part in modifiers.quantities if id(part) not in used]
    return _Read(drafts, *_loose(sentence, tokens, rest), tokens[0].norm in _REFERRING)


def _of_denied(
    tokens: Sequence[Token], mention: Mention, cue: tuple[int, int], quantities: Sequence[Quantity]
) -> tuple[Quantity, ...]:
    """The measurements that can be those of a negated finding: "no nodule above 4 mm".

    Not one before the cue ("ascending aorta 4.2 cm no dissection"), nor one behind a comma, which measures what is
    named there: "no pneumothorax, mediastinal lymph node 11 mm".
    """
    end = next((at for at in range(mention.names[1], len(tokens)) if tokens[at].norm == ","), len(tokens))
    return tuple(part for part in quantities if cue[0] < part.end and part.start < end)


def _loose(sentence: str, tokens: Sequence[Token], quantities: Sequence[Quantity]) -> tuple[list[Draft], bool]:
    if not quantities:
        return [], False
    modifiers = modifiers_in(sentence, tokens, (), (), changes_in(tokens))
    referring = next((at for at, token in enumerate(tokens[:3]) if token.norm in _ANAPHORA), None)
    goes_on = referring is not None
    if referring and tokens[referring].norm in _MEASURING:  # "the right kidney measures" has a subject of its own
        starts = [*(side.start for side in modifiers.sides), *(place.start for place in modifiers.places)]
        goes_on = min(starts, default=referring) >= referring
    return [_bare(sentence, tokens, modifiers, quantity) for quantity in quantities], goes_on


def _draft(
    sentence: str,
    tokens: Sequence[Token],
    mention: Mention,
    zone: tuple[int, int],
    assertion: Assertion,
    attributes: Described,
    modifiers: Modifiers,
) -> Draft:
    finding, status = mention.finding, assertion.status
    if finding.endswith("_abnormality") and mention.finding_class == "normal_anatomy" and status == "absent":
        finding, status = finding.removesuffix("_abnormality"), "normal"
    if mention.finding_class == "finding":
        finding = placed_finding(finding, (*attributes.sites, *(_SPINE if attributes.levels else ())))
        words = " ".join(token.norm for token in tokens[mention.names[0] : mention.names[1]])
        sites = attributes.sites or (_named_places(tokens) if may_lie_elsewhere(finding) else ())
        finding = finding_elsewhere(finding, words, sites)
    if mention.finding_class == "procedure" and status == "present" and _is_declined(tokens, mention.names[1]):
        status = "absent"
    change = mention.change or attributes.change
    if change == "resolved" and status == "present" and assertion.temporality != "recommendation":
        status = "absent"
    position = None
    if mention.finding_class == "device":
        position = position_of(tokens, mention, zone, modifiers)
    start, end = tokens[zone[0]].start, tokens[zone[1] - 1].end
    parts = {name: (tokens[low].start, tokens[high - 1].end) for name, (low, high) in attributes.parts.items()}
    parts["finding"] = (tokens[mention.names[0]].start, tokens[mention.names[1] - 1].end)
    if assertion.cue:
        parts["status"] = (tokens[assertion.cue[0]].start, tokens[assertion.cue[1] - 1].end)
    if position:
        parts["device_position"] = (tokens[position.start].start, tokens[position.end - 1].end)
    return {
        "span": (start, end),
        "text": sentence[start:end],
        "finding": finding,
        "finding_class": mention.finding_class,
        "status": status,
        "certainty": assertion.certainty,
        "laterality": position.side if position else attributes.side,
        "site": position.sites if position else attributes.sites,
        "level": attributes.levels,
        "severity": attributes.severity if status in ("present", "absent") else None,
        "measurements": tuple(quantity.measurement for quantity in attributes.quantities),
        "count": attributes.count,
        "device_position": position.name if position else None,
        "change": change,
        "qualifier": attributes.qualifiers,
        "temporality": assertion.temporality,
        "implied": () if position else attributes.implied,
        "parts": parts,
    }


def _is_declined(tokens: Sequence[Token], end: int) -> bool:
    """Whether it is said of a procedure that nobody needs it: "biopsy is not recommended"."""
    words = [token.norm for token in tokens[end : end + 4] if token.norm not in _BEING]
    return words[:1] == ["not"] and words[1:2] != [] and words[1] in _declining()


@cache
def _declining() -> frozenset[str]:
    acts = [row for row in rows("exchanged_words") if row["group"] == "denied act"]
    return frozenset(
        norm
        for row in acts
        if row["word"] in ("recommended", "needed")
        for term in cell(row["terms"])
        for norm in norms(term)
    )


def _named_places(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The places that a sentence names, also inside another finding: "distended bladder with a filling defect"."""
    return tuple(place.meaning.id for place in place_phrases().find(tokens))


def _bare(
    sentence: str,
    tokens: Sequence[Token],
    modifiers: Modifiers,
    quantity: Quantity | None,
    unknown: Unknown | None = None,
) -> Draft:
    """A sentence of no known finding: its measurement must not change, its side and its denial may be compared."""
    places = [place.meaning.id for place in modifiers.places]
    sides = {side.meaning for side in modifiers.sides}
    sides |= {place.meaning.side for place in modifiers.places if place.meaning.side}  # "station 4R"
    parts = {}
    if quantity and quantity.measurement.span:
        parts["measurement"] = quantity.measurement.span
    if len(sides) == 1 and modifiers.sides:
        parts["laterality"] = (tokens[modifiers.sides[0].start].start, tokens[modifiers.sides[0].end - 1].end)
    return {
        "span": (tokens[0].start, tokens[-1].end),
        "text": sentence[tokens[0].start : tokens[-1].end],
        "finding": f"other:{unknown.surface if unknown else places[0] if places else 'measurement'}",
        "finding_class": "other",
        "status": "absent" if unknown and unknown.is_denied else "present",
        "certainty": unknown.certainty if unknown else "definite",
        "laterality": "bilateral" if len(sides) > 1 else next(iter(sides), None),
        "severity": modifiers.severities[0].meaning if unknown and modifiers.severities else None,
        "measurements": (quantity.measurement,) if quantity else (),
        "site": tuple(dict.fromkeys(places)),
        "level": tuple(name for level in modifiers.levels for name in level.names),
        "change": modifiers.changes[0].meaning if unknown and modifiers.changes else None,
        "parts": parts,
    }


def _shifted(draft: Draft, sentence: SentenceSpan) -> Draft:
    offset = sentence.start
    start, end = draft["span"]
    return {
        **draft,
        "span": (start + offset, end + offset),
        "parts": {name: (low + offset, high + offset) for name, (low, high) in draft["parts"].items()},
        "measurements": tuple(_moved(measurement, offset) for measurement in draft["measurements"]),
        "section": sentence.section,
        "sentence": sentence.id,
    }


def _moved(measurement: Measurement, offset: int) -> Measurement:
    span = measurement.span
    return measurement.model_copy(update={"span": (span[0] + offset, span[1] + offset)}) if span else measurement


def _numbered(drafts: list[Draft], source: Source) -> list[Claim]:
    """Ids rest on what is said, not on where it stands, so that an edit elsewhere renumbers nothing."""
    seen: Counter[str] = Counter()
    claims = []
    for draft in drafts:
        stem = hashlib.sha256(f"{source}\x1f{draft['finding']}\x1f{draft['text'].lower()}".encode()).hexdigest()[:10]
        seen[stem] += 1
        number = seen[stem]
        draft["id"], draft["source"] = f"{source[0]}{stem}" + (f"-{number}" if number > 1 else ""), source
        claims.append(Claim.model_validate(draft))
    return claims
