"""What a person is told where the program itself failed: never the message of the error, which may hold words."""

import sys
import traceback


def told(error: Exception) -> str:
    """Return a sentence, and write where it failed to the terminal, without the error's message."""
    sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}\n")
    return (
        f"The program itself failed ({type(error).__name__}); what was said is kept. Report the lines in the terminal."
    )
