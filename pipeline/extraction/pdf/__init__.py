"""PDF files: a worker that opens them, reading order, headings and paragraphs."""
