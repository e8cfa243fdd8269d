"""Export jobs: what is kept of each, what is owed about it, and the link to its file."""
