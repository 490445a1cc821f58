"""What may be done on the spot, and truthfully, about each thing that keeps a report from being signed.

Every kind of blocker has a way here, so that nobody must give an untrue reason to sign. Reasons for signing over what
is open are apart (the table override_reasons); `hearing` ends by itself, as sound that does not come is given up.
"""

from dictation.case.signing import Blocker, BlockerKind
from dictation.case.wordings import Choice
from dictation.frozen import Frozen


class Way(Frozen):
    """One way: `do` is what the page does, `key` the letter for it in the dialog."""

    do: str
    key: str
    label: str


_WORKLIST = Way(do="worklist", key="w", label="Leave it open, and go to the worklist")
_CARD = Way(do="card", key="g", label="Go to it and resolve it")
_WAYS: dict[BlockerKind, tuple[Way, ...]] = {
    "identity": (Way(do="order", key="o", label="Choose or type the order"), _WORKLIST),
    "critical": (
        Way(do="told", key="k", label="Communicated: to whom and when"),
        Way(do="plan", key="b", label="Communication pending: by whom and how"),
    ),
    "patient": (Way(do="order", key="o", label="Mend the order, or take the image or text away"), _WORKLIST),
    "order": (_WORKLIST,),
    "second": (_WORKLIST,),
    "difference": (_CARD,),
    "field": (Way(do="field", key="g", label="Go to it and fill it"),),
    "empty": (Way(do="text", key="t", label="Dictate or type"), _WORKLIST),
    "hearing": (_WORKLIST,),
    "comparing": (Way(do="compare", key="c", label="Compare now"),),
    "unheard": (Way(do="hear", key="h", label="Hear it again"),),
    "edit": (),  # the choice between two wordings
    "impression": (Way(do="conclude", key="i", label="Write the impression"),),
    "word": (
        Way(do="heard", key="y", label="Right as it stands"),
        Way(do="play", key="p", label="Play it"),
        Way(do="word", key="g", label="Go to it and change it"),
    ),
    "normals": (Way(do="normals", key="y", label="Confirm the normals replaced"),),
    "final": (Way(do="addendum", key="a", label="Make an addendum, and say why"),),
    "role": (_WORKLIST,),
}
_CHOICES: dict[Choice, tuple[str, str]] = {
    "mine": ("p", "Put the edit in"),
    "report": ("r", "Keep the report's wording; the edit stays on record"),
    "both": ("b", "Both: the edit becomes a sentence of its own"),
}


def ways(blocker: Blocker) -> tuple[Way, ...]:
    """Return what may be done about a blocker, the first choice first."""
    two = blocker.wordings
    if two is None:
        is_silent = blocker.word is not None and blocker.word.start_s is None
        return tuple(way for way in _WAYS[blocker.kind] if not (is_silent and way.do == "play"))
    return tuple(
        Way(do=one, key=_CHOICES[one][0], label=_label(one, has_other=two.other is not None)) for one in two.choices
    )


def _label(choice: Choice, *, has_other: bool) -> str:
    if choice == "report" and not has_other:
        return "Leave the edit out; it stays on record"
    return _CHOICES[choice][1]
