"""Grounding: the gates that check a model's claims against the sentences they cite."""
