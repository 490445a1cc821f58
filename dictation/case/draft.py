"""All that a case which is being worked on needs to come back as it was, after a reload, a crash, another case."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from dictation.case.case import Case, Decision
from dictation.discrepancy.inference import StatedResult
from dictation.exam import Order, Patient
from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.reading import Reading
from dictation.report import Report
from dictation.report.report import Section
from dictation.wording.pad import Change, Pad

_IN_A_FOLDER = r"^[^/\\\x00]*[^/\\\x00.][^/\\\x00]*$"  # leads nowhere else
FileName = Annotated[str, Field(pattern=_IN_A_FOLDER)]


class Take(Frozen):
    """One capture of a case. `id` is given by the page that recorded it (32 hexadecimal digits).

    `recording` is the journal's id, `file` its name in HOME/captures. The words of the first `heard_s` seconds are in
    the pad, where they are the pad's transcript of the same recording; what lies behind them in its first `told_blocks`
    blocks has none. `by` is who began it, for the audit trail, and
    `page` the page that speaks into it, "" for one from before that was kept.
    """

    id: str
    recording: str
    file: FileName
    heard_s: float = Field(default=0, ge=0)
    told_blocks: int = Field(default=0, ge=0)
    by: str = ""
    page: str = ""


class Unheard(Frozen):
    """Seconds of a take that the ear could not hear. Whoever signs answers for them, until they are heard again.

    An end that is not behind the start is not known. `why` is what the ear says of them, "" where it failed.
    """

    take: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    why: str = ""


class LeftOut(Frozen):
    """Seconds of a take that are not in the text, and need no answer: told, so that whoever signs can listen there.

    `why`: a softer voice was taken for another person's; a sound was taken for noise; a word of the text lies over all
    of a voice and may hide others. `is_heard`: the softer voice was heard as the user's own since.
    """

    take: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    why: Literal["voice", "noise", "word"]
    is_heard: bool = False


class DictationPlace(Frozen):
    """What recording `recording` ("" is any) says from second `from_s` on goes in at character `at` of the text."""

    recording: str = ""
    from_s: float = Field(default=0, ge=0)
    at: int = Field(ge=0)


class ReportEdit(Frozen):
    """A person's change of one statement of the report; it is laid over whatever the writer wrote.

    It fits the statement with this section, organ, evidence and text `before`; without evidence and with `before` ""
    it adds one. `after` "" takes the statement out. `taken_from` is the discrepancy whose suggestion it was, if any.
    `twin` tells which it is of several statements that are alike in all of these, counted from 0.
    """

    section: Section
    organ: str | None = None
    evidence: tuple[str, ...] = ()
    before: str = ""
    after: str
    by: str
    at: datetime
    taken_from: str = ""
    twin: int | None = Field(default=None, ge=0)


class SetAside(Frozen):
    """A person's wording that fitted no statement any more, and what somebody chose. Both wordings stay readable here.

    `chosen`: "mine" put it in for the report's wording, "both" put it in beside that, "report" left it out. `reports`
    is the report's wording at that time, "" where it had none.
    """

    edit: ReportEdit
    reports: str = ""
    chosen: Literal["mine", "both", "report"]
    by: str
    at: datetime


class Accepted(Frozen):
    """A suggestion that a person took into the report; found again by what it says, however often it is written."""

    section: Section
    organ: str | None = None
    text: str
    by: str


class HeardRight(Frozen):
    """Doubtful words (`DoubtfulWord.words`) that a person said are right as they stand; `text` is what stood there."""

    words: tuple[str, ...]
    text: str
    by: str
    at: datetime


class Communication(Frozen):
    """Who was told of a critical result, when, how, and whether it was read back.

    `results` are those that somebody was told of, none where that is not known one by one: what stood in the report.
    """

    person: str
    at: datetime
    method: str
    read_back: bool
    results: tuple[StatedResult, ...] = ()


class Draft(Frozen):
    """A case as it is being worked on. `images` are names of files in HOME/images/`id`.

    `template` is a name or "" for none; `fields` are what was filled into its [fields] and pick lists. `organs` are the
    headings that a person chose for sentences, by their text; `confirmed` the ids of normals of the template that gave
    way, of which a person knows; `heard_right` the doubtful words that a person accepted. `compared` is the last
    comparison and `written` the report in it as its writer wrote it, so that a case opens with what its engines said;
    `compared_of` names what that comparison rests on. `obeyed` holds, for each page, the number of its last command
    that is in this draft. `text_version` counts the changes of the pad's text, of which `text_changes` are the last
    ones: a page that was away names places of an older version. `places` are where dictated words go in, oldest first,
    none where they go to the end. `addendum` is the reason for one that is being dictated, "" for none; the pad is then
    the addendum's own. `belongs_to` is the patient whom the order named when there first was something in the case (see
    `ordered`). `told_of` has, by its words, for each sentence of the report that says that somebody was told, the
    critical results that stood there when it came.
    `image_accession` is the accession number that the headers of its images state.
    `second_meant` are accession numbers of exams that have another case, where a person chose to have this one too.
    `awaits_comparison`: it was asked for and has not come yet, so that a server that was started again begins it anew.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    orders: tuple[Order, ...] = ()
    pad: Pad = Pad()
    text_version: int = Field(default=0, ge=0)
    text_changes: tuple[Change, ...] = ()
    places: tuple[DictationPlace, ...] = ()
    takes: tuple[Take, ...] = ()
    unheard: tuple[Unheard, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    images: tuple[FileName, ...] = ()
    image_accession: str = ""
    readings: tuple[Reading, ...] = ()
    pasted: Report | None = None
    template: str = ""
    fields: dict[str, str] = {}
    edits: tuple[ReportEdit, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    organs: dict[str, str] = {}
    confirmed: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    heard_right: tuple[HeardRight, ...] = ()
    communications: tuple[Communication, ...] = ()
    told_of: dict[str, tuple[StatedResult, ...]] = {}
    compared: Case | None = None
    compared_of: str = ""
    written: Report | None = None
    obeyed: dict[str, int] = {}
    addendum: str = ""
    belongs_to: Patient | None = None
    second_meant: tuple[str, ...] = ()
    awaits_comparison: bool = False

    @property
    def accessions(self) -> tuple[str, ...]:
        """The accession numbers of its exam: those of its orders, without any that of its images."""
        ordered = dict.fromkeys(one.accession for one in self.orders if one.accession.strip())
        return tuple(ordered) or ((self.image_accession,) if self.image_accession.strip() else ())
