"""The web front: what wakes the bot over HTTP."""
