"""PDF files of papers: the worker that opens them, reading order, headings and paragraphs."""
