"""`python -m pipeline` is `digest`."""

from pipeline.cli import main

main(prog_name="digest")
