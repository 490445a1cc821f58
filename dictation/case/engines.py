"""The registry: which engine a name stands for. The only place, with settings and help, that lists engines by name.

An engine that the user named is used, or its absence is an error with the fix; only `auto` chooses for itself, among
what is on this machine, without touching the network.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from dictation.errors import MissingError, UsageError
from dictation.report import ExtractiveWriter, ReportWriter
from dictation.settings import Settings

if TYPE_CHECKING:
    from dictation.speech.recognizer import Recognizer

RECOGNIZERS = ("auto", "medasr", "whisper")
WRITERS = ("auto", "extractive", "medgemma", "endpoint")


def choose_recognizer(spec: str, settings: Settings, model: str | None = None) -> "Recognizer":
    """Load the recognizer that `spec` names: "auto", "medasr" or "whisper", each with "=MODEL" (an id or a folder).

    Raises UsageError for an unknown name, MissingError where its weights or packages are not here.
    """
    name, model = _split(spec, model, RECOGNIZERS, "recognizer")
    if name == "auto":
        return _best_recognizer(settings)
    if name == "medasr":
        from dictation.speech.medasr import MedASRRecognizer

        return MedASRRecognizer.load(model, settings)
    from dictation.speech.whisper import WhisperRecognizer

    if model is None:
        return WhisperRecognizer.embedded(settings)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise MissingError(f"{model}: no such folder; give a folder with a Whisper model converted for CTranslate2.")
    return WhisperRecognizer.from_folder(folder, settings)


def _best_recognizer(settings: Settings) -> "Recognizer":
    """MedASR where its weights and packages are here, else the embedded Whisper; the record says why."""
    from dictation.speech import medasr_weights
    from dictation.speech.whisper import WhisperRecognizer

    here = medasr_weights.cached() is not None  # looked at first: it needs no torch
    if here:
        try:
            medasr_weights.check_packages()
        except MissingError:
            here = False
    if here:
        from dictation.speech.medasr import MedASRRecognizer

        clinical = MedASRRecognizer.load(None, settings)
        clinical.chosen = "auto: the weights of MedASR are on this machine"
        return clinical
    embedded = WhisperRecognizer.embedded(settings)
    embedded.chosen = "auto: MedASR or its packages are not on this machine"
    return embedded


def choose_writer(spec: str, settings: Settings) -> ReportWriter:
    """Load the report writer that `spec` names. Raises UsageError or MissingError as `choose_recognizer` does."""
    name, model = _split(spec, None, WRITERS, "writer")
    if name in ("medgemma", "endpoint"):
        raise MissingError(
            f"the writer '{name}' is not part of this version; use --writer extractive, which needs no weights."
        )
    if model is not None:
        raise UsageError("the extractive writer has no models; leave '=…' out.")
    return ExtractiveWriter()


def _split(spec: str, model: str | None, names: tuple[str, ...], what: str) -> tuple[str, str | None]:
    name, _, inline = spec.partition("=")
    if name not in names:
        raise UsageError(f"'{name}' is no {what}; choose one of {', '.join(names)}.")
    if inline and model and inline != model:
        raise UsageError(f"two different models are named for the {what}: '{inline}' and '{model}'; give one.")
    chosen = inline or model or None
    if name == "auto" and chosen:
        raise UsageError(f"a model needs its {what} named: use for example {names[-1]}={chosen}.")
    return name, chosen
