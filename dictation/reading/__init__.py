"""Study → Reading: readers of the image, and imported readings."""

from dictation.reading.reading import Opinion, Reading

__all__ = ["Opinion", "Reading"]
