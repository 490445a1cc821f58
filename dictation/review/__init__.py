"""The app: record or upload a dictation, compare it with what is written and seen, settle what differs."""

from typing import Any

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.review.engines import Engines
from dictation.review.place import Place
from dictation.settings import Settings

PACKAGES = ("alembic", "gradio", "prometheus_client", "sqlalchemy", "starlette", "uvicorn", "websockets")

__all__ = ["Engines", "serve"]


def serve(engines: Engines, settings: Settings, port: int, place: Place | None = None) -> None:
    """Serve the page until interrupted; `port` 0 takes a free one. Raises MissingError without `app`.

    `place`: where, 127.0.0.1 if nothing is said.
    """
    _app().serve(engines, settings, port, place)


def _app() -> Any:
    try:
        from dictation.review import app
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise MissingError(f"the page needs {error.name}; run: {install_command('app')}") from None
    return app
