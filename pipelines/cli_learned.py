"""The commands of `dictation learned`: what was learned from corrections, forgotten again, or given to others."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dictation.errors import InputError
from dictation.unseen import printable
from pipelines.exits import exits, note
from pipelines.help import Commands, examples

if TYPE_CHECKING:
    from dictation.lexicon.learned import Entry, Learned

learned = typer.Typer(
    cls=Commands, no_args_is_help=True, help="What was learned from corrections: list it, forget it, share it."
)
User = Annotated[str, typer.Option("--user", help="whose, where users sign in")]


@learned.command("list", epilog=examples("dictation learned list", "dictation learned list --user ada.example"))
def list_entries(user: User = "") -> None:
    """List what was learned: id, state, what it says, how often it was corrected, its trial, the cases it came from."""
    with exits():
        for entry in _learned(user).entries:
            sys.stdout.write(_line(entry))


@learned.command(epilog=examples("dictation learned forget 1f0c9a3e"))
def forget(
    entry: Annotated[str, typer.Argument(metavar="ID", help="as `dictation learned list` names it")], user: User = ""
) -> None:
    """Use something that was learned no more; a running server stops at once, and does not learn it again."""
    with exits():
        note(f"learned: {_learned(user).forget(entry).says}: forgotten")


@learned.command(epilog=examples("dictation learned export --user ada.example --out shared/learned.json"))
def export(
    out: Annotated[Path | None, typer.Option(help="the file to write; else stdout")] = None, user: User = ""
) -> None:
    """Give what was learned to a department: the file goes into the folder of DICTATION_SHARED as learned.json.

    It names no case. Look it over before others use it: no name and nothing of a patient may stay in it.
    """
    with exits():
        from dictation.lexicon.learned import shared
        from pipelines.outputs import write_atomic

        entries = _learned(user).entries
        text = shared(entries)
        if out is None:
            sys.stdout.write(text)
        else:
            write_atomic(out, text)
        count = sum(one.state == "active" for one in entries)
        note(f"learned: {count} entries; look them over before others use them.")


def _learned(user: str) -> "Learned":
    """What was learned of a user, or of whoever works where nobody signs in. Raises InputError where it is damaged."""
    from dictation.lexicon.learned import Learned
    from dictation.review.personal import USERS
    from dictation.settings import Settings

    settings = Settings()
    folder = settings.home / USERS / user.strip().lower() if user.strip() else settings.home
    if Path(user).name != user or (user and not folder.is_dir()):
        raise InputError(f"--user {user}: nothing is kept of a user of this name; dictation user list names them.")
    found = Learned(folder)
    if found.fault:
        raise InputError(found.fault)
    return found


def _line(entry: "Entry") -> str:
    """A line of the list, its cells parted by tabs."""
    tried = entry.trial
    trial = f"{tried.right} words right, {tried.wrong} wrong in {tried.dictations} dictations"
    heard = f"; {tried.heard_s:.0f} s heard again: {tried.heard_right} right, {tried.heard_wrong} wrong"
    sound = heard if tried.heard_s else ""
    times, cases = f"corrected {entry.corrected} times", " ".join(entry.cases)
    return "\t".join(map(printable, (entry.id, entry.state, entry.says, times, trial + sound, cases))) + "\n"
