"""Pages out of typed data. No word of a paper or a model reaches a page but through the escaper."""
