"""From the bytes of a paper to numbered sentences, in a worker process without secrets."""
