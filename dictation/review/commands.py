"""What a page may ask for: each command checked for its types and sizes before anything is done with it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from dictation.errors import UsageError
from dictation.frozen import Frozen

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # of a page, a case or a take: random, says nothing of anybody
Text = Annotated[str, Field(max_length=100_000)]
Line = Annotated[str, Field(max_length=500)]
Place = Annotated[int, Field(ge=0, le=10_000_000)]  # in UTF-16 units, as a browser counts
Block = Annotated[int, Field(ge=0, le=0xFFFFFFFF)]
Number = Annotated[int, Field(ge=1, le=2**53, strict=True)]  # what a browser counts exactly
MOST_OPENED = 5000  # lists and objects in a command, and brackets in its texts: each is dear to read
MOST_COMMAS = 50_000  # half of the longest text
Few = Field(max_length=1000)  # of what a command lists


class Command(Frozen):
    """Every command has its page's number, and the case that was open when it was given."""

    number: Number
    case: Id | None = None


class Hello(Command):
    """A page is there, again or for the first time. `case` is what it had open, `user` whose page it is."""

    do: Literal["hello"]
    page: Id
    user: Line | None = None


class Open(Command):
    """Open a case of the worklist."""

    do: Literal["open"]
    id: Id


class New(Command):
    """Begin a case; its id comes from the page, so that asking twice makes one."""

    do: Literal["new"]
    id: Id


class Redeem(Command):
    """Say which case the one-time address of a viewer means."""

    do: Literal["redeem"]
    ticket: Line


class TakeOver(Command):
    """Work on a case that another page has open."""

    do: Literal["takeover"]


class Begin(Command):
    """A new capture begins, or goes on.

    `saved`: all blocks below it were acknowledged to the page. `before`: pages of this browser that recorded it before
    they were closed.
    """

    do: Literal["take"]
    take: Id
    saved: Block = 0
    before: Annotated[tuple[Id, ...], Field(max_length=100)] = ()


class Listen(Command):
    """The microphone went on, or off: then no block from `block` on belongs to the dictation."""

    do: Literal["listen"]
    take: Id
    on: bool
    block: Block


class HearAgain(Command):
    """Hear again what could not be heard, or with `softer` what was left out as a softer voice, as the user's own."""

    do: Literal["hear"]
    softer: bool = False


class Type(Command):
    """Characters [start, stop) of version `version` of the pad's text became `text`."""

    do: Literal["type"]
    version: Annotated[int, Field(ge=-(2**53), le=2**53)]
    start: Place
    stop: Place
    text: Text


class Cursor(Command):
    """What is said from `block` of `take` on goes in at `at`."""

    do: Literal["cursor"]
    version: Annotated[int, Field(ge=-(2**53), le=2**53)]
    at: Place
    take: Id | None = None
    block: Block | None = None


class Undo(Command):
    """Go back one change of the pad, or forward again."""

    do: Literal["undo", "redo"]


class Compare(Command):
    """Write and compare what there is, stop that, or go back to the text without the microphone."""

    do: Literal["compare", "stop", "text"]


class Decide(Command):
    """Settle one difference, or open it again."""

    do: Literal["decide"]
    id: Line
    action: Literal["take_heard", "take_written", "edit", "dismiss", "reopen"]
    reason: Line = ""


class EditStatement(Command):
    """A person's wording of one statement; "" takes it out. `before` is what it reads on the page.

    `discrepancy` is the difference that it settles, if any.
    """

    do: Literal["edit"]
    statement: Line
    before: Text
    text: Text
    discrepancy: Line = ""


class Accept(Command):
    """Take a suggestion into the report, or out again. `text` is what it reads on the page."""

    do: Literal["accept"]
    statement: Line
    text: Text
    on: bool


class Confirm(Command):
    """Know which normals of the template gave way; their ids."""

    do: Literal["confirm"]
    normals: Annotated[list[Line], Field(max_length=200)]


class AcceptWord(Command):
    """A doubtful word is right as it stands; `word` is the question's id."""

    do: Literal["accept_word"]
    word: Line


