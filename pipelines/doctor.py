"""What is installed, reachable and gated on this machine, and how to mend what is not."""

import importlib.util
import os
import platform
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dictation.discrepancy.judge.entailment import entailment
from dictation.errors import DictationError, MissingError, UsageError
from dictation.extras import install_command
from dictation.hub import ModelKind
from dictation.models import xrv
from dictation.models.gemma_weights import MEDGEMMA
from dictation.models.siglip import MEDSIGLIP
from dictation.settings import Settings
from dictation.speech.medasr.weights import MEDASR
from dictation.weights import free_mb, joined, sha256_of

if TYPE_CHECKING:
    from dictation.records import Records

PACKAGES = (
    "numpy",
    "faster-whisper",
    "ctranslate2",
    "av",
    "librosa",
    "soundfile",
    "pydicom",
    "torch",
    "transformers",
    "torchxrayvision",
    "gradio",
    "sqlalchemy",
)
HEARD = 500  # recordings whose sound is read, the last ones: those of a large practice would take long
FEW_DAYS = 14  # with sound, before the disk is full
GATED = "accept the terms on the model's page, then run: hf auth login"


@dataclass(frozen=True)
class Check:
    """One line of the doctor. `fix` is the exact thing to do where `ok` is False."""

    name: str
    ok: bool
    state: str
    fix: str = ""


WRITTEN = ("records", "sound")  # the checks of what was written, of which a fault is damage and no missing engine


def examine(settings: Settings, model: str | None = None) -> dict[str, Any]:
    """Look at this machine without loading an engine, but the small sentence judge, and without touching the network.

    `model` is MedASR's, the id of one that is in the cache, or a folder; None: the published one.
    """
    checks = [
        _folder("cache", settings.cache),
        _folder("home", settings.home),
        _whisper(settings),
        _sentence_judge(),
        _app(),
        *_records(settings),
        *_settings(settings),
        *_sign_in(settings),
        *_department(settings),
        *_medasr(settings, model),
        Check("extractive", True, "built in"),
        _clinical("medgemma", MEDGEMMA, "or give --writer medgemma=FOLDER"),
        _endpoint(settings),
        _xrv(),
        _clinical("medsiglip", MEDSIGLIP, "or give --reader medsiglip=FOLDER"),
    ]
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_cores": os.cpu_count(),
        "packages": {name: _version(name) for name in ("radiology-dictation", *PACKAGES)},
        "settings": {"home": str(settings.home), "cache": str(settings.cache), "spelling": settings.spelling},
        "checks": [asdict(check) for check in checks],
    }


def as_text(found: dict[str, Any]) -> str:
    """The examination for people."""
    lines = [f"python {found['python']} on {found['platform']}, {found['cpu_cores']} cores"]
    lines += [f"  {name:<20} {number or 'not installed'}" for name, number in found["packages"].items()]
    for check in found["checks"]:
        lines.append(f"{'ok ' if check['ok'] else 'NO '} {check['name']:<12} {check['state']}")
        if check["fix"]:
            lines.append(f"    fix: {check['fix']}")
    return "\n".join(lines) + "\n"


def _settings(settings: Settings) -> list[Check]:
    """What would keep the app from being served, where something does."""
    from dictation.review.place import check_settings

    try:
        check_settings(settings)
    except UsageError as error:
        return [Check("settings", False, "the app cannot be served with them", str(error))]
    return []


def _sign_in(settings: Settings) -> list[Check]:
    """How users sign in, whether others can read that, whether browsers give a microphone, and whose files count."""
    from dictation.review.accounts import accounts_fault, accounts_said
    from dictation.review.personal import nobodys_files
    from dictation.review.place import is_public, microphone_fault, network_fault

    accounts = []
    if settings.sign_in == "none":
        fault, fix = accounts_fault(settings) or ("", "")
        accounts = [Check("accounts", not fault, fault or accounts_said(settings), fix)]
        if not settings.public_url or is_public(settings):  # _settings says so
            return accounts
    faults = {"network": network_fault(settings), "microphone": microphone_fault(settings)}
    module = {"password": "argon2", "oidc": "authlib"}.get(settings.sign_in, "")
    missing = [] if not module or _here(module) else [install_command("hospital")]
    said = {"none": "nobody signs in; served on this machine only"}.get(settings.sign_in, f"by {settings.sign_in}")
    checks = [Check("sign-in", not missing, f"{module} missing" if missing else said, *missing)]
    faults["own files"] = nobodys_files(settings)
    return [*accounts, *checks, *(Check(name, False, *fault) for name, fault in faults.items() if fault)]


