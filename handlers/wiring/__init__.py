"""The parts put together: each promise with its journeys, rows and Slack."""
