"""The web site: static pages, and the data of their search, from the committed reports alone."""
