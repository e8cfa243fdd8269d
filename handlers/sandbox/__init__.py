"""A stand-in for Slack and Zoho CRM on loopback.

An independent witness: it imports nothing of the bot's own code, so that it cannot share the bot's
mistakes. It never leaves 127.0.0.1 and refuses a client id that is not of its own form.
"""
