"""Slack: what it sends becomes work, and what the bot says becomes blocks."""
