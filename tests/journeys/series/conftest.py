"""One workplace a file, given back clean to each test: nothing that counts is remembered."""

from tests.journeys.shared import dev, place, shared

__all__ = ["dev", "place", "shared"]
