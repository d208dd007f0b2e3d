"""Sources of papers (arXiv, Hugging Face, RSS and Atom feeds) and the rate-limited HTTP client they share."""
