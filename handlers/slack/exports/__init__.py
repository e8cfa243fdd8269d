"""Exports asked for in Slack: by words, by a form, listed, stopped and asked for again."""
