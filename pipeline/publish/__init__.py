"""The publishing job: validates handed-over reports, commits and pushes them. Standard library only."""
