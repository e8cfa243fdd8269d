"""Whose CRM account it is: connecting, acting with it, leaving."""
