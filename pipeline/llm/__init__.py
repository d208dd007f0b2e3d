"""Calls to a Messages API: types, prompts, request, response, retries, budget. `sdk.py` alone imports the SDK."""
