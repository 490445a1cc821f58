"""The app: loads the engines, then serves the page until interrupted."""

from dictation.case import Models, choose_reader, choose_recognizer, choose_writer
from dictation.errors import UsageError
from dictation.report import Style
from dictation.review import Engines
from dictation.review import serve as serve_page
from dictation.review.accounts import accounts_said
from dictation.review.personal import nobodys_files
from dictation.review.place import Place, microphone_fault, network_fault
from dictation.settings import Settings
from pipelines.exits import note


def chosen(recognizer: str, model: str | None, writer: str, style: Style, reader: str, settings: Settings) -> Engines:
    """Load the engines that are named; a model that writes and reads is loaded once.

    Raises MissingError, with the fix, where one is not here: the page never begins with another one than was named.
    """
    models = Models(settings)
    ear = choose_recognizer(recognizer, settings, model)
    pen = choose_writer(writer, settings, models)
    if style == "polish" and not pen.rewords:
        raise UsageError("the extractive writer keeps every word; leave --style out, or name a --writer with a model.")
    return Engines(ear, pen, choose_reader(reader, settings, models), style)


def serve(engines: Engines, settings: Settings, port: int, place: Place) -> None:
    """Run the page until Ctrl-C. Raises MissingError where the app's packages are not installed."""
    for part, engine in engines.named().items():
        note(f"{part}: {engine.name} {engine.model}")
    for fault in (network_fault(settings), microphone_fault(settings), nobodys_files(settings)):
        if fault is not None:
            note("; ".join(fault))
    if accounts := accounts_said(settings):
        note(accounts)
    serve_page(engines, settings, port, place)
