"""The command of `dictation` that shows with which token a viewer opens cases."""

import sys

from pipelines.exits import exits


def viewer_token() -> None:
    """Show the token with which a viewer opens cases (POST open); whoever has it can do no more than that."""
    with exits():
        from dictation.review.tokens import viewer_token
        from dictation.settings import Settings

        sys.stdout.write(f"{viewer_token(Settings().home)}\n")
