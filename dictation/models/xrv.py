"""TorchXRayVision's DenseNet-121: the pixels of a radiograph → a score for each of its findings.

The library's own class and transforms are used, and its weights from a file; nothing is fetched. The published file is
a pickle of a whole network, which can only be read by running what it says: it is read where its SHA-256 is the known
one. Of any other file only tensors and the library's own layers are read, so that no code in it can run.
"""

import hashlib
import warnings
from importlib import import_module
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from dictation.errors import Cancelled, MissingError, ModelError
from dictation.extras import install_command, versions
from dictation.settings import Settings
from dictation.speech import Engine

PUBLISHED = (
    "densenet121-res224-all"  # trained on seven public collections; the only one of the library's with all names
)
PUBLISHED_SHA256 = "56524913dd16a906422e8d8b66a7a5c46be1d82eb7ac012d8103776f1aa68899"  # 28,382,008 bytes
PUBLISHED_FILE = "nih-pc-chex-mimic_ch-google-openi-kaggle-densenet121-d121-tw-lr001-rot45-tr15-sc15-seed0-best.pt"
FETCH = (
    f"python -c \"import torchxrayvision; torchxrayvision.models.get_weights('{PUBLISHED}')\""  # 28 MB, its own place
)
PACKAGES = ("torch", "torchvision", "skimage", "torchxrayvision")
SIZE = 224  # pixels a side at which the network looks
_BRIGHTEST = 255.0
_MOST_BYTES = 2**30  # ten times what a network of this kind needs


def cached() -> Path | None:
    """Where the library keeps the published weights, if they are there. Imports nothing."""
    path = cache_folder() / PUBLISHED_FILE
    return path if path.is_file() else None


def cache_folder() -> Path:
    """The folder to which the library downloads."""
    return Path("~/.torchxrayvision/models_data").expanduser()


class XrvModel:
    """A DenseNet of the library. `findings` are its names for what it scores, in the order of the scores."""

    def __init__(self, network: Any, findings: tuple[str, ...], model: str, sha256: str) -> None:
        """Take a network whose outputs are scores, one for each of `findings`."""
        self.findings = findings
        self._network, self._model, self._sha256 = network.eval(), model, sha256

    @classmethod
    def load(cls, file: str | Path | None, settings: Settings) -> "XrvModel":
        """Load the weights in `file`, or the published ones from where the library keeps them.

        A file holds the network, or its `state_dict`, with the operating points of its findings (`op_threshs`). Raises
        MissingError, with the fix, where a package or the file is missing, or the file is no such thing.
        """
        library = _library()
        path = Path(file).expanduser() if file is not None else cached()
        if path is None:
            raise MissingError(
                f"the weights of TorchXRayVision are not in {cache_folder()}; fetch them (28 MB) with: {FETCH} or give "
                "a file: xrv=FILE"
            )
        if settings.threads > 0:
            import torch

            torch.set_num_threads(settings.threads)
        content = _content(path)
        sha256 = hashlib.sha256(content).hexdigest()
        is_published = sha256 == PUBLISHED_SHA256
        if file is None and not is_published:
            raise MissingError(
                f"{path}: is not the published file (SHA-256 {sha256[:12]}…, expected {PUBLISHED_SHA256[:12]}…); "
                f"delete it and fetch it again with: {FETCH}"
            )
        state, findings = _opened(path, content, library, is_published)
        network = _network(path, state, findings, library)
        return cls(network, findings, PUBLISHED if is_published else path.name, sha256)

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        packages = ("torch", "torchvision", "torchxrayvision", "scikit-image", "radiology-dictation")
        return Engine(
            name="xrv",
            model=self._model,
            weights_sha256=self._sha256,
            precision="float32 (cpu)",
            settings={"pixels": SIZE},
            versions=versions(*packages),
        )

    def scores(self, pixels: np.ndarray, cancel: Event | None = None) -> np.ndarray:
        """Return a score 0–1 for each finding, shape (findings,); NaN where the weights have no operating point for it.

        0.5 is the operating point. `pixels` is uint8 (rows, columns) or (rows, columns, 3), air dark; the middle square
        is cut out and resized as the library does. Raises ModelError where a score is no number, Cancelled.
        """
        import torch

        library = _library()
        if cancel is not None and cancel.is_set():
            raise Cancelled("Reading the image was cancelled.")
        grey = pixels if pixels.ndim == 2 else pixels.mean(axis=2)
        middle = library.datasets.XRayCenterCrop()(grey[None])
        image = library.datasets.XRayResizer(SIZE)(library.datasets.normalize(middle, _BRIGHTEST))
        with torch.inference_mode():
            scores = np.asarray(self._network(torch.from_numpy(image)[None])[0].float())
        if not np.isfinite(scores).all():
            raise ModelError(f"{self._model}: the network gave scores that are no numbers; get its weights again.")
        has_point = np.isfinite(np.asarray(self._network.op_threshs))
        return np.where(has_point, scores, np.nan)


