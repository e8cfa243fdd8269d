"""Every sentence a person reads in Slack, in one place a subject; each ends with the next step."""
