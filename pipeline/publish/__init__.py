"""The publishing job: validates the reports that it receives, renders their pages, commits and pushes them."""
