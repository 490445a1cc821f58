"""Macros: texts that are put into the dictation by a spoken name or a key, as the speaker's own words (origin macro).

They are TOML files that a radiologist can copy and edit: `macros.toml` comes along; HOME/macros.toml and
HOME/macros/*.toml are the user's own (on a server where users sign in those of HOME/users/NAME), the same in the shared
folder the department's. The user's take the place of the department's of the same name, and these of those that come
along. A change counts from the next use.

    [[macros]]
    name = "renal cyst"                        # for people, and spoken
    spoken = ["simple renal cyst"]             # further ways to say it
    text = "[size: mm] simple cyst in the [side: left|right] kidney."
    source = "who decided this"                # optional in your own files

`text` is one or more sentences, under section headings where it needs them ("Impression: No acute abnormality."), and
may hold fields (`dictation.report.fields`).
"""

from functools import cache
from pathlib import Path

from rapidfuzz import process

from dictation.errors import InputError, MissingError
from dictation.exam import validated
from dictation.frozen import Frozen
from dictation.report.fields import checked_fields, fields_in
from dictation.report.organs import key_words
from dictation.report.own_files import read_all, toml_files
from dictation.report.template import DATA, MACROS, toml_of

MAX_TEXT = 5000  # characters of one macro
NEAREST = 3  # names offered where none fits


class Macro(Frozen):
    """One macro: its name, further spoken names, the text that it puts in."""

    name: str
    text: str
    spoken: tuple[str, ...] = ()
    source: str = ""

    def text_beside(self, pad_text: str) -> str:
        """Return the text to be put into a dictation that reads `pad_text`, each field with a label of its own there.

        So "side" is "side 2" where a "side" is still open, and a value never lands in another sentence's field.
        """
        taken = {field.label.casefold() for field in fields_in(pad_text)}
        text = self.text
        for field in reversed(_renamed(text, taken)):
            text = text[: field.start] + field.label + text[field.stop :]
        return text


class _Label(Frozen):
    start: int
    stop: int
    label: str


def _renamed(text: str, taken: set[str]) -> list[_Label]:
    labels = []
    for field in fields_in(text):
        number, label = 1, field.label
        while label.casefold() in taken:
            number += 1
            label = f"{field.label} {number}"
        taken.add(label.casefold())
        labels.append(_Label(start=field.start + 1, stop=text.index(":", field.start), label=label))
    return labels


class _File(Frozen):
    macros: tuple[Macro, ...]


def macros_of(home: Path | None, shared: Path | None = None) -> tuple[Macro, ...]:
    """Return the macros that can be used, by name: own ones, of later files first, the department's, the packaged."""
    own, theirs = _own(home)[0], _own(shared)[0]
    named = {macro.name.casefold(): macro for macros in (_packaged(), *theirs, *own) for macro in macros}
    return tuple(sorted(named.values(), key=lambda macro: macro.name.casefold()))


def macro_faults(folder: Path | None) -> tuple[str, ...]:
    """Return a sentence for each macro file of HOME or SHARED that cannot be used, with the fix."""
    return _own(folder)[1]


def find_macro(spoken: str, home: Path | None, shared: Path | None = None) -> Macro | None:
    """Return the macro of a spoken or typed name, None where there is none."""
    words = _wanted(spoken)
    macros = macros_of(home, shared)
    named = [macro for macro in macros if key_words(macro.name) == words]
    named += [macro for macro in macros if any(key_words(name) == words for name in macro.spoken)]
    return named[0] if words and named else None


def _wanted(spoken: str) -> tuple[str, ...]:
    words = key_words(spoken)
    words = words[:-1] if words[-1:] == ("macro",) else words
    return words[1:] if words[:1] == ("the",) else words


def macro_named(spoken: str, home: Path | None, shared: Path | None = None) -> Macro:
    """Return the macro of a spoken or typed name.

    Raises MissingError where there is none; it offers the nearest names, and does not repeat what was said.
    """
    if found := find_macro(spoken, home, shared):
        return found
    macros = macros_of(home, shared)
    names = {name: macro.name for macro in macros for name in (macro.name, *macro.spoken)}
    near = process.extract(" ".join(_wanted(spoken)), list(names), limit=len(names))
    nearest = list(dict.fromkeys(names[name] for name, *_ in near))[:NEAREST]
    raise MissingError(f"There is no macro of that name; the nearest are {', '.join(nearest)}.")


def _own(home: Path | None) -> tuple[tuple[tuple[Macro, ...], ...], tuple[str, ...]]:
    return read_all(macro_files(home), "macros", _macros_from) if home else ((), ())


def macro_files(home: Path) -> tuple[Path, ...]:
    """Return the files of a HOME or SHARED that hold macros."""
    alone = home / f"{MACROS}.toml"
    return (*([alone] if alone.exists() else []), *toml_files(home / MACROS))


@cache
def _packaged() -> tuple[Macro, ...]:
    return _macros_from(DATA.joinpath(f"{MACROS}.toml").read_text(encoding="utf-8"), MACROS, f"{MACROS}.toml")


def _macros_from(text: str, _name: str, shown: str) -> tuple[Macro, ...]:
    macros = validated(_File, toml_of(text, shown), shown).macros
    names = [words for macro in macros for words in {key_words(name) for name in (macro.name, *macro.spoken)}]
    if () in names or len(set(names)) < len(names):
        raise InputError(f"{shown}: two macros have the same spoken name, or one has none; give each its own.")
    for macro in macros:
        checked_fields(macro.text, shown)
        if not macro.text.strip() or len(macro.text) > MAX_TEXT:
            raise InputError(f"{shown}: the macro '{macro.name}' needs a text of at most {MAX_TEXT} characters.")
    return tuple(macro.model_copy(update={"text": macro.text.strip()}) for macro in macros)
