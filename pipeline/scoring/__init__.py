"""Judging papers: BM25 without a model, the LLM scorer with one, and the rubric that turns marks into a score."""
