"""Connections in Slack: made, shown, ended, and looked after by administrators."""
