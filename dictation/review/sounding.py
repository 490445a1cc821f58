"""The sound of one open case: its takes, which of them the microphone speaks into, and what is still to be heard."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from math import ceil
from pathlib import Path
from threading import Lock, RLock, Thread

from dictation.audio import SAMPLE_RATE, Journal
from dictation.audio.capture import to_pcm
from dictation.case.draft import Take, Unheard
from dictation.errors import DictationError, InputError, UsageError
from dictation.lexicon import Vocabulary
from dictation.records import Records
from dictation.records.recordings import KeptRecording
from dictation.records.sound import archive, sound_hash, sound_path
from dictation.review.desk import Desk
from dictation.review.listening import BLOCK_SAMPLES, MOST_HASHES, Begun, Kept, Listening
from dictation.review.sounds import samples_of
from dictation.speech.live import Event

_ELSEWHERE = "Another computer works on this case; take it over (T), then its sound is taken here."
_HELD = "Sound of this case is still being written by another program; it is heard as soon as that lets it go."
_GONE = "Sound of this case is not on this computer, so words may be missing; open the case where it was dictated."


class Closed(UsageError):
    """A take that is signed, or whose capture is not here any more, takes no more sound."""

    def __init__(self) -> None:
        super().__init__("This recording is closed and takes no more sound; press the key to begin a new one.")


class Sounding:
    """What a case's microphone does. `takes` says which takes the case has; the rest as for `Listening`.

    Keeping sound needs no lock of the case, so that no work on the text ever holds it up.
    """

    def __init__(
        self,
        desk: Desk,
        case_id: str,
        takes: Callable[[], Sequence[Take]],
        vocabulary: Callable[[], Vocabulary],
        tell: Callable[[str, Sequence[Event]], None],
        acknowledge: Callable[[str, Kept], None],
        settle: Callable[[], None],
    ) -> None:
        self._desk, self._case_id, self._takes = desk, case_id, takes
        self._vocabulary, self._tell, self._acknowledge, self._settle = vocabulary, tell, acknowledge, settle
        self._listening: Listening | None = None
        self._lock, self._resting = RLock(), Lock()
        self._shut: dict[str, str] = {}  # takes whose sound cannot be heard here, and why
        self._waking: object = None  # the newest look at them
        self.is_ours = True
        """Whether this server hears the case; where not, sound waits in the browser, which sends it again."""
        self.take: str | None = None
        """The take that the microphone speaks into now."""

    @property
    def is_on(self) -> bool:
        """Whether the microphone is on."""
        return self.take is not None

    @property
    def unheard_s(self) -> float:
        """Seconds of sound that was announced and has no final words yet, 1 at least where there is any."""
        listening = self._listening
        return 0.0 if listening is None or listening.is_settled else 1.0 + listening.missing_s

    @property
    def takes(self) -> int:
        """How many takes are open."""
        listening = self._listening
        return 0 if listening is None else listening.takes

    @property
    def kept_s(self) -> float:
        """Seconds of sound that is here and has no words yet."""
        listening = self._listening
        return 0.0 if listening is None else listening.kept_s

    @property
    def told_blocks(self) -> dict[str, int]:
        """Open take → the number of its blocks of which all words were told."""
        listening = self._listening
        return {} if listening is None else listening.told_blocks

    @property
    def is_hearing(self) -> bool:
        """Whether sound that is here has no final words yet."""
        listening = self._listening
        return listening is not None and not listening.is_heard

    @property
    def given_up(self) -> tuple[Unheard, ...]:
        """The sound that is not listened to any more, or cannot be here."""
        shut = [one for one in self._takes() if one.id in self._shut]
        given_up = self._listening.given_up if self._listening is not None else ()
        return (*given_up, *(Unheard(take=one.id, start_s=one.heard_s, end_s=one.heard_s) for one in shut))

    @property
    def still_heard_to(self) -> tuple[str, float] | None:
        """The recording that was begun last and the second where its sound ends; None where all words were told."""
        end = self._listening.still_heard_to if self._listening is not None else None
        return None if end is None else (self.named(end[0]).recording, end[1])

    @property
    def is_shut_out(self) -> bool:
        """Whether there is sound that can be heard as soon as another program lets it go."""
        return self.is_ours and _HELD in self._shut.values()

    @property
    def has_shut(self) -> bool:
        """Whether there is sound that cannot be heard here."""
        return bool(self._shut)

    def hear_again(self) -> bool:
        """Listen anew to what could not be; return whether there was any."""
        return self._listening is not None and self._listening.hear_again()

    def named(self, take: str) -> Take:
        """Return a take of this case. Raises UsageError where it has none of that id."""
        for one in self._takes():
            if one.id == take:
                return one
        raise UsageError("This sound belongs to no dictation of this case; reload the page.")

    def begin(self, take: str) -> Begun:
        """Begin a capture, or go on with the one that has begun, also before an earlier server ended."""
        known = next((one for one in self._takes() if one.id == take), None)
        if known is None:
            return self._hearing().begin(take)
        if self._waits(take):
            return Begun(take=take, recording=known.recording, file=known.file, taken=0, saved=0)
        return self._resume(known)

    def closed(self, take: str) -> Begun:
        """How much there is of a capture that takes no more sound."""
        known = self.named(take)
        kept = self._kept(take)
        seconds = kept.duration_s if kept.flac else sound_hash(sound_path(self._desk.records, kept))[1]
        blocks = ceil(round(seconds * SAMPLE_RATE) / BLOCK_SAMPLES)
        return Begun(
            take=take, recording=known.recording, file=known.file, taken=blocks, saved=blocks, is_closed=True
        )  # fmt: skip

    def block_hashes(self, take: str, first: int, *, is_closed: bool) -> dict[int, str]:
        """Return the hashes of blocks from `first` on that are kept; at rest, silence fills up short ones."""
        if is_closed:
            return self._hashes_at_rest(take, first)
        return {} if self._waits(take) else self._resumed(self.named(take)).hashes(take, first)

    def keep(self, take: str, number: int, pcm: bytes) -> Kept:
        """Keep a block of sound; return what is here of its take: nothing where it waits."""
        if self._waits(take):
            return Kept(taken=0, saved=0)
        return self._resumed(self.named(take)).append(take, number, pcm)

    def is_past(self, take: str, number: int) -> bool:
        """Whether a block lies behind the end of all that its page has told to be spoken."""
        return not self._waits(take) and self._resumed(self.named(take)).is_past(take, number)

    def listen(self, take: str, is_on: bool, block: int) -> bool:
        """The microphone went on or off at a block. Returns whether everything is heard already."""
        if self._waits(take):
            return False
        if is_on and self.take != take:
            self.stop()  # of a page that was closed and never said so
        listening = self._resumed(self.named(take))
        self.take = take if is_on else None if self.take == take else self.take
        listening.listen(take, is_on, block)
        return listening.is_settled

    def stop(self) -> bool:
        """Set the microphone off; where it was, its page may still tell. Returns whether it was on."""
        take, self.take = self.take, None
        if take is None or self._listening is None:
            return False
        self._listening.set_off(take)
        return True

    def wake(self, is_signed: Callable[[str], bool]) -> list[str]:
        """Hear what an earlier run left without words; return a sentence for each capture that cannot be.

        What was signed has its words, and is only ended.
        """
        told: list[str] = []
        shut: dict[str, str] = {}
        looking = self._waking = object()
        for take in self._takes() if self.is_ours else ():
            try:
                path = self._desk.captures / take.file
                if is_signed(take.id):
                    if path.exists():
                        self._end(path)
                elif path.exists():
                    self._resumed(take)
                elif not self._kept(take.id).flac:
                    shut[take.id] = _GONE
            except DictationError as error:
                told.append(_HELD if isinstance(error, UsageError) else self._named_only(error))
                if not is_signed(take.id):
                    shut[take.id] = told[-1]
        if self._waking is looking:  # what an older look found may be heard by now
            self._shut = shut
        return list(dict.fromkeys([*told, *shut.values()]))

    def let_go(self) -> None:
        """Another server hears the case from now on: captures are given back at once, and can be resumed."""
        with self._lock:
            self.is_ours, self.take, self._shut = False, None, {}
            listening, self._listening = self._listening, None
        if listening:  # it may be telling something just now, to whoever calls this
            Thread(target=listening.close, kwargs={"finished": False}, name="let go", daemon=True).start()

    def close(self) -> None:
        """End it. A capture that was heard to its end is finished, any other can be resumed."""
        with self._lock:
            self.is_ours, self.take = False, None
            listening, self._listening = self._listening, None
        if listening:
            listening.close(finished=listening.is_settled)

    def put_to_rest(self, records: Records) -> list[str]:
        """Keep the sound of a signed case as it is kept at rest; return what a person must know."""
        with self._lock:
            listening, self._listening = self._listening, None
        try:
            if listening:
                listening.close()
            with self._resting:
                told = archive(records, self._case_id, self._desk.captures)
        except DictationError as error:
            return [self._named_only(error)]
        return [text.replace(f"{self._desk.captures}/", "") for text in told]

    def hashes(self, records: Records) -> dict[str, str]:
        """Return the SHA-256 of the sound of each recording, by its id; "" where it cannot be heard here."""
        return {kept.recording: kept.sha256 or self._hash(records, kept) for kept in records.recordings(self._case_id)}

    def _hash(self, records: Records, kept: KeptRecording) -> str:
        if kept.take in self._shut:
            return ""
        try:
            return sound_hash(sound_path(records, kept))[0]
        except InputError:  # it lies on another computer; what has no words yet blocks the signature by itself
            return ""

    def _resumed(self, take: Take) -> Listening:
        self._resume(take)
        return self._hearing()

    def _resume(self, take: Take) -> Begun:
        try:
            return self._hearing().resume(take.id, take.file, take.heard_s, take.told_blocks)
        except InputError:
            if (self._desk.captures / take.file).exists():
                raise
            raise Closed() from None

    def _hashes_at_rest(self, take: str, first: int) -> dict[int, str]:
        start_s, stop_s = (block * BLOCK_SAMPLES / SAMPLE_RATE for block in (first, first + MOST_HASHES))
        samples, _ = samples_of(sound_path(self._desk.records, self._kept(take)), start_s, stop_s)
        sound, length = to_pcm(samples), 2 * BLOCK_SAMPLES
        blocks = (sound[at : at + length].ljust(length, b"\0") for at in range(0, len(sound), length))
        return {number: sha256(block).hexdigest() for number, block in enumerate(blocks, first)}

    def _end(self, path: Path) -> None:
        with suppress(UsageError):  # it is being ended
            Journal.open(path).close(finished=True)

    def _kept(self, take: str) -> KeptRecording:
        return next(one for one in self._desk.records.recordings(self._case_id) if one.take == take)

    def _waits(self, take: str) -> bool:
        return not self.is_ours or self._shut.get(take) == _HELD

    def _hearing(self) -> Listening:
        with self._lock:
            if not self.is_ours:
                raise UsageError(_ELSEWHERE)
            if self._listening is None:
                self._listening = Listening(
                    self._desk.captures, self._desk.engines.ear, self._vocabulary, self._tell,
                    acknowledge=self._acknowledge, settle=self._settle,
                )  # fmt: skip
            return self._listening

    def _named_only(self, error: DictationError) -> str:
        return str(error).replace(f"{self._desk.captures}/", "")
