"""What a model's answers must pass before they count: they depend on the image, on its side, and on no one wording.

Each answer is compared with those to the same questions about a blank picture, about the mirror image, about one half
of the body twice, or about two images in the other order. The blank picture is the text-only control: with no picture
at all the prompt would be another one, and the difference would not be what the image shows. It finds a model that does
not look, not one that looks at the wrong thing: that is left to calibration on labelled images.

The thresholds are conservative guesses, set before any result was seen: a reader that abstains costs little, one that
sees what is not there costs the attention of the radiologist.
"""

import math
from collections.abc import Callable
from typing import Literal

from dictation.models.protocol import NotAssessed
from dictation.reading.probes import CHANGES, SIDES
from dictation.reading.probing import Answer, log_odds

# The image must at least double the odds that the chosen answer has of a blank picture. In log-odds, because "no" that
# goes from 95 % to 99 % is as much evidence as "yes" that goes from 50 % to 80 %.
LEAST_EVIDENCE = math.log(2)
MOST_SPREAD = 0.5  # of a probability, between ways of asking the same: half the scale
MOST_MOVED = 0.5  # of the probability of presence, when the image is mirrored: nothing has come or gone
LEAST_SHARE = 0.5  # of the chosen side or change, of three options: more probable than the two others together

Control = Callable[[], Answer | NotAssessed]  # asked only where it decides
Side = Literal["left", "right", "bilateral"]
Change = Literal["increased", "decreased", "stable"]
_SIDE: dict[str, Side] = {"left": "left", "right": "right", "both": "bilateral"}
_CHANGE: dict[str, Change] = {"increased": "increased", "decreased": "decreased", "stable": "stable"}
_MIRRORED = {"left": "right", "right": "left", "both": "both"}
_SWAPPED = {"increased": "decreased", "decreased": "increased", "stable": "stable"}

WORDING = "the answer depends on how the question is worded"
WITHOUT_IMAGE = "the answer is much the same without the image"
AGAINST_IMAGE = "the image makes the answer less probable than it is without it"
MIRRORED_PRESENCE = "the answer changes when the image is mirrored"
SIDE_STAYS = "the side does not follow when the image is mirrored"
OTHER_HALF = "the finding is seen as well in the other half of the body"
CHANGE_STAYS = "the change does not turn round when the two images are exchanged"
UNSURE = "no option is more probable than the others together"


def presence(seen: Answer, blank: Control) -> NotAssessed | float:
    """Return the probability that a finding is there, or why it is not assessed.

    A model that answers only where there is something to see (`blank` gets no answer) has passed the control.
    """
    if seen.spread > MOST_SPREAD:
        return NotAssessed(WORDING)
    against = _independent(seen, blank, seen.best)
    return seen.shares[0] if against is None else against


def stays(seen: Answer, mirrored: Answer | NotAssessed) -> NotAssessed | None:
    """Say why a presence is not assessed after the mirror image was asked about, None where it is."""
    if isinstance(mirrored, NotAssessed):
        return mirrored
    return NotAssessed(MIRRORED_PRESENCE) if abs(seen.shares[0] - mirrored.shares[0]) > MOST_MOVED else None


def side(seen: Answer | NotAssessed, mirrored: Control, blank: Control) -> Side | NotAssessed:
    """Return the side, or why it is not assessed. `blank` is asked only of "both", which no mirror can tell.

    The order of the options is that of SIDES.
    """
    answer = _followed(seen, mirrored, SIDES, _MIRRORED, SIDE_STAYS)
    if isinstance(answer, NotAssessed):
        return answer
    said, place = answer
    against = _independent(seen, blank, place) if said == "both" and isinstance(seen, Answer) else None
    return _SIDE[said] if against is None else against


def half(own: Answer | NotAssessed, other: Answer | NotAssessed) -> NotAssessed | None:
    """Say why a side is not assessed after presence was asked of each half of the body twice, None where it is.

    A side that follows the mirror image may still be that of the heart, the stomach or a marker. But what lies on one
    side is there in an image made of that half and its mirror image, and is not where the other half is doubled:
    `own` must have at least twice the odds of `other`.
    """
    for answer in (own, other):
        if isinstance(answer, NotAssessed):
            return answer
        if answer.spread > MOST_SPREAD:
            return NotAssessed(WORDING)
    assert isinstance(own, Answer) and isinstance(other, Answer)
    fell = log_odds(own.shares[0]) - log_odds(other.shares[0])
    return None if fell >= LEAST_EVIDENCE else NotAssessed(OTHER_HALF)


def change(seen: Answer | NotAssessed, swapped: Control, alone: Control) -> Change | NotAssessed:
    """Return the change, or why it is not assessed. The order of the options is that of CHANGES.

    `alone` has a blank picture in place of the earlier image, and is asked only of "stable", which no exchange of the
    images can tell: what was not there before is not stable.
    """
    answer = _followed(seen, swapped, CHANGES, _SWAPPED, CHANGE_STAYS)
    if isinstance(answer, NotAssessed):
        return answer
    said, place = answer
    against = _independent(seen, alone, place) if said == "stable" and isinstance(seen, Answer) else None
    return _CHANGE[said] if against is None else against


def _followed(
    seen: Answer | NotAssessed, turn: Control, options: tuple[str, ...], expected: dict[str, str], why_not: str
) -> tuple[str, int] | NotAssessed:
    """Return the chosen option and its place, where the control chose its counterpart."""
    if isinstance(seen, NotAssessed):
        return seen
    if max(seen.shares) <= LEAST_SHARE:
        return NotAssessed(UNSURE)
    turned = turn() if seen.spread <= MOST_SPREAD else NotAssessed(WORDING)
    if isinstance(turned, NotAssessed):
        return turned
    if turned.spread > MOST_SPREAD:
        return NotAssessed(WORDING)
    said = options[seen.best]
    if options[turned.best] != expected[said]:
        return NotAssessed(why_not)
    return (said, seen.best) if max(turned.shares) > LEAST_SHARE else NotAssessed(UNSURE)


def _independent(seen: Answer, ask_blank: Control, place: int) -> NotAssessed | None:
    """Say why the chosen option does not count, None where the image speaks for it."""
    blank = ask_blank()
    if isinstance(blank, NotAssessed):
        return None
    evidence = log_odds(seen.shares[place]) - log_odds(blank.shares[place])
    if evidence >= LEAST_EVIDENCE:
        return None
    return NotAssessed(AGAINST_IMAGE if evidence <= -LEAST_EVIDENCE else WITHOUT_IMAGE)
