"""Where papers come from: arXiv, Hugging Face and feeds, fetched by one polite HTTP client."""
