"""The registry: which engine a name stands for. The only place, with settings and help, that lists engines by name.

An engine that the user named is used, or its absence is an error with the fix; only `auto` chooses for itself, among
what is on this machine, without touching the network.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from dictation.errors import MissingError, UsageError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.report import ExtractiveWriter, Report, ReportWriter, Template
from dictation.report.writer import Correction, Style, Told
from dictation.settings import Settings
from dictation.speech import Engine
from dictation.wording import Dictation

if TYPE_CHECKING:
    from dictation.models import VisionLanguageModel
    from dictation.reading import ImageReader
    from dictation.speech.recognizer import LiveRecognizer

RECOGNIZERS = ("auto", "medasr", "whisper")
WRITERS = ("auto", "extractive", "medgemma", "endpoint")
JUDGES = ("none", "medgemma", "endpoint")
READERS = ("none", "medgemma", "endpoint", "xrv", "medsiglip")


class Models:
    """The vision-language models of one run, each loaded once: who writes and who reads share one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[tuple[str, str | None], VisionLanguageModel] = {}
        self._loading = Lock()

    def get(self, name: str, model: str | None) -> "VisionLanguageModel":
        """Load "medgemma" or "endpoint", or return what is loaded. Raises MissingError where it cannot be had."""
        model = model or self._default(name)  # what is named and what is meant are one model, not two in memory
        with self._loading:
            if (name, model) not in self._loaded:
                self._loaded[name, model] = self._load(name, model)
            return self._loaded[name, model]

    def _default(self, name: str) -> str:
        if name == "endpoint":
            return self._settings.endpoint_model
        from dictation.models.gemma_weights import DEFAULT_MODEL

        return DEFAULT_MODEL

    def _load(self, name: str, model: str | None) -> "VisionLanguageModel":
        if name == "endpoint":
            from dictation.models.endpoint import EndpointModel

            return EndpointModel.from_settings(self._settings, model)
        from dictation.models.gemma import GemmaModel

        return GemmaModel.load(model, self._settings)


def choose_recognizer(
    spec: str = "auto", settings: Settings | None = None, model: str | None = None, *, for_files: bool = False
) -> "LiveRecognizer":
    """Load the recognizer that `spec` names: "auto", "medasr" or "whisper", each with "=MODEL" (an id or a folder).

    One that is `for_files` is quicker with many recordings and slower with one phrase. Raises UsageError for an unknown
    name, MissingError where its weights or packages are not here.
    """
    settings = settings or Settings()
    name, model = _split(spec, model, RECOGNIZERS, "recognizer")
    if name == "auto":
        return _best_recognizer(settings, for_files)
    if name == "medasr":
        from dictation.speech.medasr.recognizer import MedASRRecognizer

        return MedASRRecognizer.load(model, settings)
    from dictation.speech.whisper.recognizer import WhisperRecognizer

    if model is None:
        return WhisperRecognizer.embedded(settings, for_files=for_files)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise MissingError(f"{model}: no such folder; give a folder with a Whisper model converted for CTranslate2.")
    return WhisperRecognizer.from_folder(folder, settings, for_files=for_files)


def _best_recognizer(settings: Settings, for_files: bool) -> "LiveRecognizer":
    """MedASR where its weights and packages are here, else the embedded Whisper; the record says why."""
    from dictation.speech.medasr import weights as medasr_weights
    from dictation.speech.whisper.recognizer import WhisperRecognizer

    why = "the weights of MedASR are not on this machine"
    if medasr_weights.cached() is not None:  # looked at first: it needs no torch
        from dictation.speech.medasr.recognizer import MedASRRecognizer

        try:
            clinical = MedASRRecognizer.load(None, settings)
        except MissingError as error:
            if settings.medasr_language_model is not None:  # named by the user: never passed over
                raise
            why = f"MedASR cannot run here ({error})"
        else:
            clinical.chosen = "auto: the weights of MedASR are on this machine"
            return clinical
    embedded = WhisperRecognizer.embedded(settings, for_files=for_files)
    embedded.chosen = f"auto: {why}"
    return embedded


