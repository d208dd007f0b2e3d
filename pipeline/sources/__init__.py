"""Bytes of a source in, papers out: parsing is pure, and fetching is a thin layer over `http.py`."""
