"""Meetings that stand: opened, changed, ended, listed."""
