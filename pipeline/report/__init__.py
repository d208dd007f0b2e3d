"""Render a `Digest` as a Markdown page in one of the languages of `locales/`, with one escaper for all text."""
