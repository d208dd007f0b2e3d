"""A paper's text as numbered sentences, and what may be said about it."""
