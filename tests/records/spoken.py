"""Cases with sound, for tests of what becomes of it."""

from datetime import datetime

import numpy as np

from dictation.audio import Journal
from dictation.case.draft import Draft, Take
from dictation.case.version import Override, SignedState
from dictation.records import Records
from dictation.records.recordings import KeptRecording
from dictation.records.sound import archive, sound_hash, sound_path
from tests.records.cases import AT, PAGE, draft, opened, version

BLOCK = 1600


def dictated(records: Records, *, blocks: int = 2, started_at: datetime = AT, is_ended: bool = True, **fields) -> Draft:
    """A case that a page has, with one capture of noise, finished or as a killed server leaves it."""
    case = opened(records, draft("Lungs clear.", **fields))
    return add_sound(records, case, blocks=blocks, started_at=started_at, is_ended=is_ended)


def add_sound(
    records: Records, case: Draft, *, blocks: int = 2, started_at: datetime = AT, is_ended: bool = True
) -> Draft:
    """The case with one more capture."""
    journal = Journal.create(records.home / "captures", block_samples=BLOCK)
    random = np.random.default_rng(7)
    for number in range(blocks):
        journal.append(number, random.uniform(-1, 1, BLOCK).astype(np.float32))
    journal.close(finished=is_ended)
    take = Take(id=journal.id, recording=journal.id, file=journal.path.name)
    case = case.model_copy(update={"takes": (*case.takes, take)})
    records.add_recording(case.id, take.id, journal.id, journal.path.name, started_at)
    records.save(case, PAGE)
    return case


def signed(
    records: Records, case: Draft, state: SignedState = "final", *, words: str = "Lungs clear.", at: datetime = AT,
    is_archived: bool = True, is_closed: bool = True, has_unheard: bool = False,
) -> Draft:  # fmt: skip
    """Sign it over its sound as the app does, with the sound at rest and the page gone."""
    hashes = {one.recording: one.sha256 or hash_of(records, one) for one in records.recordings(case.id)}
    overrides = (Override(discrepancy_id="unheard", reason="I played it."),) if has_unheard else ()
    fields = {"at": at, "recordings": hashes, "overrides": overrides}
    records.sign(case, version(case, words, state).model_copy(update=fields), PAGE)
    if is_archived:
        archive(records, case.id, records.home / "captures")
    if is_closed:
        records.release(case.id, PAGE)
    return case


def hash_of(records: Records, kept: KeptRecording) -> str:
    return sound_hash(sound_path(records, kept))[0]


def kept_sound(records: Records, case: Draft) -> list[bool]:
    """Whether each recording of a case still has a file."""
    folders = [records.home / "audio", records.home / "captures"]
    names = {path.name for folder in folders if folder.exists() for path in folder.iterdir()}
    return [bool({f"{one.recording}.flac", one.file} & names) for one in records.recordings(case.id)]
