"""HTML pages of papers: parse, sanitize, visibility, formulas, and the walk that yields blocks."""
