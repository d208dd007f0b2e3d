"""Calls to a Messages API: types, prompts, request, response, retries, budget. `client.py` alone imports the SDK."""
