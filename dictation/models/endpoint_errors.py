"""What can go wrong with a server, as one sentence each that names the server and the fix.

A server's own words are only looked at, never quoted: they may repeat the prompt.
"""

import ssl

from dictation.errors import DictationError, MissingError, ModelError, NoImagesError

BUSY = (429, 500, 502, 503, 504)
# What llama.cpp, vLLM, Ollama and others write into an error about these two; in lower case.
_TOO_LONG = ("context size", "context length", "context_length", "maximum model length", "max_model_len")
_NO_IMAGES = ("image input", "image(s) may be provided", "multimodal", "mmproj", "support image", "support vision")


class Declined(ModelError):
    """The server understood a request and does not take it, for a reason that we do not know."""


def unreachable(url: str, error: Exception, silence_s: float, timeout_s: float) -> DictationError:
    """Return the error for a connection that failed."""
    import httpx

    cause: BaseException | None = error
    while cause is not None and isinstance(error, httpx.ConnectError):
        if isinstance(cause, ssl.SSLError):
            return MissingError(
                f"{url}: the connection is not trusted; let this machine trust the authority behind the server's "
                "certificate, or check that the server speaks TLS."
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return MissingError(f"{url}: no server answers there; start it, or correct DICTATION_ENDPOINT_URL.")
    if isinstance(error, httpx.TimeoutException):
        return ModelError(
            f"{url}: the server said nothing for {silence_s:g} s; try again, or see the server's log and load."
        )
    if isinstance(error, TimeoutError):
        return ModelError(
            f"{url}: no complete answer within {timeout_s:g} s; try again, or use a faster server or a smaller model."
        )
    return broke_off(url)


def refused(url: str, model: str, status: int, said: bytes, attempts: int) -> DictationError:
    """Return the error for an answer with another status than 200, after so many attempts."""
    if status in (401, 403):
        return MissingError(f"{url}: the server refuses the key; set DICTATION_ENDPOINT_KEY to a valid one.")
    if status == 404:
        return MissingError(
            f"{url}: the server has no model '{model}' there; set DICTATION_ENDPOINT_MODEL to one that {url}/models "
            "lists, or correct DICTATION_ENDPOINT_URL, which usually ends in /v1."
        )
    if 300 <= status < 400:
        return MissingError(f"{url}: the server sends us elsewhere; set DICTATION_ENDPOINT_URL to its final address.")
    if known := _known(url, said):
        return known
    if status in BUSY:
        often = f" after {attempts} attempts" if attempts > 1 else ""
        return ModelError(
            f"{url}: the server is busy or failing (error {status}){often}; try again later or see its log."
        )
    return Declined(
        f"{url}: the server cannot take this request (error {status}); use one that supports response_format "
        "json_schema, and see its log."
    )


def is_lasting(said: bytes) -> bool:
    """True where a server's words say that asking again is in vain, whatever its status: llama.cpp has 500 for it."""
    return _known("", said) is not None


def failed_midway(url: str, said: bytes) -> ModelError:
    """Return the error for one that a server reports in place of an answer's next part."""
    return _known(url, said) or ModelError(
        f"{url}: the server reports an error in the middle of the answer; see its log."
    )


def broke_off(url: str) -> ModelError:
    """Return the error for an answer without an end."""
    return ModelError(f"{url}: the connection broke before the answer was complete; try again or see the server's log.")


def no_chat(url: str) -> ModelError:
    """Return the error for an answer that is none of the chat-completions interface."""
    return ModelError(
        f"{url}: no chat-completions server answers there; correct DICTATION_ENDPOINT_URL, which usually ends in /v1."
    )


def garbled(url: str) -> ModelError:
    """Return the error for a stream that began well and then makes no sense."""
    return ModelError(
        f"{url}: the server's answer is garbled; try again, or see the log of the server and its proxies."
    )


def another_model(url: str, asked: str, named: str) -> MissingError:
    """Return the error for an answer in another model's name. A record under the name asked for would be false."""
    return MissingError(
        f"{url}: the server answers with {named}, not with '{asked}'; set DICTATION_ENDPOINT_MODEL to the "
        "model that it runs, or let it run the other."
    )


def _known(url: str, said: bytes) -> ModelError | None:
    """Return the error for what a server says in words that we know."""
    lower = said.decode(errors="replace").lower()
    if any(words in lower for words in _TOO_LONG):
        return ModelError(
            f"{url}: the dictation with its images is longer than the server's context; start the server with a longer "
            "one (llama.cpp: -c, vLLM: --max-model-len), or dictate the report in parts."
        )
    if any(words in lower for words in _NO_IMAGES):
        return NoImagesError(
            f"{url}: the server takes no images, or not so many; start it with a model that sees (llama.cpp: --mmproj) "
            "and lets enough in (vLLM: --limit-mm-per-prompt)."
        )
    return None
