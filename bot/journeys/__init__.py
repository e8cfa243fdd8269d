"""The three promises, one file each: connect, meet, export."""