class Put(Command):
    """Say to which organ the words of a question belong."""

    do: Literal["place"]
    id: Line
    organ: Line


class Choose(Command):
    """Choose a template; "" is none."""

    do: Literal["template"]
    name: Line


class Insert(Command):
    """Insert a macro at the cursor."""

    do: Literal["macro"]
    name: Line


class Fill(Command):
    """Fill a [field] of the report or a pick list; "" empties it."""

    do: Literal["fill"]
    field: Line
    value: Line


class GoToField(Command):
    """What is said from `block` of `take` on, or next, may be meant for a field; "" for none."""

    do: Literal["field"]
    id: Line
    take: Id | None = None
    block: Block | None = None


class PlaceAnswer(Command):
    """The answer that is asked about belongs into a field; "" leaves it in the text."""

    do: Literal["answer"]
    field: Line


class ChooseWording(Command):
    """Choose between a person's wording that fits no sentence any more and the report's, which reads `says`."""

    do: Literal["wording"]
    edit: Line
    says: Text
    chosen: Literal["mine", "both", "report"]


class Conclude(Command):
    """A sentence of the impression, typed."""

    do: Literal["conclude"]
    text: Text


class Plan(Frozen):
    """Who is to tell somebody of a critical result, and how."""

    person: Line
    method: Line


class Sign(Command):
    """Sign the report. `overrides`: difference → reason, for critical ones that stay open; `planned`: result → plan."""

    do: Literal["sign"]
    author: Line
    reason: Line = ""
    overrides: Annotated[dict[Line, Line], Few] = {}
    planned: Annotated[dict[Line, Plan], Few] = {}


class Addend(Command):
    """Begin an addendum to a final report, or with "" give up one that is not signed."""

    do: Literal["addendum"]
    reason: Line


class Sent(Command):
    """The signed report was brought to where it belongs."""

    do: Literal["sent"]


class Communicate(Command):
    """Who was told of critical results: of those with these alerts, without any of all that are open."""

    do: Literal["communicate"]
    person: Line
    at: datetime
    method: Line
    read_back: bool
    results: Annotated[list[Line], Few] = []


class Prefer(Command):
    """A preference of this user."""

    do: Literal["prefer"]
    name: Line
    value: bool | int | float | Line | Annotated[list[Line], Few]


class Learn(Command):
    """A phrase for the user's vocabulary."""

    do: Literal["vocabulary"]
    phrase: Line
    spoken: Line = ""


class ListLearned(Command):
    """What was learned from the user's corrections; the answer holds it."""

    do: Literal["learned"]


class Forget(Command):
    """Use something that was learned no more; the answer holds what is left."""

    do: Literal["forget"]
    id: Line


class Second(Command):
    """The answer where an exam has a case already: another one is meant, or the order is left out."""

    do: Literal["second"]
    meant: bool


class Leave(Command):
    """Close the case without signing it; everything is kept."""

    do: Literal["leave"]


AnyCommand = Annotated[
    Hello | Open | New | Redeem | TakeOver | Begin | Listen | HearAgain | Type | Cursor | Undo | Compare | Decide
    | EditStatement | ChooseWording | Conclude | Accept | Confirm | AcceptWord | Put | Choose | Insert | Fill
    | GoToField | PlaceAnswer | Sign | Addend | Sent | Communicate | Prefer | Learn | ListLearned | Forget
    | Second | Leave,
    Field(discriminator="do"),
]  # fmt: skip
_ADAPTER: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


def command_of(text: str) -> AnyCommand:
    """Return the command that a page sent as JSON. Raises UsageError, which quotes nothing of it."""
    if text.count("[") + text.count("{") > MOST_OPENED or text.count(",") > MOST_COMMAS:
        raise UsageError(f"A command has at most {MOST_OPENED} brackets and {MOST_COMMAS} commas; give less at once.")
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "command"
        raise UsageError(f"The page sent a {where[:60]} that this program does not know; reload the page.") from None
