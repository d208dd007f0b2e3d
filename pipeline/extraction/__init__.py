"""HTML and PDF bytes of a paper to numbered sentences, in child processes without secrets."""
