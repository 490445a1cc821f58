"""A reader's opinions as claims of the seen column, under the names that the lexicon uses.

An opinion that was not assessed makes no claim. A reader that gave only a description is read like a text.
"""

from typing import Literal

from dictation.findings import Claim, extract
from dictation.findings.lexicon import Concept, concepts, finding_phrases, structures
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows
from dictation.reading.reading import PRESENT, Opinion, Reading

_DEFINITE, _PROBABLE = 0.9, 0.7


def finding_of(name: str) -> str | None:
    """The lexicon's id for a reader's own name of a finding ("Lung Opacity", "pleural_effusion"), None if unknown."""
    wanted = name.strip().lower().replace("_", " ")
    for row in rows("reading_findings"):
        if wanted in (part.strip() for part in row["names"].split("|")):
            return row["finding"]
    known = wanted.replace(" ", "_")
    if known in concepts() or known in structures():
        return known
    matches = [match for match in finding_phrases().find(tokenise(wanted)) if isinstance(match.meaning, Concept)]
    if not matches:
        return None
    longest = max(matches, key=lambda match: match.end - match.start)
    return longest.meaning.id if isinstance(longest.meaning, Concept) else None


def claim_of(reading: Reading, opinion: Opinion) -> Claim | None:
    """The claim that an assessed opinion makes; None where it is not assessed. `confidence` is that of the claim."""
    if not opinion.assessed or opinion.probability is None:
        return None
    finding = finding_of(opinion.finding)
    is_present = opinion.probability >= PRESENT
    confidence = opinion.probability if is_present else 1 - opinion.probability
    side = opinion.laterality if opinion.side_assessed else None
    name = opinion.name
    known = concepts().get(finding or "")
    status: Literal["present", "absent", "normal"] = "present" if is_present else "absent"
    if finding in structures():
        status = "normal" if is_present else "present"
    return Claim(
        id=f"s{reading.reader}:{opinion.finding}",
        source="seen",
        span=(0, 0),
        text=f"{side} {name}" if side and is_present else name if is_present else f"no {name}",
        finding=finding or f"other:{opinion.finding.replace('_', ' ')}",
        finding_class=known.finding_class if known else "normal_anatomy" if finding else "other",
        status=status,
        certainty="definite" if confidence >= _DEFINITE else "probable" if confidence >= _PROBABLE else "possible",
        laterality=side,
        site=opinion.site,
        change=opinion.change,
        confidence=confidence,
    )


def claims_of_reading(reading: Reading) -> list[Claim]:
    """The claims of all assessed opinions; where there are none at all, those of the description (spans index it)."""
    if not reading.opinions:
        return extract(reading.description or "", "seen")
    claims = (claim_of(reading, opinion) for opinion in reading.opinions)
    return [claim for claim in claims if claim is not None]
