"""The places of one text that can be read in several ways, and which reading is taken."""

from collections.abc import Iterator, Mapping

from bot.language.reading import Doubt, Span

ASKED = -1
"""No reading is taken: the person has to say."""


class Doubts:
    """The doubts met so far, one a code, each with the reading that was picked or is usual."""

    __slots__ = ("_choices", "_met", "_taken")

    def __init__(self, choices: Mapping[str, str]) -> None:
        """Begin without doubts; *choices* maps a code to the reading somebody picked."""
        self._choices = choices
        self._met: dict[str, Doubt] = {}
        self._taken: dict[str, int] = {}

    def __iter__(self) -> Iterator[Doubt]:
        """Go through the doubts in the order they were met."""
        return iter(self._met.values())

    def __contains__(self, code: object) -> bool:
        """Say whether a doubt of this code was met."""
        return code in self._met

    def afresh(self) -> "Doubts":
        """Return none met yet, with the same readings picked."""
        return Doubts(self._choices)

    def choose(
        self, code: str, readings: tuple[str, ...], span: Span = (0, 0), *, ask: bool = False
    ) -> int:
        """Note a place with several readings, and return which one is taken.

        Args:
            code: What kind of doubt. A second place of the same kind is read as the first was.
            readings: In plain English; the usual one first.
            span: Where.
            ask: True where no reading is usual: nothing is taken until somebody picks.

        Returns:
            The index of the reading, or ``ASKED``.
        """
        if code in self._met:
            taken = self._taken[code]
            return taken if taken < len(readings) else 0
        taken = ASKED if ask or not readings else 0
        picked = self._choices.get(code)
        if picked in readings:
            taken = readings.index(picked)
        self._taken[code] = taken
        said = readings[taken] if taken != ASKED else ""
        self._met[code] = Doubt(code=code, readings=readings, taken=said, span=span)
        return taken
