"""What the bot remembers: one SQLite file of its own."""
