"""Any server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama, LM Studio), as a model.

The prompt goes to the server that the user named and to nobody else: redirects are not followed and the proxies of the
environment are not used. Certificates are checked against this machine's authorities and certifi's. Neither the key
nor a word of question and answer is ever part of a message or a log.
"""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from io import BytesIO
from threading import Event
from typing import Any

import numpy as np
from pydantic import SecretStr

from dictation.errors import Cancelled, DictationError, MissingError, ModelError
from dictation.extras import install_command
from dictation.models.answer import parsed
from dictation.models.protocol import Content, NotAssessed, Prefix
from dictation.models.schema import Schema, without_lengths
from dictation.settings import Settings
from dictation.speech import Engine

TIMEOUT_S = 300.0  # for one whole answer: a 4B model on a CPU writes a long report in minutes
CONNECT_TIMEOUT_S = 10.0
WAITS_S = (1.0, 3.0, 9.0)  # before each further attempt at a server that is busy or failing
LONGEST_WAIT_S = 60.0  # that a server may ask for
NO_KEY = SecretStr("")
_WATCH_S = 0.1  # between two looks at `cancel`
_BUSY = (429, 500, 502, 503, 504)


class EndpointModel:
    """A model behind an OpenAI-compatible server. `url` ends where /chat/completions begins, usually in /v1."""

    def __init__(
        self,
        url: str,
        model: str,
        key: SecretStr = NO_KEY,
        *,
        timeout_s: float = TIMEOUT_S,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        """Raise MissingError where a package is not installed or an argument cannot be what it should be."""
        _check_packages()
        self._url, self._model, self._key = _checked_url(url), model, _checked_key(key)
        self._timeout_s, self._waits_s = timeout_s, tuple(waits_s)

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
        """The record of this engine. Which weights the server runs under the model's name is the server's secret."""
        return Engine(
            name="endpoint",
            model=self._model,
            settings={"url": self._url, "decoding": "greedy", "timeout_s": self._timeout_s},
            versions={name: version(name) for name in ("httpx", "radiology-dictation")},
        )

    @property
    def sees(self) -> bool:
        """True: a server that takes no images says so."""
        return True

    def prepare(self, seen: Sequence[Content] = (), cancel: Event | None = None) -> list[dict[str, Any]]:
        """Encode what comes before every prompt; see VisionLanguageModel."""
        return [
            {"type": "text", "text": part}
            if isinstance(part, str)
            else {"type": "image_url", "image_url": {"url": _data_url(part)}}
            for part in seen
        ]

    def choose(
        self, prefix: Prefix, prompt: str, options: Sequence[str], cancel: Event | None = None
    ) -> tuple[float, ...] | NotAssessed:
        """Not assessed: no server is asked for probabilities yet."""
        return NotAssessed("servers are not asked for probabilities.")

    def generate(
        self,
        prefix: Prefix,
        prompt: str,
        schema: Schema,
        cancel: Event | None = None,
        told: Callable[[str], None] | None = None,
    ) -> dict[str, Any]:
        """Answer a prompt under a schema; see VisionLanguageModel. Limits on lengths are checked here, not sent."""
        body = json.dumps(self._request(prompt, prefix, schema)).encode()
        interrupted = Event()
        with ThreadPoolExecutor(max_workers=1) as pool:  # a notebook's thread has an event loop of its own
            answer = pool.submit(asyncio.run, _watched(self._answer(body), (interrupted, cancel)))
            try:
                text = answer.result()
            except BaseException:  # Ctrl-C reaches this thread only
                interrupted.set()
                raise
        if told is not None:
            told(text)
        return parsed(text, schema, self._url)

    def _request(self, prompt: str, seen: list[dict[str, Any]], schema: Schema) -> dict[str, Any]:
        content = [*seen, {"type": "text", "text": prompt}] if seen else prompt
        answer = {"name": "answer", "strict": True, "schema": without_lengths(schema)}
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "temperature": 0,
            "stream": False,
            "response_format": {"type": "json_schema", "json_schema": answer},
        }

    async def _answer(self, body: bytes) -> str:
        """Ask, again where the server is busy, and return what the model wrote."""
        import httpx

        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        timeout = httpx.Timeout(self._timeout_s, connect=min(CONNECT_TIMEOUT_S, self._timeout_s))
        verify = _authorities() if self._url.startswith("https:") else False  # half a second that plain HTTP saves
        async with httpx.AsyncClient(timeout=timeout, verify=verify, trust_env=False) as client:
            for attempt in range(len(self._waits_s) + 1):
                try:
                    async with asyncio.timeout(self._timeout_s):
                        response = await client.post(f"{self._url}/chat/completions", content=body, headers=headers)
                except (httpx.HTTPError, TimeoutError) as error:
                    raise self._unreachable(error) from error
                if response.status_code not in _BUSY or attempt == len(self._waits_s):
                    break
                await asyncio.sleep(_wait_s(response.headers.get("Retry-After", ""), self._waits_s[attempt]))
        if response.status_code != 200:
            raise self._refused(response.status_code)
        return self._written(response.content)

    def _unreachable(self, error: Exception) -> DictationError:
        import httpx

        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError):
                return MissingError(
                    f"{self._url}: the connection is not trusted; let this machine trust the authority behind the "
                    "server's certificate, or check that the server speaks TLS."
                )
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return MissingError(f"{self._url}: no server answers there; start it, or correct DICTATION_ENDPOINT_URL.")
        if isinstance(error, (httpx.TimeoutException, TimeoutError)):
            return ModelError(
                f"{self._url}: no answer within {self._timeout_s:g} s; try again, or use a faster server or a smaller "
                "model."
            )
        return ModelError(f"{self._url}: the connection broke before the answer was complete; see the server's log.")

    def _refused(self, status: int) -> DictationError:
        if status in (401, 403):
            return MissingError(f"{self._url}: the server refuses the key; set DICTATION_ENDPOINT_KEY to a valid one.")
        if status == 404:
            return MissingError(
                f"{self._url}: the server has no model '{self._model}' there; set DICTATION_ENDPOINT_MODEL to one that "
                f"{self._url}/models lists, or correct DICTATION_ENDPOINT_URL, which usually ends in /v1."
            )
        if 300 <= status < 400:
            return MissingError(
                f"{self._url}: the server sends us elsewhere; set DICTATION_ENDPOINT_URL to its final address."
            )
        if status in _BUSY:
            return ModelError(
                f"{self._url}: the server is busy or failing (error {status}) after {len(self._waits_s) + 1} attempts; "
                "try again later or see its log."
            )
        return ModelError(
            f"{self._url}: the server cannot take this request (error {status}); use one that supports "
            "response_format json_schema, with a context that holds the whole dictation."
        )

    def _written(self, body: bytes) -> str:
        try:
            [first, *_] = json.loads(body)["choices"]
            ended, written = first.get("finish_reason"), first["message"]["content"]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(
                f"{self._url}: no chat-completions server answers there; correct DICTATION_ENDPOINT_URL, which usually "
                "ends in /v1."
            ) from error
        if ended == "length":
            raise ModelError(
                f"{self._url}: the answer was cut short; give the server a longer context or output limit."
            )
        if not isinstance(written, str):
            raise ModelError(f"{self._url}: the model refused to answer; try again or use another model.")
        return written


async def _watched(work: Coroutine[Any, Any, str], cancels: Sequence[Event | None]) -> str:
    """Await `work`, and break it off, connection and all, when one of `cancels` is set."""
    task = asyncio.ensure_future(work)
    while not task.done():
        if any(cancel is not None and cancel.is_set() for cancel in cancels):
            task.cancel()
            await asyncio.wait({task})
            raise Cancelled("Writing was cancelled; the dictation is kept.")
        await asyncio.wait({task}, timeout=_WATCH_S)
    return task.result()


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


def _authorities() -> ssl.SSLContext:
    """The authorities of this machine, a hospital's own included, and those of certifi where it has none."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _wait_s(asked: str, planned_s: float) -> float:
    return min(float(asked), LONGEST_WAIT_S) if asked.isdecimal() else planned_s


def _data_url(pixels: np.ndarray) -> str:
    from PIL import Image

    png = BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return "data:image/png;base64," + b64encode(png.getvalue()).decode()
