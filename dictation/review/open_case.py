"""A case that is open on this server. One page works on it, the others look on until they take it over.

`draft` is what is on disk.
"""

from functools import partial
from threading import Event as Flag
from threading import RLock, Thread

from dictation.audio import SAMPLE_RATE
from dictation.case import expected
from dictation.case.accepting import take_in
from dictation.case.composing import Composed, basis_of
from dictation.case.draft import Draft, Take
from dictation.case.editing import laid_over
from dictation.case.ordered import Resent, sentences, with_patient
from dictation.case.signing import as_signed
from dictation.case.version import Version
from dictation.errors import UsageError
from dictation.imaging import Study
from dictation.lexicon import Vocabulary
from dictation.records.rights import User
from dictation.records.stored import State, Stored, Taken
from dictation.report import Report, Template
from dictation.report.fields import Field
from dictation.report.fields_ordered import filled_with_order
from dictation.review import beside, comparing, hearing, telling, waking
from dictation.review.audience import Audience
from dictation.review.desk import Desk
from dictation.review.dictating import Dictating
from dictation.review.field_focus import FieldFocus
from dictation.review.listening import BLOCK_SAMPLES, Kept
from dictation.review.page import Message, Page, acknowledgement, notice
from dictation.review.personal import Personal
from dictation.review.reviewing import Reviewing
from dictation.review.second_case import Waiting
from dictation.review.sounding import Closed, Sounding
from dictation.review.unplaced import Unplaced

_CHANGED = "The order was changed after this report was signed; compare it with what is written here."


