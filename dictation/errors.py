"""Everything that can go wrong, in one tree. Each message is one sentence that names the thing and the fix.

    DictationError                    exit 1   one input failed, the rest of the job goes on
    ├── InputError                             a file that cannot be read as what it should be
    ├── ModelError                             an engine that ran and gave no valid answer
    │   └── NoImagesError                      one that takes no images, and may answer without
    ├── UsageError                    exit 2   a call that makes no sense
    ├── MissingError                  exit 3   something the user named is not here: weights, package, device, token
    └── Cancelled                     exit 130 the user interrupted

Messages never hold dictated words or patient data; a file is named by its path as the user gave it.
"""

WRITING_CANCELLED = "Writing was cancelled; the dictation is kept."


class DictationError(Exception):
    """An expected failure, shown to the user as one sentence. `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(DictationError):
    """An input file is unreadable, damaged, empty or of another kind than it says."""


class ModelError(DictationError):
    """An engine ran and its answer is unusable (truncated, invalid, out of memory)."""


class NoImagesError(ModelError):
    """A model or server was shown images and takes none; without them it may answer."""


class UsageError(DictationError):
    """Options or arguments contradict each other."""

    exit_code = 2


class MissingError(DictationError):
    """Something that the user named is not on this machine; the message holds the exact fix."""

    exit_code = 3


class Cancelled(DictationError):
    """The user interrupted the work."""

    exit_code = 130


def error_named(name: str, message: str) -> DictationError:
    """The error that another process named by its class, which is not to be trusted; any other name: DictationError."""
    kind = globals().get(name)
    if isinstance(kind, type) and issubclass(kind, DictationError):
        return kind(message)
    return DictationError(message)
