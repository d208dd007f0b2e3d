"""User input: `digest.toml`, profiles and their front matter, validated with file and line."""
