"""The one SQLite file: opened safely, one writer at a time, readers beside it."""
