"""Any server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama, LM Studio), as a model.

Neither the key nor a word of question and answer is ever part of a message or a log.
"""

import re
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from threading import Event, Lock
from typing import Any

import numpy as np
from pydantic import SecretStr

from dictation.errors import Cancelled, MissingError
from dictation.extras import install_command
from dictation.models.answer import parsed
from dictation.models.endpoint_answer import Answer
from dictation.models.endpoint_choice import LISTED, check_options, chosen
from dictation.models.endpoint_errors import Declined, another_model
from dictation.models.endpoint_http import ChatServer
from dictation.models.protocol import Content, NotAssessed
from dictation.models.schema import Schema, longest_answer, without_lengths
from dictation.settings import Settings
from dictation.speech import Engine

TIMEOUT_S = 300.0  # for one whole answer: a 4B model on a CPU writes a long report in minutes
SILENCE_S = 120.0  # without a byte: a CPU reads some images and a long dictation before its first word
WAITS_S = (1.0, 3.0, 9.0)  # before each further attempt at a server that is busy or failing
NO_KEY = SecretStr("")
MOST_NAMED = 200  # characters of a model's name that are recorded
MOST_KEPT = 128  # encoded images: those of a series of CT, and some radiographs with their mirror images
_CONTROL = re.compile(r"<(?=[/|]?[\w ]{1,40}\|?>)")  # begins "<end_of_turn>", "</s>", "<|im_end|>"
_NAME = re.compile(r"[\w.:/@+ -]{1,120}")

Part = dict[str, Any]  # of a message's content