def _department(settings: Settings) -> list[Check]:
    """The folders that a department shares, where they are set."""
    checks = []
    if (outbox := settings.outbox) is not None:
        is_there = outbox.is_dir()
        fix = "make it, with the right to write for the program: it is never made by it"
        checks.append(_folder("outbox", outbox) if is_there else Check("outbox", False, f"{outbox}, no folder", fix))
    for name, folder in (("orders", settings.orders), ("shared", settings.shared)):
        if folder is not None:
            is_read = folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
            fix = "" if is_read else f"set DICTATION_{name.upper()} to a folder that the program may read"
            checks.append(Check(name, is_read, f"{folder}, {'read' if is_read else 'cannot be read'}", fix))
    return checks


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _here(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _folder(name: str, folder: Path) -> Check:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    writable = os.access(existing, os.W_OK) and existing.is_dir()
    fix = "" if writable else f"set DICTATION_{name.upper()} to a folder that you may write to"
    return Check(name, writable, f"{folder}, {free_mb(folder):,} MB free", fix)


def _sentence_judge() -> Check:
    """The judge that folds alerts on other words for the same; without it alerts are judged by counting words."""
    try:
        entailment("No effusion.", (0, 12), "No effusion.")
    except MissingError as error:
        fix = str(error).partition("run: ")[2] or install_command("embedded")
        return Check("sentence judge", False, "alerts are judged by counting words only", fix)
    return Check("sentence judge", True, "our network on all-MiniLM-L6-v2, int8, verified")


def _whisper(settings: Settings) -> Check:
    if not _here("faster_whisper"):
        return Check("whisper", False, "faster_whisper missing", install_command("embedded"))
    from dictation.speech.whisper.recognizer import EMBEDDED

    try:
        joined(EMBEDDED, settings.cache)
    except DictationError as error:
        return Check("whisper", False, "the embedded weights cannot be used", str(error))
    return Check("whisper", True, "engine installed, embedded base weights verified")


def _app() -> Check:
    if _here("gradio"):
        return Check("app", True, "gradio installed")
    return Check("app", False, "gradio missing", install_command("app"))


def _records(settings: Settings) -> list[Check]:
    """Whether the cases can be read, and what was signed, noted and recorded is as it was written."""
    if not settings.database_url.get_secret_value() and not (settings.home / "records.sqlite3").exists():
        return [Check("records", True, "no cases yet")]
    if not _here("sqlalchemy"):
        return [Check("records", False, "sqlalchemy missing", install_command("records"))]
    from dictation.records import Records

    try:
        with closing(Records.open_to_verify(settings)) as records:
            state = "the audit trail and all signed versions verified"
            checks = [_verified("records", records.verify(), state), _sound(records), _retention(records, settings)]
            return [*checks, *_backup(records)]
    except DictationError as error:
        return [Check("records", False, "the cases cannot be verified", str(error))]


def _sound(records: "Records") -> Check:
    """Whether the sound of signed cases is there, and that of the last ones is what was kept."""
    from dictation.records import sound

    try:
        faults = sound.faults(records, newest=HEARD)
    except MissingError as error:
        return Check("sound", False, "the sound of the cases cannot be verified", str(error))
    of_none = sound.in_no_case(records)
    more = f" and {len(of_none) - 1} more" if len(of_none) > 1 else ""
    lone = f"; in no case: {of_none[0][0]}{more}, dictation serve says why" if of_none else ""
    state = f"the recordings of signed cases are here, the last {HEARD} of them verified{lone}"
    return _verified("sound", faults, state)


def _retention(records: "Records", settings: Settings) -> Check:
    """How long sound is kept, and whether the disk lasts."""
    from dictation.records.filling import filling
    from dictation.records.retention import Rule

    disk = filling(records, datetime.now(UTC))
    fix = "free space, or let dictation purge run each night with DICTATION_KEEP_AUDIO set"
    is_enough = disk.days is None or disk.days >= FEW_DAYS
    return Check(
        "retention", is_enough, f"{Rule.of(settings.keep_audio).words}; {disk.words}", "" if is_enough else fix
    )


def _backup(records: "Records") -> list[Check]:
    """When the last backup was made, and where those of late lie, as far as the audit trail says so."""
    from dictation.records.backup_check import LATELY, where_last

    now = datetime.now(UTC)
    if (found := where_last(records, now)) is None:
        return []
    at, is_here = found
    last = f"the last one was made on {at:%Y-%m-%d at %H:%M} UTC"
    if now - at > LATELY:
        fix = "let dictation backup run each night, and see why it did not"
        return [Check("backup", False, f"{last}, more than {LATELY.days} days ago", fix)]
    if not is_here:
        return [Check("backup", True, f"{last}; one of the last {LATELY.days} days lies on another disk")]
    fix = (
        "make backups on another disk, or copy each to one (rsync), of which nothing is known here: this stays NO then"
    )
    state = f"{last}, on the disk of DICTATION_HOME, as all of the last {LATELY.days} days"
    return [Check("backup", False, state, fix)]


def _verified(name: str, faults: tuple[str, ...], state: str) -> Check:
    if not faults:
        return Check(name, True, state)
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return Check(name, False, f"{faults[0]}{more}", "restore a backup, and find out who changed it")


def _medasr(settings: Settings, model: str | None) -> list[Check]:
    """The clinical ear: its weights, the precision that it will run in, and its language model."""
    is_folder = model is not None and Path(model).expanduser().is_dir()
    if not is_folder:
        whole = _clinical("medasr", MEDASR, "or give --model FOLDER", model)
        if not whole.ok:
            return [whole]
    try:
        checkpoint = MEDASR.find(model) if is_folder else MEDASR.cached(model)
        assert checkpoint is not None
        from dictation.speech.medasr.weights import outlook

        runs, how = outlook(checkpoint, settings)
    except DictationError as error:
        return [Check("medasr", False, "the weights cannot be used", str(error))]
    state = f"the weights in {checkpoint.folder} are here" if is_folder else whole.state
    fix = "" if runs else "set DICTATION_MEDASR_PRECISION to auto"
    return [Check("medasr", runs, f"{state}; {how}", fix), _language_model(checkpoint.folder, settings)]


def _language_model(folder: Path, settings: Settings) -> Check:
    """MedASR's language model, which it can do without: a file and the package that reads it."""
    from dictation.speech.medasr.recognizer import LANGUAGE_MODEL

    name, named = "medasr-lm", settings.medasr_language_model
    path = named or folder / LANGUAGE_MODEL
    if not path.is_file():
        fix = f"put {LANGUAGE_MODEL} beside the weights or set DICTATION_MEDASR_LANGUAGE_MODEL to its file"
        state = f"{named} is not there" if named else f"no {LANGUAGE_MODEL} beside the weights; heard without one"
        return Check(name, named is None, state, fix)
    if not _here("kenlm"):
        return Check(name, False, f"{path.name} is here, kenlm is missing", install_command("lm"))
    return Check(name, True, f"{path.name} is here, kenlm installed")


def _clinical(name: str, kind: ModelKind, other: str, model: str | None = None) -> Check:
    """One of the models whose weights are gated on the hub, by its name there. `other` is the way around."""
    missing = [package for package in kind.packages if not _here(package)]
    if missing:
        return Check(name, False, f"{', '.join(missing)} missing", f"{install_command(kind.extra)}, then {GATED}")
    try:
        kind.check_transformers(version("transformers"))
        if kind.cached(model):
            return Check(name, True, f"packages and the weights of {model or kind.default} are here")
    except MissingError as error:
        return Check(name, False, "what is here cannot be used", str(error))
    return Check(name, False, f"the weights of {model or kind.default} are not here", f"{GATED}; {other}")


def _endpoint(settings: Settings) -> Check:
    if not settings.endpoint_url or not settings.endpoint_model:
        fix = "start an OpenAI-compatible server and set DICTATION_ENDPOINT_URL (…/v1) and DICTATION_ENDPOINT_MODEL"
        return Check("endpoint", False, "no server is set", fix)
    if not _here("httpx"):
        return Check("endpoint", False, "httpx missing", install_command("endpoint"))
    return Check("endpoint", True, f"{settings.endpoint_model} at {settings.endpoint_url} (not asked)")


def _xrv() -> Check:
    """The reader of chest radiographs that fetches nothing by itself."""
    missing = [package for package in xrv.PACKAGES if not _here(package)]
    if missing:
        return Check("xrv", False, f"{', '.join(missing)} missing", f"{install_command('xrv')}, then {xrv.FETCH}")
    path = xrv.cached()
    if path is None:
        return Check("xrv", False, "its weights are not here (28 MB)", f"{xrv.FETCH} or give --reader xrv=FILE")
    if sha256_of(path) != xrv.PUBLISHED_SHA256:
        return Check("xrv", False, f"{path} is not the published file", f"delete it, then {xrv.FETCH}")
    return Check("xrv", True, "packages and the published weights are here, verified")
