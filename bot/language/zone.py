"""Time zones in the text: IANA names, cities, abbreviations, fixed offsets."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bot.domain import zones
from bot.language import lexicon as lex
from bot.language import zone_words as table
from bot.language.scanner import Line


@cache
def _by_name() -> Mapping[str, str]:
    return MappingProxyType({name.lower(): name for name in zones.names()})


@cache
def _cities() -> Mapping[str, str]:
    areas = ("Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/")
    found = {
        name.rsplit("/", 1)[1].replace("_", " ").lower(): name
        for name in sorted(zones.names())
        if name.startswith(areas) and name.count("/") == 1
    }
    return MappingProxyType({**found, **table.ZONE_PLACES})


def city_zone(name: str) -> str | None:
    """Return the zone of a city or region by its *name* in lower case, or None."""
    return _cities().get(name)


def zone_words(name: str) -> str:
    """Return a zone's IANA name as a reading says it: "New York time", "UTC+5 all year"."""
    area, _, place = name.rpartition("/")
    if area == "Etc":
        sign = "+" if place[3:4] == "-" else "-"
        return f"UTC{sign}{place[4:]} all year"
    return f"{place.replace('_', ' ')} time" if area else f"{name} all year"


def zone_at(line: Line, i: int, *, after_clock: bool) -> tuple[str, str | None, int] | None:
    """Read a zone at *i*.

    Args:
        line: The tokens.
        i: Where.
        after_clock: Whether a time of day stands right before: "9am ET" is a zone,
            "ET phone home" isn't.

    Returns:
        The IANA name, the abbreviation when it is one, the place after.
    """
    k = i + 1 if line.low(i) == "(" else i
    found = _full_name(line, k) or _place(line, k, after_clock=after_clock)
    if found is None and (after_clock or line.low(k) in ("utc", "gmt")):
        found = _abbreviation(line, k)
    if found is None or k == i:
        return found
    return (*found[:2], found[2] + 1) if line.low(found[2]) == ")" else None


def somebodys_time(line: Line, i: int) -> int:
    """Return the place after the clock of nobody knows where: "their time", "Mars time"; or 0."""
    j = line.skip(i, "the", "(")
    whose = line.low(j) in table.WHOSE
    if line.at(j).kind != "word" or not (whose or line.at(j).text[0].isupper()):
        return 0
    k = line.skip(j + 1, "local")
    return k + 1 if line.low(k) == "time" or (whose and line.low(k) == "side") else 0


def _full_name(line: Line, i: int) -> tuple[str, str | None, int] | None:
    if line.low(i) not in table.ZONE_AREAS or line.low(i + 1) != "/":
        return None
    j, name, best = i + 1, line.low(i), None
    while line.at(j).glued and j < i + 8:
        name += line.low(j)
        j += 1
        if name in _by_name():
            best = _by_name()[name], None, j
    return best


def _ends(line: Line, i: int) -> bool:
    return line.at(i).kind != "word" or line.low(i) in lex.JOINERS | lex.POLITE


def _place(line: Line, i: int, *, after_clock: bool) -> tuple[str, str | None, int] | None:
    if line.at(i).kind != "word":
        return None
    for words in (2, 1):
        name = " ".join(line.low(k) for k in range(i, i + words))
        zone = _cities().get(name)
        if zone and line.low(i + words) == "time":
            return zone, None, i + words + 1
        if zone and after_clock and _ends(line, i + words) and line.at(i).text[0].isupper():
            return zone, "city", i + words
        if zone and after_clock and name in ("eastern", "pacific", "us eastern"):
            return zone, None, i + words
    return None


def city_at(line: Line, i: int) -> tuple[str, int] | None:
    """Return the zone of a city named at *i*, and the place after; or None."""
    for words in (2, 1):
        zone = _cities().get(" ".join(line.low(k) for k in range(i, i + words)))
        if zone and (line.at(i).text[0].isupper() or line.text.islower()):
            return zone, i + words
    return None


def _abbreviation(line: Line, i: int) -> tuple[str, str | None, int] | None:
    token = line.at(i)
    zone = table.ZONE_ABBREVIATIONS.get(token.low)
    if zone is None or (
        token.low in ("ist", "est", "et", "mt", "ct", "pt", "z")
        and not token.text.isupper()
        and line.low(i + 1) != "time"
    ):
        return None
    j = i + 1
    if token.low in ("utc", "gmt") and line.low(j) in ("+", "-") and line.at(j).glued:
        return _offset(line, j)
    if line.low(j) == "time":
        j += 1
    return zone, token.low, j


def _offset(line: Line, j: int) -> tuple[str, str | None, int] | None:
    # Only whole hours have an IANA name; half hours are those of one region each.
    sign = 1 if line.low(j) == "+" else -1
    token = line.at(j + 1)
    hours, _, minutes = token.text.partition(":")
    if not token.glued or not hours.isdecimal() or int(hours) > 14:
        return None
    odd = {
        (1, 5, 30): "Asia/Kolkata",
        (1, 5, 45): "Asia/Kathmandu",
        (1, 4, 30): "Asia/Kabul",
        (1, 6, 30): "Asia/Yangon",
        (1, 9, 30): "Australia/Darwin",
    }
    rest = int(minutes or 0)
    if rest:
        name = odd.get((sign, int(hours), rest))
        return (name, None, j + 2) if name else None
    # In IANA's names the sign is turned round: Etc/GMT-5 is five hours east.
    name = f"Etc/GMT{'-' if sign > 0 else '+'}{int(hours)}" if int(hours) else "UTC"
    return (name, None, j + 2) if name in zones.names() else None
