"""How `dictation --help` reads: whole descriptions, an example for each command, the names that an option takes."""

from pathlib import Path
from typing import Any

from typer.core import TyperGroup

import dictation

_WHOLE = 10_000  # characters: no first sentence is as long
_TEMPLATES = Path(dictation.__file__).parent / "report" / "data"


class Commands(TyperGroup):
    """A group of commands whose list gives the whole first sentence of each, where Typer's cuts it to one line."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(_WHOLE)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def examples(*lines: str) -> str:
    """The end of a command's help: command lines to copy, each on a line of its own however wide the terminal is."""
    return "\n".join(("\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)))


def template_names() -> str:
    """The templates that come along, for the help: read off the folder, for the room of reports is slow to import."""
    names = sorted(path.stem for path in _TEMPLATES.glob("*.toml") if path.stem != "macros")
    return f"{', '.join(names)}, or a file of yours"
