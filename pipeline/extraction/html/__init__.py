"""HTML pages of papers: sanitizing, parsing, visibility, formulas, and the walk that yields blocks."""
