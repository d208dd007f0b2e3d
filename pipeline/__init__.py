"""The nightly paper digest."""

__version__ = "0.1.0"
