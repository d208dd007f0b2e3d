"""Scoring of papers: BM25 without a model, marks from a model, and the rubric that turns marks into a score."""
