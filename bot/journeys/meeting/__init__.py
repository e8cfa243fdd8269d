"""From words to a meeting that stands in the CRM."""
