"""Which records an export takes: conditions in words, read into typed criteria and written back."""
