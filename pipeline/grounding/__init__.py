"""Which claims may be published: the gates that hold a claim against the sentences it cites."""
