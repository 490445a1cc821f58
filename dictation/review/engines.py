"""Who hears, writes and sees for every page of one run, and how the writer is to write."""

from dataclasses import dataclass, field

from dictation.reading import ImageReader
from dictation.report import ExtractiveWriter, ReportWriter
from dictation.report.writer import Style
from dictation.speech import Engine
from dictation.speech.recognizer import LiveRecognizer


@dataclass(frozen=True)
class Engines:
    """The engines, loaded. `eye` None: no image is read, only readings that are given are compared."""

    ear: LiveRecognizer
    writer: ReportWriter = field(default_factory=ExtractiveWriter)
    eye: ImageReader | None = None
    style: Style = "keep"

    def named(self) -> dict[str, Engine]:
        """The records of the engines by their part in a case, before anything is heard."""
        writer = self.writer.engine
        if self.writer.rewords:
            writer = writer.model_copy(update={"settings": {**writer.settings, "style": self.style}})
        return {"ear": self.ear.engine, "writer": writer} | ({"eye": self.eye.engine} if self.eye else {})
