"""Small words that many sentences use: days, counts, lists, people's own words."""

import re
from collections.abc import Sequence
from datetime import date

_OTHER_SIGN = str.maketrans("+-", "-+")
_TOKEN = re.compile(r"<[@#!](?P<id>[^|>]{1,80})(?:\|(?P<label>[^>]{0,80}))?>")


def readable(text: str) -> str:
    """Return *text* with Slack's own tokens as people see them, ``<@U1|ben>`` as ``@ben``."""
    return _TOKEN.sub(lambda found: found["label"] or found["id"], text)


def day(moment: date) -> str:
    """Return a date as people say it, such as ``Sun 15 Mar 2026``."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def zone(name: str) -> str:
    """Return a time zone as people know it: ``Etc/GMT+5`` is five hours *behind* UTC."""
    _, fixed, ahead = name.partition("Etc/GMT")
    return f"UTC{ahead.translate(_OTHER_SIGN)}" if fixed else name


def count(number: int, noun: str) -> str:
    """Return a number and its noun, such as ``1 meeting`` or ``4 meetings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def names(people: Sequence[str]) -> str:
    """Return names as a list, such as ``Ada, Ben and Carissa``."""
    if len(people) < 2:
        return "".join(people)
    return f"{', '.join(people[:-1])} and {people[-1]}"
