"""How each source of papers is asked and read, and the rate-limited HTTP client that they share."""
