"""What a person must know of a dictation that stands alone: that its text is empty, or holds what was not plain."""

from dictation.audio.condition import SILENT
from dictation.discrepancy.doubts import unsettled
from dictation.wording import Dictation


def told_empty(dictation: Dictation) -> Dictation:
    """The dictation of one recording, with a warning where its text is empty and nothing says why."""
    heard = dictation.transcripts[0]
    if dictation.text.strip() or any(warning.endswith(SILENT) for warning in heard.warnings):
        return dictation
    why = "all that was said was taken back by the speaker" if heard.words else "no words were made out"
    return _warned(dictation, f"the text is empty: {why}; listen to it.")


def told_unsettled(dictation: Dictation) -> Dictation:
    """The dictation of one recording with a warning for each correction, command or "no" that stands in its text.

    Nobody compares this text with a report, so no alert would ask what was meant.
    """
    found = []
    for span in unsettled(dictation):
        seconds = dictation.seconds(*span)
        place = f"At {seconds[0]:.1f} s" if seconds else "In the text"
        found.append(
            f"{place} a correction, a command or a \u201cno\u201d is not plain and was not obeyed; read it there."
        )
    return _warned(dictation, *found)


def _warned(dictation: Dictation, *warnings: str) -> Dictation:
    if not warnings:
        return dictation
    heard, *others = dictation.transcripts
    told = heard.model_copy(update={"warnings": (*heard.warnings, *warnings)})
    return dictation.model_copy(update={"transcripts": (told, *others)})
