"""The app: record or upload a dictation, compare it with what is written and seen, settle what differs."""

from typing import Any

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.review.engines import Engines
from dictation.settings import Settings

__all__ = ["Engines", "build_app", "serve"]


def build_app(engines: Engines, settings: Settings) -> Any:
    """Return the page as a gradio Blocks, not yet served. Raises MissingError without the `app` extra."""
    return _app().build_app(engines, settings)


def serve(engines: Engines, settings: Settings, port: int) -> None:
    """Serve the page on 127.0.0.1 until interrupted. `port` 0 takes a free one. Raises as `build_app` does."""
    _app().serve(engines, settings, port)


def _app() -> Any:
    try:
        from dictation.review import app
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise MissingError(f"the page needs gradio; run: {install_command('app')}") from None
    return app
