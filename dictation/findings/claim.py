"""One thing that a text says about the patient, tied to its characters."""

from typing import Literal

from pydantic import Field

from dictation.frozen import Frozen

Source = Literal["heard", "written", "seen", "order"]
Laterality = Literal["left", "right", "bilateral", "midline"]


class Measurement(Frozen):
    """One measurement, after unit normalisation. `raw` is as written ("1.2 x 0.9 cm"); `values_mm` in its order.

    `values_mm` holds millimetres for lengths; for `attenuation` (HU), `volume` (ml) and `other` (areas in mm²,
    velocities in cm/s) it holds the plain values in that unit.
    """

    values_mm: tuple[float, ...]
    raw: str
    kind: Literal["size", "distance", "attenuation", "volume", "other"] = "size"
    temporality: Literal["current", "historical"] = "current"
    span: tuple[int, int] | None = None

    @property
    def kind_group(self) -> str:
        """What may be compared with it: sizes and distances are both lengths."""
        return "length" if self.kind in ("size", "distance") else self.kind


class Claim(Frozen):
    """What is stated of one finding, device or piece of normal anatomy.

    None means "not stated": it contradicts nothing. `span` is [start, end) of the whole claim in the text it came from,
    `sentence` the sentence or statement id where the text has ids, `finding` a canonical id of the lexicon or
    "other:<surface>". `parts` names the characters of single attributes ("laterality" → the word "left"), so that a
    page can light just those. `qualifier` holds words that narrow the statement ("acute", "focal", "calcified"):
    "no acute fracture" does not deny an old one. `implied` names the attributes that the words only imply: the side and
    place of "left base airspace disease and small effusion" for the effusion, both sides of "the lung bases".
    """

    id: str
    source: Source
    section: str | None = None
    span: tuple[int, int]
    sentence: str | None = None
    text: str
    finding: str
    finding_class: Literal["finding", "device", "normal_anatomy", "procedure", "other"] = "finding"
    status: Literal["present", "absent", "removed", "normal"] = "present"
    certainty: Literal["definite", "probable", "possible", "cannot_exclude"] = "definite"
    laterality: Laterality | None = None
    site: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    severity: Literal["trace", "small", "moderate", "large"] | None = None
    measurements: tuple[Measurement, ...] = ()
    count: int | None = None
    device_position: str | None = None
    change: Literal["new", "increased", "decreased", "stable", "resolved"] | None = None
    qualifier: tuple[str, ...] = ()
    temporality: Literal["current", "historical", "recommendation"] = "current"
    confidence: float | None = Field(default=None, ge=0, le=1)
    implied: tuple[Literal["laterality", "site"], ...] = ()
    parts: dict[str, tuple[int, int]] = {}

    def stated(self) -> "Claim":
        """The claim without what its words only imply: what may be held against another text."""
        empty = {"laterality": None, "site": ()}
        return self.model_copy(update={name: empty[name] for name in self.implied}) if self.implied else self
