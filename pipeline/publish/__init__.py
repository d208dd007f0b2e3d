"""The publishing job: validates the reports that it receives, commits and pushes them. Standard library only."""
