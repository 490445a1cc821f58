"""The app on this machine: loads the recognizer, then serves the page on 127.0.0.1 until interrupted."""

from dictation.case import choose_recognizer
from dictation.review import serve as serve_page
from dictation.settings import Settings
from pipelines.exits import note


def serve(recognizer: str, model: str | None, settings: Settings, port: int) -> None:
    """Run the page until Ctrl-C. Raises MissingError where the app's packages are not installed."""
    ear = choose_recognizer(recognizer, settings, model)
    note(f"ear: {ear.engine.name} {ear.engine.model}")
    serve_page(ear, settings, port)
