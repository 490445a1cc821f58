"""Study → Reading: readers of the image, and imported readings."""

from dictation.reading.imported import load_reading, reading_from_json
from dictation.reading.reader import ImageReader
from dictation.reading.reading import Opinion, Reading

__all__ = ["ImageReader", "Opinion", "Reading", "load_reading", "reading_from_json"]
