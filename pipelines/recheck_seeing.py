"""Who reads the images of signed reports, and what there is to be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dictation.errors import MissingError
from dictation.exam import Order
from dictation.reading import ImageReader, Reading
from pipelines.beside import contents


@dataclass(frozen=True)
class Eye:
    """A reader of images: `choose` loads it, once and where there are any; None where none was asked for."""

    choose: Callable[[], ImageReader | None]

    @cached_property
    def loaded(self) -> ImageReader | MissingError | None:
        """The reader, or that it is not on this machine."""
        try:
            return self.choose()
        except MissingError as error:
            return error

    def on(self, images: Sequence[Path], order: Order | None) -> "Look | None":
        """How the reader would look at the images of one report; None where there is none, or nobody to read it."""
        if not images or self.loaded is None or isinstance(self.loaded, MissingError):
            return None
        return Look(self.loaded, tuple(images), order)


NOBODY = Eye(lambda: None)


@dataclass(frozen=True)
class Look:
    """A reader before the images of one report. `record` stands for all that its reading rests on."""

    reader: ImageReader
    images: tuple[Path, ...]
    order: Order | None

    @property
    def record(self) -> str:
        """Who reads, and the content of each image. Raises InputError where one cannot be read."""
        return self.reader.engine.model_dump_json() + "".join(one for path in self.images for one in contents(path))

    def reading(self) -> Reading:
        """Read them, blind. Raises DictationError where they cannot be read."""
        from dictation.imaging import load_study
        from dictation.reading.looking import look

        reading, error = look(self.reader, load_study(self.images), order=self.order)
        if error is not None:
            raise error
        return reading
