"""What wakes the bot and carries its voice: Slack, the web, the clock and the command line."""
