"""The app: record or upload a dictation, compare it with what is written and seen, settle what differs."""

from typing import TYPE_CHECKING, Any

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.settings import Settings

if TYPE_CHECKING:
    from dictation.speech.recognizer import Recognizer

__all__ = ["build_app", "serve"]


def build_app(recognizer: "Recognizer", settings: Settings) -> Any:
    """Return the page as a gradio Blocks, not yet served. Raises MissingError without the `app` extra."""
    return _app().build_app(recognizer, settings)


def serve(recognizer: "Recognizer", settings: Settings, port: int) -> None:
    """Serve the page on 127.0.0.1 until interrupted. `port` 0 takes a free one. Raises as `build_app` does."""
    _app().serve(recognizer, settings, port)


def _app() -> Any:
    try:
        from dictation.review import app
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise MissingError(f"the page needs gradio; run: {install_command('app')}") from None
    return app
