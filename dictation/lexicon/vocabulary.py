"""The user's own words: phrases to expect, and how each is spoken where that differs."""

from pathlib import Path

from dictation.errors import InputError
from dictation.frozen import Frozen


class Phrase(Frozen):
    """One entry. `written` is what the report shows ("Gd-EOB-DTPA"), `spoken` what is said ("primovist")."""

    written: str
    spoken: str | None = None


class Vocabulary(Frozen):
    """Phrases in the order of the file; used for biasing the recognizer and for writing."""

    phrases: tuple[Phrase, ...] = ()

    @classmethod
    def from_file(cls, path: Path) -> "Vocabulary":
        """Read a UTF-8 text file: one phrase a line, optionally "<tab>spoken form"; "#" begins a note.

        Raises InputError where the file cannot be read as text or a line has more than two cells.
        """
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read as a UTF-8 vocabulary file; save it as plain text.") from error
        phrases = []
        for number, line in enumerate(lines, 1):
            cells = [cell.strip() for cell in line.split("\t")]
            if not cells[0] or cells[0].startswith("#"):
                continue
            if len(cells) > 2:
                raise InputError(f"{path}, line {number}: more than two cells; write phrase<tab>spoken form.")
            phrases.append(Phrase(written=cells[0], spoken=(cells[1] or None) if len(cells) == 2 else None))
        return cls(phrases=tuple(phrases))


EMPTY_VOCABULARY = Vocabulary()
