"""The accounts people connected: the bot's grants, and the same rows as Zoho's client's tokens."""
