"""Meetings that stand, in Slack: listed, opened, changed, cancelled."""
