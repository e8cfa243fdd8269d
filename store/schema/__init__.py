"""The tables, and the way there from any older file."""
