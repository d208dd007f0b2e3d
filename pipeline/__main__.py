"""Entry point of `digest` and `python -m pipeline`."""

from pipeline.cli.app import main


def run() -> None:
    """Run the command line and exit with its code."""
    main(prog_name="digest")


if __name__ == "__main__":
    run()