def _library() -> Any:
    """The library. It silences Python's warnings for the whole program as it is imported; that is undone."""
    with warnings.catch_warnings():
        try:
            for package in PACKAGES:
                found = import_module(package)
        except ImportError as error:
            raise MissingError(
                f"TorchXRayVision needs {error.name}, which is not installed; run: {install_command('xrv')}"
            ) from error
    return found


def _content(path: Path) -> bytes:
    """The bytes of the file: what is verified is then what is read."""
    try:
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise MissingError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions.") from error
    except ValueError:  # a NUL in the name
        pass
    raise MissingError(
        f"{path}: is no file with the weights of a TorchXRayVision DenseNet; give one, or fetch: {FETCH}"
    )


def _opened(path: Path, content: bytes, library: Any, is_published: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the tensors by their names, and the names of the findings."""
    import torch

    models = library.models
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(_layers(models)):
            warnings.simplefilter("ignore")  # that the library's source has changed since the network was saved
            # Code runs from the file of the published SHA-256 alone.
            saved = torch.load(BytesIO(content), map_location="cpu", weights_only=not is_published)  # nosec B614
            state = dict(saved if isinstance(saved, dict) else saved.state_dict())
            findings = tuple(getattr(saved, "targets", models.DenseNet.targets))
            if not all(isinstance(name, str) for name in findings):
                raise TypeError("a name of a finding is no text")
    except Exception as error:  # a damaged or hostile file can raise nearly anything
        if is_published:
            raise MissingError(f"{path}: the installed torch cannot read it; run: {install_command('xrv')}") from error
        raise MissingError(
            f"{path}: is not the published file (SHA-256 {PUBLISHED_SHA256[:12]}…) and holds something else than the "
            "weights of a TorchXRayVision DenseNet, which is not opened because it could run code; save its state_dict."
        ) from error
    if is_published:
        entry = models.model_urls[PUBLISHED]
        state["op_threshs"] = torch.tensor(entry["op_threshs"])
        return state, tuple(entry["labels"])
    return state, findings


def _layers(models: Any) -> list[Any]:
    """All that a DenseNet of the library consists of."""
    from torch import nn

    own = [models.DenseNet, models._DenseBlock, models._DenseLayer, models._Transition]
    return [*own, nn.Sequential, nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.Linear]


def _network(path: Path, state: dict[str, Any], findings: tuple[str, ...], library: Any) -> Any:
    """The library's network with these weights. Raises MissingError where they are not those of one."""
    if not _are_points(state.get("op_threshs"), len(findings)):
        raise MissingError(
            f"{path}: states no operating points (op_threshs) for its {len(findings)} findings, so what its scores "
            "mean is not known; save them with the network."
        )
    network = library.models.DenseNet(num_classes=len(findings), op_threshs=state["op_threshs"].float())
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise MissingError(f"{path}: holds no DenseNet-121 of TorchXRayVision; give another file, or none.") from error
    return network


def _are_points(points: Any, count: int) -> bool:
    import torch

    try:
        is_vector = isinstance(points, torch.Tensor) and points.shape == (count,)
        return is_vector and not bool(((points <= 0) | (points >= 1)).any())
    except RuntimeError:  # complex, sparse or without values: nothing that can be compared
        return False
