"""The meeting form: opened, filled in, checked and sent."""
