"""The page: from a `Digest` to Markdown, in the languages of `locales/`, through one escaper."""
