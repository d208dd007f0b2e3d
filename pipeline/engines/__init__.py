"""Who judges: a model behind the Messages API, or, without one, BM25 and quotation."""
