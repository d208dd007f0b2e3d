"""Types, artifacts, files, ids, dates and errors that every other folder builds on. Imports no other folder."""