class OpenCase:
    """One case. Everything that changes its draft goes through `lock`; taking sound in does not."""

    def __init__(self, desk: Desk, stored: Stored, is_new: bool = False, opened_by: str = "") -> None:
        self.desk, self.draft, self.id = desk, stored.draft, stored.draft.id
        self.state_now, self.versions, self.is_sent = stored.state, stored.versions, bool(stored.sent_at)
        self.resent = stored.resent
        self._opened_by = opened_by
        self.lock = RLock()
        self.audience = Audience(
            desk.records,
            self.id,
            desk.nobody,
            partial(waking.gained, self),
            partial(waking.lost, self),
            partial(beside.handed_on, self),
        )
        self.audience.is_kept, self.audience.is_ours = not is_new, stored.lock is None
        self._known_users: set[str] = set()  # in whose name it was worked on here
        self.revision = stored.revision
        """Of the records: where another one is there, the draft is not what is on disk."""
        self.study: Study | None = None
        self.text = Dictating.of(stored.draft)
        self.bar: Message = {"state": "idle", "message": "", "fraction": 0.0}
        self.composed: Composed | None = None
        self.chosen_by_order = ""
        """The template that the order chose here, until somebody chooses."""
        self.focus = FieldFocus()
        """The field that what is said is meant for."""
        self.unplaced: Unplaced | None = None
        """An answer that did not go into the field that was asked for: the page asks where it belongs."""
        self.reviewing = Reviewing(
            desk.engines,
            desk.settings,
            partial(comparing.compared, self),
            self._grown,
            self.show_bar,
            (lambda: desk.growing.of(self._asker), lambda: desk.comparing.of(self._asker)),
        )
        self.sounds = Sounding(
            desk,
            self.id,
            lambda: self.draft.takes,
            self.vocabulary,
            partial(hearing.happened, self),
            self._acknowledged,
            partial(comparing.settled, self),
        )
        self.sounds.is_ours = self.audience.is_ours
        self.waking: object = None
        """The newest search for sound without words."""
        self.files_in_hearing = 0
        """Recordings that were given and are being heard; `cancel_files` stops that."""
        self.cancel_files = Flag()
        self.is_loading = bool(stored.draft.images)
        """Whether the images of the case are being read."""
        self.answers: dict[str, tuple[int, Message | UsageError]] = {}
        """The number of the last command of each page, and its answer."""
        self.second: Waiting | None = None
        """An order whose exam has another case: the page asks what is meant."""
        self.faults: tuple[str, ...] = ()
        """What whoever opens the case must know of its recordings."""
        self.is_saved = False
        """Whether the draft as it is was given to the disk."""
        self.wants_review = False
        """Whether the report is written as soon as all sound has its words."""
        self.composed = comparing.composed_now(self)
        self.counted = comparing.cards_of(self)
        """The ids of the differences that were counted as shown."""
        self.is_reviewed = self.composed is not None and not self.is_stale
        beside.choose_template(self)
        hearing.note_recordings(self)
        Thread(target=self._wake, name="open", daemon=True).start()

    # what it is

    @property
    def user(self) -> User:
        """Who works on it, or did last."""
        return self.desk.known(self.audience.user)

    @property
    def _asker(self) -> str:
        """The name of the user in whose turn its reports are made; "" where nobody signs in."""
        return self.audience.user.name or self._opened_by

    @property
    def own(self) -> Personal:
        """What is that user's own: words, preferences."""
        return self.desk.own(self.user)

    @property
    def is_stale(self) -> bool:
        """Whether anything that a comparison rests on changed since: text, order, images, readings, template."""
        return self.draft.compared is None or self.draft.compared_of != self.basis

    @property
    def basis(self) -> str:
        """What a comparison made now would rest on: equal for the same."""
        return basis_of(self.draft, self.text.pad)

    @property
    def unheard_s(self) -> float:
        """Seconds of sound that was announced or given and has no words yet, 1 at least where there is any."""
        return self.sounds.unheard_s + self.files_in_hearing

    @property
    def draft_to_sign(self) -> Draft:
        """The draft, with the sound that is not listened to any more among what was not heard."""
        given_up = tuple(one for one in self.sounds.given_up if not self.is_signed(one.take))
        return self.draft.model_copy(update={"unheard": (*self.draft.unheard, *given_up)}) if given_up else self.draft

    @property
    def is_busy(self) -> bool:
        """Whether words are still being heard, or a report is written."""
        return self.sounds.is_hearing or self.files_in_hearing > 0 or self.reviewing.is_working

    @property
    def awaits_report(self) -> bool:
        """Whether its report is to be written once all words are heard, or is being written or compared."""
        return self.wants_review or self.reviewing.is_working

    @property
    def template(self) -> Template | None:
        """The template that was chosen for it: that of whoever works on it."""
        return beside.template_of(self, self.user)

    def fields(self) -> tuple[Field, ...]:
        """The fields of the report as it stands."""
        if self.composed is not None and self.is_reviewed:
            return self.composed.fields
        return filled_with_order(self.reviewing.growing, self.draft.fields, self.draft.orders)[1]

    def growing_report(self) -> Report:
        """The report so far, with what a person laid over it."""
        grown = take_in(self.reviewing.growing, self.draft.accepted)
        report, _ = filled_with_order(grown, self.draft.fields, self.draft.orders)
        return laid_over(report, self.draft.edits)[0]

    # its pages

    def arrived(self, page: Page) -> None:
        """A page shows the case; the first one works on it."""
        with self.lock:
            if self.audience.has_left and self.audience.holder != page.id:
                self.stop_listening()  # of a page that was closed while its microphone was on
            self.audience.add(page)
            for sentence in self.desk.faults(page.user):
                page.tell(notice(sentence, None))
            changed = [_CHANGED] if self.resent.status == "changed" else []
            for sentence in (*changed, *sentences(self.draft, self.resent), *self.faults):
                page.tell(notice(sentence, self.id))

    def left(self, page: Page) -> None:
        """A page shows it no longer; what it dictated until then is heard to the end."""
        self.gone(page, on_purpose=True)
        self.rest()

    def gone(self, page: Page, *, on_purpose: bool = False) -> None:
        """A page hung up. Its microphone may still be on: what it records meanwhile comes when it is back."""
        with self.lock:
            self.audience.remove(page)
            if on_purpose and self.audience.holder == page.id:
                self.audience.let_go(is_heard=self.unheard_s == 0)
            self.audience.touch("case")

    def rest(self) -> None:
        """Stop the microphone of a page that is not here."""
        with self.lock:
            if self.audience.holder not in self.audience.pages:
                self.stop_listening()

    def is_heard_by(self, page: Page) -> bool:
        """Whether a page's microphone dictates here."""
        return self.sounds.is_on and self.audience.holder == page.id

    def state(self, page: Page, kind: str) -> Message | None:
        """Return the newest state of a kind for a page."""
        with self.lock:
            return telling.state(self, page, kind)

    def show_bar(self, state: str, message: str, fraction: float) -> None:
        """Tell how far the work is."""
        self.bar = {"state": state, "message": message, "fraction": fraction}
        self.audience.touch("bar")
        if state in ("ready", "error"):
            with self.lock:
                comparing.show_stale(self)

    # what becomes of it

    def keep(self, changes: dict[str, object]) -> None:
        """Change the draft, and put it on disk."""
        before = with_patient(self.draft)
        self.draft = with_patient(before.model_copy(update={**self.text.kept, **changes}))
        self.is_saved = True
        holder = self.audience.holder
        if holder is None or not self.audience.is_ours:
            return  # it is heard again once a page works on it
        if not self.audience.is_kept:
            self.desk.records.create(self.draft, self.user.by, owner=self.user.name)
            self.audience.is_kept, self.revision = True, 1
            for page in [one for name, one in self.audience.pages.items() if name != holder]:  # they see it grow
                self.desk.views.note(self.id, page.id, self.desk.known(page.user).by, page.session)
        elif self.user.name and self.user.name not in self._known_users:
            self.desk.records.assign(self.id, self.user.name)
            self._known_users.add(self.user.name)
        try:
            self.revision = self.desk.records.save(self.draft, holder)
        except Taken as taken:
            if taken.lock is not None:
                self.audience.lost(taken.lock)
                raise
            self.audience.keep_lock()
            if self.desk.records.load(self.id).revision != self.revision:  # another server had it in between
                self.audience.give_up()
                raise
            self.revision = self.desk.records.save(self.draft, holder)
            if self.audience.has_left:
                self.audience.let_go(is_heard=self.unheard_s == 0)

    def text_changed(self, changes: dict[str, object] | None = None) -> None:
        """Keep the text as it is now, and let the report grow."""
        self.keep(changes or {})
        self.grow()
        self.audience.touch("pad")  # what blocks a signature is told with the report that grows
        comparing.show_stale(self)

    def signed(self, version: Version) -> None:
        """A version was signed, with the draft as it is now."""
        self.reviewing.stop()
        self.draft, self.is_saved = as_signed(self.draft, version.state), True
        status = "active" if self.resent.status == "changed" else self.resent.status
        self.resent = Resent(status=status, orders=self.resent.orders if version.state == "preliminary" else ())
        self.versions, self.state_now, self.is_sent = (*self.versions, version), version.state, False
        self.revision += 1
        self.desk.forgetting.signed(self.id)
        Thread(target=self.archive, name="archive", daemon=True).start()
        self.audience.touch()

    def restart(self, changes: dict[str, object], versions: tuple[Version, ...], state: State) -> None:
        """Begin anew with another text, as after a signature; what was signed stays."""
        self.reviewing.stop()
        self.draft = self.draft.model_copy(update=changes)
        self.versions, self.state_now = versions, state
        self.text = Dictating(self.draft.pad, self.text.version + 1)
        self.focus, self.unplaced = FieldFocus(), None
        for take in self.draft.takes:  # a text that begins anew knows the takes that may still be spoken into
            self.text.begin(take.recording, self.desk.engines.ear.engine)
        for page in self.audience.pages.values():
            page.told_version = -1
        self.composed = comparing.composed_now(self)
        self.is_reviewed = self.composed is not None and not self.is_stale
        self.grow()
        self.audience.touch()

    # dictating

    def take(self, take: str) -> Take | None:
        """Return a capture of this case, None where it has none of that id."""
        return next((one for one in self.draft.takes if one.id == take), None)

    def has_take(self, take: str) -> bool:
        """Whether a capture belongs to this case."""
        return self.take(take) is not None

    def hand_over(self, take: Take, page: str) -> None:
        """Another page of the same browser speaks into a capture from now on."""
        with self.lock:
            takes = (one.model_copy(update={"page": page}) if one.id == take.id else one for one in self.draft.takes)
            self.keep({"takes": tuple(takes)})

    def is_signed(self, take: str) -> bool:
        """Whether a take belongs to a version, which is frozen with its sound."""
        return hearing.is_signed(self, take)

    def look(self) -> None:
        """See whether another server has the case by now."""
        with self.lock:
            self.audience.look()

    def sound(self, take: str, number: int, pcm: bytes) -> Kept:
        """Keep a block of sound; return what is here of its take. Raises Closed."""
        if self.is_signed(take):
            raise Closed()
        kept = self.sounds.keep(take, number, pcm)
        start = number * BLOCK_SAMPLES
        self.desk.lag.came(take, start / SAMPLE_RATE, (start + len(pcm) // 2) / SAMPLE_RATE)
        return kept

    def listen(self, take: str, is_on: bool, block: int) -> None:
        """The microphone went on, and `block` is its first, or off, and `block` no longer belongs to it."""
        with self.lock:
            was_on = self.sounds.take == take
            if is_on and self.is_signed(take):
                raise Closed()
            if is_on:
                self.reviewing.stop()
                self.is_reviewed = self.wants_review = False
                comparing.note_asked(self, is_asked=False)
                self.show_bar("listening", "", 0)
                self.text.go_on(self.sounds.named(take).recording, block * BLOCK_SAMPLES / SAMPLE_RATE)
            elif was_on or (not self.sounds.is_on and self.is_stale):  # it went off while the server was away
                self.finishing()
            is_settled = self.sounds.listen(take, is_on, block)
            self.audience.touch("case", "pane", "sign")
            if is_settled:
                comparing.settled(self)

    def stop(self) -> None:
        """Stop what is being heard of a given file, written or compared."""
        self.reviewing.stop()
        self.cancel_files.set()
        self.cancel_files = Flag()

    def close(self) -> None:
        """End what is going on; all of it is on disk."""
        self.stop()
        self.waking = None
        self.sounds.close()
        with self.lock:
            self.audience.release()

    # what comes of it, told by other threads

    def _acknowledged(self, take: str, kept: Kept) -> None:
        if (known := self.take(take)) is not None:
            self.audience.acknowledge(known.page, acknowledgement(take, kept))

    def _grown(self) -> None:
        self.audience.touch("report", "sign")

    def grow(self) -> None:
        """Let the report by rules grow."""
        self.reviewing.grow(self.draft, self.text.pad, self.template)

    def _wake(self) -> None:
        """Go on with what a crash or another page left: sound without words, images."""
        with self.lock:  # the page that is given the case meanwhile may have another template
            self.grow()
        if self.draft.images:
            beside.load_images(self)
        if self.audience.is_ours:
            waking.wake(self)

    def vocabulary(self) -> Vocabulary:
        """What is expected to be said."""
        order = self.draft.orders[0] if self.draft.orders else None
        return expected(self.desk.vocabulary(self.user), order, self.template)

    def stop_listening(self) -> None:
        """Set the microphone off where it is on; what was said is heard to the end, also what still comes of it."""
        if self.sounds.is_on:
            self.finishing()
            self.sounds.stop()

    def finishing(self) -> None:
        """Words are heard that were said; the report is written then."""
        self.wants_review = True
        comparing.note_asked(self, is_asked=True)
        self.show_bar("finishing", "hearing the last words", 0)

    def archive(self) -> None:
        """Keep the sound of a signed case as it is kept at rest."""
        for sentence in self.sounds.put_to_rest(self.desk.records):
            self.audience.notice(sentence)
        self.desk.forgetting.case(self.id)  # it may be closed already


def opened(desk: Desk, case_id: str, *, is_new: bool, by: str = "") -> OpenCase:
    """Return a case of the records; with `is_new` an empty one where they have none. Raises UsageError.

    `by` is the name of the user for whom it is opened.
    """
    try:
        return OpenCase(desk, desk.records.load(case_id), opened_by=by)
    except UsageError:
        if not is_new:
            raise
    empty = Stored(
        draft=Draft(id=case_id), state="draft", revision=0, lock=None, versions=(), sent_at="", order_status=""
    )  # fmt: skip
    return OpenCase(desk, empty, is_new=True, opened_by=by)
