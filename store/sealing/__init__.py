"""What rests encrypted: the keys, sealing with them, and their rotation."""
