"""The commands of `dictation user`: who may sign in, as what, and who may see whose case."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dictation.errors import UsageError
from dictation.unseen import printable
from pipelines.by_whom import operator
from pipelines.exits import exits, note
from pipelines.help import Commands, examples

if TYPE_CHECKING:
    from dictation.records import Records
    from dictation.records.users import Users

user = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Users of a department's server: add, disable, change, list."
)
Name = Annotated[str, typer.Argument(help="what the user signs in with: a to z, digits, . _ @ + -")]
RoleName = Annotated[
    str, typer.Argument(metavar="ROLE", help="reader (looks on), resident, attending, or administrator (no cases)")
]

ONLY_BEGUN = " (not those where only an addendum was begun: dictation user grant)"
Unsent = Annotated[bool, typer.Option("--unsent", help="signed reports that are not marked as sent, too")]


@user.command(epilog=examples('dictation user add ada.example attending --display "Dr. Ada Example"'))
def add(
    name: Name,
    role: RoleName,
    display: Annotated[str, typer.Option(help="the name that reports are signed with")] = "",
    no_password: Annotated[
        bool, typer.Option("--no-password", help="signs in by OIDC or a proxy; else asked for, or read from stdin")
    ] = False,
) -> None:
    """Add a user."""
    with exits(), _users() as (users, _):
        users.add(name, display, role, None if no_password else _password(), operator())
        note(f"user: {name} may sign in as {role}")


@user.command(epilog=examples("dictation user disable ada.example"))
def disable(name: Name) -> None:
    """Let a user sign in no more; who is signed in is signed out. What they signed stays.

    Every attending sees their drafts from then on, and their signed reports whose order changed since or whose critical
    result was told nobody, and may go on with them. `dictation user grant` gives any other.
    """
    with exits(), _users() as (users, _):
        users.disable(name, operator())
        _say_what_is_left(users, name)


@user.command(epilog=examples("dictation user enable ada.example"))
def enable(name: Name) -> None:
    """Let a user sign in again."""
    with exits(), _users() as (users, _):
        users.enable(name, operator())


@user.command(epilog=examples("dictation user unlock ada.example"))
def unlock(name: Name) -> None:
    """Forget the wrong passwords of a name, so that its user need not wait to sign in."""
    with exits(), _users() as (_, records):
        from dictation.records.signing_in import unlock as forget

        forget(records, name, operator())


@user.command("role", epilog=examples("dictation user role ada.example resident"))
def set_role(name: Name, role: RoleName) -> None:
    """Give a user another role; they have to sign in again.

    Where the role does not sign, every attending sees what `disable` shows them.
    """
    with exits(), _users() as (users, _):
        from dictation.records.rights import SIGNING

        users.set_role(name, role, operator())
        if role.strip().lower() not in SIGNING:
            _say_what_is_left(users, name)


@user.command("cases", epilog=examples("dictation user cases ada.example --unsent"))
def cases_of(name: Name, unsent: Unsent = False) -> None:
    """List the cases of a user that wait for something, the oldest first: id, state, and what a signed one waits for.

    A signed report waits where an addendum was begun, a critical result was told nobody, or its order changed since.
    """
    with exits(), _users() as (users, _):
        for one in users.waiting(name, with_unsent=unsent):
            sys.stdout.write(_line(one.case, one.state, *one.needs))


@user.command("left", epilog=examples("dictation user left"))
def left_cases(unsent: Unsent = False) -> None:
    """List the cases that users left who are disabled, or whose role does not sign: whose, then as `cases` does."""
    with exits(), _users() as (users, _):
        for one in users.left(with_unsent=unsent):
            sys.stdout.write(_line(one.owner, one.case, one.state, *one.needs))


@user.command("display", epilog=examples('dictation user display ada.example "Prof. Ada Example"'))
def set_display(
    name: Name, display: Annotated[str, typer.Argument(help='the name that reports are signed with: "Dr. Ada Example"')]
) -> None:
    """Give a user another name on reports; what is signed keeps the old one. They have to sign in again."""
    with exits(), _users() as (users, _):
        users.set_display(name, display, operator())


@user.command(epilog=examples("dictation user password ada.example"))
def password(name: Name) -> None:
    """Give a user another password, asked for or read from stdin; they have to sign in again."""
    with exits(), _users() as (users, _):
        users.set_password(name, _password(), operator())


@user.command("list", epilog=examples("dictation user list"))
def all_of_them() -> None:
    """List the users: name, role, state, name on reports."""
    with exits(), _users() as (users, _):
        for one in users.all():
            state = "disabled" if one.is_disabled else "password" if one.has_password else "no password"
            sys.stdout.write(_line(one.name, one.role, state, one.display))


@user.command(epilog=examples("dictation user grant A1234 ada.example"))
def grant(case: Annotated[str, typer.Argument(help="its id or its accession number")], name: Name) -> None:
    """Let a user see and work on a case that is another's."""
    with exits(), _users() as (_, records):
        records.grant(case, name.strip().lower(), operator())


@user.command(epilog=examples("dictation user revoke A1234 ada.example"))
def revoke(case: Annotated[str, typer.Argument(help="its id or its accession number")], name: Name) -> None:
    """Let a user see a case no more that they were granted, or worked on; an open page loses it at once."""
    with exits(), _users() as (_, records):
        records.revoke(case, name.strip().lower(), operator())


@contextmanager
def _users() -> "Iterator[tuple[Users, Records]]":
    from dictation.records import Records
    from dictation.records.users import Users
    from dictation.settings import Settings

    records = Records.open(Settings())
    try:
        yield Users(records), records
    finally:
        records.close()


def _line(*columns: str) -> str:
    return "\t".join(map(printable, columns)) + "\n"


def _say_what_is_left(users: "Users", name: str) -> None:
    found = users.waiting(name)
    signed = sum(bool(one.needs) for one in found)
    told = [
        f"{count} {'case' if count == 1 else 'cases'} {what}"
        for count, what in (
            (len(found) - signed, "without a final signature"),
            (signed, "with a signed report that waits for something"),
        )
        if count
    ]
    if told:
        name = name.strip().lower()
        note(
            f"user: {name} leaves {' and '.join(told)}, seen by every attending, who may go on with them"
            f"{ONLY_BEGUN if signed else ''}; to list them: dictation user cases {name}"
        )


def _password() -> str:
    """From the keyboard, twice, or a line of stdin: never an argument, which others of this machine can read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("The two passwords are not the same; run the command again.")
    return first
