"""What the bot is: what it knows, understands and does."""