class EndpointModel:
    """A model behind an OpenAI-compatible server. `url` ends where /chat/completions begins, usually in /v1."""

    def __init__(
        self,
        url: str,
        model: str,
        key: SecretStr = NO_KEY,
        *,
        timeout_s: float = TIMEOUT_S,
        silence_s: float = SILENCE_S,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        """Raise MissingError where a package is not installed or an argument cannot be what it should be."""
        _check_packages()
        self._url, self._model, self._timeout_s = _checked_url(url), model, timeout_s
        self._server = ChatServer(self._url, _checked_key(key), silence_s, timeout_s, waits_s)
        self._answered_as = model
        self._kept: OrderedDict[str, Part] = OrderedDict()
        self._encoding = Lock()

    @classmethod
    def from_settings(cls, settings: Settings, model: str | None = None) -> "EndpointModel":
        """Take the server from the settings. Raises MissingError, naming the settings, where it is not set."""
        model = model or settings.endpoint_model
        if not settings.endpoint_url or not model:
            raise MissingError(
                "No endpoint is set; set DICTATION_ENDPOINT_URL (it usually ends in /v1), DICTATION_ENDPOINT_MODEL "
                "and, where the server asks for one, DICTATION_ENDPOINT_KEY."
            )
        return cls(settings.endpoint_url, model, settings.endpoint_key)

    @property
    def engine(self) -> Engine:
        """The record of this engine. Which weights the server runs under the model's name is the server's secret.

        `answered_as` is the fuller name that the server gave, where it gave another one than was asked for.
        """
        settings = {"url": self._url, "decoding": "greedy", "timeout_s": self._timeout_s}
        if self._answered_as != self._model:
            settings["answered_as"] = self._answered_as
        return Engine(
            name="endpoint",
            model=self._model,
            settings=settings,
            versions={name: version(name) for name in ("httpx", "radiology-dictation")},
        )

    @property
    def sees(self) -> bool:
        """True: a server that takes no images says so when it is asked."""
        return True

    def prepare(self, seen: Sequence[Content] = (), cancel: Event | None = None) -> list[Part]:
        """Encode what comes before every prompt; see VisionLanguageModel. Nothing is sent yet."""
        return [_text(part) if isinstance(part, str) else self._picture(part, cancel) for part in seen]

    def generate(
        self,
        prefix: Sequence[Part],
        prompt: str,
        schema: Schema,
        cancel: Event | None = None,
        told: Callable[[str], None] | None = None,
        likely: str = "",
    ) -> dict[str, Any]:
        """Answer a prompt under a schema; see VisionLanguageModel. Limits on lengths are checked here, not sent."""
        asked = {"name": "answer", "strict": True, "schema": without_lengths(schema)}
        form = {"stream": True, "response_format": {"type": "json_schema", "json_schema": asked}}
        answer = Answer(self._url, self._check_model, longest_answer(schema), _longest_text(schema))
        self._server.ask(self._request(prefix, prompt) | form, answer, cancel, told)
        return parsed(answer.check(), schema, self._url)

    def choose(
        self, prefix: Sequence[Part], prompt: str, options: Sequence[str], cancel: Event | None = None
    ) -> tuple[float, ...] | NotAssessed:
        """Return how probable each option is as the beginning of the answer; see VisionLanguageModel."""
        check_options(options)
        form = {"stream": False, "max_tokens": 1, "logprobs": True, "top_logprobs": LISTED}
        answer = Answer(self._url, self._check_model)
        try:
            self._server.ask(self._request(prefix, prompt) | form, answer, cancel)
        except Declined:
            return NotAssessed("the server does not take a request for log-probabilities.")
        return chosen(answer.logprobs, options)

    def _request(self, prefix: Sequence[Part], prompt: str) -> dict[str, Any]:
        content = [*prefix, _text(prompt)] if prefix else _plain(prompt)
        return {"model": self._model, "messages": [{"role": "user", "content": content}], "temperature": 0}

    def _picture(self, pixels: np.ndarray, cancel: Event | None) -> Part:
        key = sha256(str((pixels.shape, pixels.dtype)).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
        with self._encoding:
            if cancel is not None and cancel.is_set():
                raise Cancelled("Reading the images was cancelled.")
            if key not in self._kept:
                self._kept[key] = {"type": "image_url", "image_url": {"url": _data_url(pixels)}}
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]

    def _check_model(self, named: str) -> None:
        """Take the name that an answer gives for its model; raise MissingError where it is another model's.

        llama.cpp runs what it has loaded, whatever it is asked for. A fuller name ("medgemma" is answered as
        "/models/medgemma-1.5-4b-it-Q8_0.gguf") is the same model, and recorded.
        """
        if not _short(named).startswith(_short(self._model)):
            shown = f"the model '{named}'" if _NAME.fullmatch(named) else "another model"
            raise another_model(self._url, self._model, shown)
        self._answered_as = named[:MOST_NAMED]


def _longest_text(schema: Schema) -> int:
    """Return how many characters the longest text of a valid answer has, keys included."""
    if schema["type"] == "object":
        inner = schema["properties"]
        return max([0, *map(len, inner), *map(_longest_text, inner.values())])
    if schema["type"] == "array":
        return _longest_text(schema["items"])
    return int(schema.get("maxLength", max(map(len, schema.get("enum", [""])))))


def _short(name: str) -> str:
    return re.split(r"[/\\]", name)[-1].casefold().removesuffix(".gguf")


def _text(text: str) -> Part:
    return {"type": "text", "text": _plain(text)}


def _plain(text: str) -> str:
    """Make plain text of what a server may take for a mark: a typed "<end_of_turn>" must not end the turn."""
    return _CONTROL.sub("< ", text)


def _check_packages() -> None:
    try:
        import httpx  # noqa: F401
        import PIL  # noqa: F401
    except ImportError as error:
        raise MissingError(
            f"An endpoint needs {error.name}, which is not installed; run: {install_command('endpoint')}"
        ) from error


def _checked_url(url: str) -> str:
    import httpx

    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL:
        address = httpx.URL("")
    if address.userinfo or address.query:
        raise MissingError(
            "DICTATION_ENDPOINT_URL holds a user, a password or a query; leave them out and set DICTATION_ENDPOINT_KEY."
        )
    if address.scheme not in ("http", "https") or not address.host:
        raise MissingError("DICTATION_ENDPOINT_URL is no address; write it like http://127.0.0.1:8000/v1.")
    return str(address).rstrip("/")


def _checked_key(key: SecretStr) -> str:
    """Return the key, safe to send: an HTTP library would quote a broken one in its error."""
    secret = key.get_secret_value().strip()
    if not secret.isascii() or any(not character.isprintable() or character.isspace() for character in secret):
        raise MissingError("DICTATION_ENDPOINT_KEY holds characters that no key has; copy the key again.")
    return secret


def _data_url(pixels: np.ndarray) -> str:
    from PIL import Image

    png = BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return "data:image/png;base64," + b64encode(png.getvalue()).decode()
