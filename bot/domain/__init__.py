"""Values and rules of meetings and connections, pure: no clock, no network, no storage."""