def choose_writer(spec: str = "auto", settings: Settings | None = None, models: Models | None = None) -> ReportWriter:
    """Load the report writer that `spec` names: "auto", "extractive", "medgemma" or "endpoint" (with "=MODEL").

    `models` are those that a reader may share. Raises UsageError or MissingError as `choose_recognizer` does.
    """
    name, model = _split(spec, None, WRITERS, "writer")
    if name in ("medgemma", "endpoint"):
        from dictation.case.showing import seen_by_writer
        from dictation.report.medgemma import MedGemmaWriter

        return MedGemmaWriter((models or Models(settings or Settings())).get(name, model), seen_by_writer)
    if model is not None:
        raise UsageError("the extractive writer has no models; leave '=…' out.")
    return ExtractiveWriter()


def choose_judge(spec: str = "none", settings: Settings | None = None) -> "VisionLanguageModel | None":
    """Load the language model that `spec` names, "medgemma" or "endpoint" (with "=MODEL"); None for "none".

    Raises UsageError or MissingError as `choose_recognizer` does.
    """
    name, model = _split(spec, None, JUDGES, "judge")
    if name == "none":
        if model is not None:
            raise UsageError("the judge 'none' has no models; leave '=…' out.")
        return None
    return Models(settings or Settings()).get(name, model)


def choose_reader(
    spec: str = "none", settings: Settings | None = None, models: Models | None = None, *, calibrated: bool = True
) -> "ImageReader | None":
    """Load the reader of images that `spec` names; None for "none".

    "medgemma", "endpoint" and "medsiglip" take "=MODEL", "xrv" takes "=FILE". A calibration of the site's own is used
    where it fits, but with `calibrated` False, as for a calibration, which needs no descriptions either. Raises
    UsageError or MissingError as `choose_recognizer` does.
    """
    settings = settings or Settings()
    name, model = _split(spec, None, READERS, "reader")
    if name == "none":
        if model is not None:
            raise UsageError("the reader 'none' has no models; leave '=…' out.")
        return None
    from dictation.reading.calibration import SiteCalibration, calibration_of

    def site(engine: Engine) -> SiteCalibration | None:
        return calibration_of(settings.home, engine) if calibrated else None

    if name == "xrv":
        from dictation.models.xrv import XrvModel
        from dictation.reading.xrv import xrv_reader

        network = XrvModel.load(model, settings)
        return xrv_reader(network, site(network.engine))
    if name == "medsiglip":
        from dictation.models.siglip import SiglipModel
        from dictation.reading.medsiglip import medsiglip_reader, record

        towers = SiglipModel.load(model, settings)
        return medsiglip_reader(towers, site(record(towers)))
    from dictation.reading.blind import BlindReader
    from dictation.reading.gate import switched_on

    blind, also = (models or Models(settings)).get(name, model), switched_on(settings.read_also)
    return BlindReader(
        blind, calibration=site(BlindReader(blind).engine), also=also,
        describes=settings.read_describes and calibrated, locates=settings.read_locates and calibrated,
    )  # fmt: skip


class DraftWriter:
    """The extractive writer in place of one that the user named and that could not write: its record says so."""

    def __init__(self, wanted: str, why: str) -> None:
        self._writer, self._wanted, self._why = ExtractiveWriter(), wanted, why

    @property
    def warning(self) -> str:
        """What a person must know of its report."""
        return f"This is an extractive draft: the writer '{self._wanted}' did not write. {self._why}"

    @property
    def rewords(self) -> bool:
        """False, as the extractive writer."""
        return False

    @property
    def engine(self) -> Engine:
        """The record of the extractive writer, with `instead_of` and `because`."""
        engine = self._writer.engine
        instead = {"instead_of": self._wanted, "because": self._why}
        return engine.model_copy(update={"settings": {**engine.settings, **instead}})

    def prepare(self, study: Study | None, order: Order | None = None, cancel: Event | None = None) -> None:
        """Do nothing: rules need no image."""

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        study: Study | None = None,
        template: Template | None = None,
        style: Style = "keep",
        corrections: Sequence[Correction] = (),
        cancel: Event | None = None,
        told: Told | None = None,
    ) -> Report:
        """Write as the extractive writer does."""
        return self._writer.write(
            dictation, order=order, study=study, template=template, style=style, corrections=corrections,
            cancel=cancel, told=told,
        )  # fmt: skip


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
