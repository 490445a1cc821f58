"""`python -m pipelines` is the command `dictation`."""

from pipelines.cli import main

main()
