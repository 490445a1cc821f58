#!/opt/dictation/current/bin/python -I
"""Runs one `dictation` command with the settings of the service, read as systemd reads them and never by a shell.

    sudo -u dictation dictation-as-service doctor
    sudo -u dictation dictation-as-service --settings FILE purge --dry-run

A line that cannot be read, or a file that is not there, ends it (exit 2) before anything runs: with half of the
settings the command would work on another database. Of the caller's environment no DICTATION_… counts.
"""

import os
import re
import sys
from pathlib import Path

SETTINGS = Path("/etc/dictation/dictation.env")
_LINE = re.compile(r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)", re.DOTALL)
# systemd.exec(5), EnvironmentFile=: quoted parts from the beginning of the value on, then what is not quoted
_SINGLE, _DOUBLE = re.compile(r"'([^']*)'\s*"), re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\`$])')


def values(text: str) -> dict[str, str]:
    """Return the settings in the text of an environment file. Raises ValueError, with a sentence, for one it is not."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ValueError(f"line {number} is no NAME=VALUE")
        try:
            found[parts["name"]] = _value(parts["value"].strip())
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return found


def _value(rest: str) -> str:
    value = ""
    while rest[:1] in ("'", '"'):
        quoted = (_SINGLE if rest[0] == "'" else _DOUBLE).match(rest)
        if quoted is None:
            raise ValueError("a quotation mark is not closed on its line")
        value += quoted[1] if rest[0] == "'" else _ESCAPED.sub(r"\1", quoted[1])
        rest = rest[quoted.end() :]
    if len(rest) - len(rest.rstrip("\\")) & 1:
        raise ValueError("a value ends on its line; take the backslash away")
    return value + re.sub(r"\\(.)", r"\1", rest)


def main(arguments: list[str]) -> None:
    """Become the command. Exits with 2 and one sentence where it cannot."""
    file = SETTINGS
    if arguments[:1] == ["--settings"] and len(arguments) > 1:
        file, arguments = Path(arguments[1]), arguments[2:]
    if not arguments:
        sys.exit(_told("say which command: dictation-as-service doctor"))
    if os.geteuid() == 0:
        sys.exit(_told("not as root, whose files the service could not read: sudo -u dictation dictation-as-service …"))
    try:
        settings = values(file.read_text(encoding="utf-8"))
    except OSError as error:
        sys.exit(
            _told(f"{file}: cannot be read ({(error.strerror or str(error)).lower()}); run it as the service's user.")
        )
    except ValueError as error:
        sys.exit(_told(f"{file}: {error}; write NAME=VALUE, a value with blanks at its ends in quotation marks."))
    own = {name: value for name, value in os.environ.items() if not name.startswith("DICTATION_")}
    program = Path(sys.executable).with_name("dictation")
    os.execve(program, [str(program), *arguments], {**own, **settings})


def _told(sentence: str) -> int:
    sys.stderr.write(f"dictation-as-service: {sentence}\n")
    return 2


if __name__ == "__main__":
    main(sys.argv[1:])
