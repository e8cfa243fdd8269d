"""The criteria of an export as typed: words to a tree that keeps every word's place.

Values stay words here: only the field's data type, which the CRM knows, says whether
``2026`` is a number or a text (``criteria_typed``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.export_criteria import LISTS, PAIRS, Comparator, Joiner
from bot.errors import NotUnderstood
from bot.language.criteria.words import (
    JOINERS,
    LONGEST,
    OPERATORS,
    Operator,
    Token,
    Words,
    tokens,
    words_of,
)

MAX_DEPTH: Final = 12
VALUES: Final = frozenset({"word", "quoted", "slack", "bracket", "grouped"})
"""The kinds of tokens a value is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition as typed.

    Attributes:
        field: What names the field.
        operator: What the comparison means.
        said: Its own words.
        values: None for an operator that takes none; one; two of a pair; or a list.
    """

    field: Words
    operator: Operator
    said: Words
    values: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Two or more conditions with one word between them."""

    operator: Joiner
    members: "tuple[Said, ...]"


Said = Condition | Joined


def said_conditions(said: Said | None) -> Iterator[Condition]:
    """Give the single conditions, in order."""
    if isinstance(said, Condition):
        yield said
    elif said is not None:
        for member in said.members:
            yield from said_conditions(member)


def read_criteria(text: str) -> Said:
    """Read criteria: ``Last_Name = Boyle and (Amount > 10000 or Owner in (me, a@b.example))``.

    "and" binds tighter than "or"; parentheses group.

    Raises:
        NotUnderstood: With the place of what can't be read.
    """
    return parse(text, tokens(text))


def parse(text: str, found: list[Token]) -> Said:
    """Read the criteria that *found*, tokens of *text*, are.

    Raises:
        NotUnderstood: With the place of what can't be read.
    """
    reader = _Reader(text, found)
    tree = reader.either(0)
    if reader.left():
        raise reader.unexpected("criteria_joiner")
    return tree


def _single(operator: Operator) -> Operator:
    same = operator.comparator is Comparator.IN
    return replace(operator, comparator=Comparator.EQUAL if same else Comparator.NOT_EQUAL)


class _Reader:
    """Reads by recursive descent; one method a rule of the grammar."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found
        self.i = 0
        self.end = found[-1].end if found else len(text)

    def left(self) -> bool:
        return self.i < len(self.tokens)

    def low(self, k: int = 0) -> str:
        """Return what the token *k* ahead says; nothing for one in quotes."""
        if self.i + k >= len(self.tokens) or self.tokens[self.i + k].kind == "quoted":
            return ""
        return self.tokens[self.i + k].low

    def took(self, low: str) -> bool:
        if self.low() != low:
            return False
        self.i += 1
        return True

    def unexpected(self, code: str, **values: object) -> NotUnderstood:
        """Return the error that *code* was expected where something else, or nothing, is."""
        if not self.left():
            return NotUnderstood(code, start=self.end, end=self.end, said="", **values)
        token = self.tokens[self.i]
        said = self.text[token.start : token.end][:100]
        return NotUnderstood(code, start=token.start, end=token.end, said=said, **values)

    def either(self, depth: int) -> Said:
        members = [self.both(depth)]
        while self.took("or"):
            members.append(self.both(depth))
        return Joined(operator="or", members=tuple(members)) if members[1:] else members[0]

    def both(self, depth: int) -> Said:
        members = [self.one(depth)]
        while self.took("and"):
            members.append(self.one(depth))
        return Joined(operator="and", members=tuple(members)) if members[1:] else members[0]

    def one(self, depth: int) -> Said:
        if depth > MAX_DEPTH:
            raise self.unexpected("criteria_depth")
        if not self.took("("):
            return self.condition()
        inside = self.either(depth + 1)
        if self.left() and self.low() != ")":
            raise self.unexpected("criteria_joiner")
        if not self.took(")"):
            raise self.unexpected("criteria_close")
        return inside

    def condition(self) -> Condition:
        field = self.field()
        operator, said = self.operator(field)
        if operator.empty:
            return Condition(field=field, operator=operator, said=said)
        if operator.comparator in LISTS and self.low() == "(":
            values = self.listed()
        elif operator.comparator in LISTS:
            # "in May", "in me": one value without parentheses is that value.
            operator, values = _single(operator), (self.value(),)
            if self.low() == ",":
                raise values[0].unread("criteria_list")
        elif operator.comparator in PAIRS:
            first = self.value()
            if not self.took("and"):
                raise self.unexpected("criteria_pair")
            values = first, self.value()
        else:
            values = (self.value(),)
        return Condition(field=field, operator=operator, said=said, values=values)

    def field(self) -> Words:
        first = self.i
        while self.left() and self.tokens[self.i].kind in ("word", "quoted"):
            # A label may begin with a word that compares: "Is active = true".
            ends = self.low() in JOINERS or (self.i > first and self.matched() > 0)
            if ends:
                break
            self.i += 1
        if self.i == first:
            raise self.unexpected("criteria_condition")
        return words_of(self.text, self.tokens[first : self.i])

    def matched(self) -> int:
        """Return how many tokens from here on are an operator; the most that fit."""
        for count in range(LONGEST, 0, -1):
            if " ".join(self.low(k) for k in range(count)) in OPERATORS:
                return count
        return 0

    def operator(self, field: Words) -> tuple[Operator, Words]:
        count = self.matched()
        if not count:
            raise self.unexpected("criteria_operator", name=field.text[:100])
        said = words_of(self.text, self.tokens[self.i : self.i + count])
        operator = OPERATORS[" ".join(self.low(k) for k in range(count))]
        self.i += count
        return operator, said

    def listed(self) -> tuple[Words, ...]:
        self.i += 1
        values = [self.value(listed=True)]
        while self.took(","):
            values.append(self.value(listed=True))
        if not self.took(")"):
            raise self.unexpected("criteria_list_end")
        return tuple(values)

    def value(self, *, listed: bool = False) -> Words:
        first = self.i
        while self.left() and self.tokens[self.i].kind in VALUES and self.low() not in JOINERS:
            # 1,200 in a list may be one number or two.
            if listed and self.tokens[self.i].kind == "grouped":
                raise self.unexpected("criteria_list_comma")
            self.i += 1
        if self.i == first:
            raise self.unexpected("criteria_value")
        return words_of(self.text, self.tokens[first : self.i])
