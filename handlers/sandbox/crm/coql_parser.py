"""COQL, Zoho's query language, read into a small tree (CRM API v8, "COQL Overview").

Only its grammar is known here: which columns exist and what fits them is `coql`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handlers.sandbox.crm.api import Refused, refuse
from handlers.sandbox.crm.coql_tokens import Token, tokens, unexpected

MOST_COLUMNS = 50
MOST_CONDITIONS = 25
MOST_IN = 50
MOST_ORDER = 10
DEFAULT_ROWS = 200

_SIGNS = {
    "=": "equal",
    "!=": "not_equal",
    "<": "less_than",
    "<=": "less_equal",
    ">": "greater_than",
    ">=": "greater_equal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One selected column, or a count of all rows; `alias` is the name it has in the answer."""

    column: str
    alias: str
    count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One written condition; `sign` is the operator as written, for error answers."""

    column: str
    operator: str
    sign: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Conditions joined by one "and" or "or"."""

    joiner: Literal["and", "or"]
    members: tuple[Condition | Pair, ...]


Where = Condition | Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A whole query. `order` has (column, descending) pairs."""

    items: tuple[Item, ...]
    module: str
    where: Where
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = DEFAULT_ROWS
    offset: int = 0


def parse(query: str, *, flat: bool) -> Query:
    """Read a query. With `flat`, `a and b and c` needs no parentheses around pairs.

    Raises:
        Refused: SYNTAX_ERROR, or a limit of the language is passed.
    """
    return _Reader(tokens(query), flat=flat).query()


def _too_many(clause: str, limit: int) -> Refused:
    return refuse(400, "LIMIT_EXCEEDED", "limit exceeded", {"clause": clause, "limit": limit})


class _Reader:
    """Reads a query by recursive descent; one method per rule of the grammar."""

    def __init__(self, tokens: list[Token], *, flat: bool) -> None:
        self.tokens = tokens
        self.at = 0
        self.flat = flat
        self.conditions = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        if token.kind != "end":
            self.at += 1
        return token

    def took(self, *words: str) -> bool:
        """Go over these keywords or signs if they all come next."""
        coming = self.tokens[self.at : self.at + len(words)]
        if len(coming) < len(words):
            return False
        if any(
            (token.word() or token.text) != word for token, word in zip(coming, words, strict=True)
        ):
            return False
        self.at += len(words)
        return True

    def need(self, word: str) -> None:
        if not self.took(word):
            raise unexpected(self.next)

    def query(self) -> Query:
        if not self.took("select"):
            raise refuse(400, "SYNTAX_ERROR", "given coql query not supported")
        items = self.items()
        if not self.took("from"):
            raise _missing("from") if self.next.kind == "end" else unexpected(self.next)
        module = self.name()
        if not self.took("where"):
            # Seen live: a query without WHERE is refused before its module is looked at.
            end = self.next.kind == "end" or self.next.word() in {"order", "limit"}
            raise _missing("where") if end else unexpected(self.next)
        where = self.joined()
        order = self.order() if self.took("order", "by") else ()
        limit, offset = self.limit() if self.took("limit") else (DEFAULT_ROWS, 0)
        if self.next.kind != "end":
            raise unexpected(self.next)
        if self.conditions > MOST_CONDITIONS:
            raise _too_many("where", MOST_CONDITIONS)
        return Query(
            items=items, module=module, where=where, order=order, limit=limit, offset=offset
        )

    def items(self) -> tuple[Item, ...]:
        items = [self.item()]
        while self.took(","):
            items.append(self.item())
        if len(items) > MOST_COLUMNS:
            raise _too_many("select", MOST_COLUMNS)
        names = [item.alias for item in items]
        for name in names:
            if names.count(name) > 1:
                raise refuse(
                    400, "DUPLICATE_DATA", "duplicate select column", {"column_name": name}
                )
        return tuple(items)

    def item(self) -> Item:
        name, count = self.name(), False
        if self.took("("):
            inner = self.name()
            self.need(")")
            name, count = f"{name}({inner})", True
            if name.upper() != "COUNT(ID)":
                reason = {"reason": "unsupported aggregate function", "column": name}
                raise refuse(400, "INVALID_DATA", "invalid data", reason)
        alias = self.name() if self.took("as") else name
        return Item(column=name, alias=alias, count=count)

    def name(self) -> str:
        """Read a name; `'What_Id->Leads.Company'` stands in quotes."""
        token = self.next
        quoted = token.kind == "text" and "->" in token.text
        if not quoted and (token.kind != "word" or token.word()):
            raise unexpected(token)
        return self.take().value

    def joined(self) -> Where:
        """Read one condition, or two joined; more than two need parentheses around pairs."""
        left = self.term()
        while (joiner := self.joiner()) is not None:
            left = Pair(joiner=joiner, members=(left, self.term()))
            if not self.flat and self.next.word() in {"and", "or"}:
                raise unexpected(self.next)
        return left

    def joiner(self) -> Literal["and", "or"] | None:
        if self.took("and"):
            return "and"
        return "or" if self.took("or") else None

    def term(self) -> Where:
        if self.took("("):
            inside = self.joined()
            self.need(")")
            return inside
        return self.condition()

    def condition(self) -> Condition:
        self.conditions += 1
        column, sign = self.name(), self.next.text
        if self.next.text in _SIGNS:
            self.take()
            return Condition(
                column=column, operator=_SIGNS[sign], sign=sign, values=(self.literal(),)
            )
        if self.took("is", "null"):
            return Condition(column=column, operator="empty", sign="is null")
        if self.took("is", "not", "null"):
            return Condition(column=column, operator="not_empty", sign="is not null")
        negated = self.took("not")
        operator, values = self.worded()
        before = "not" if negated else ""
        return Condition(
            column=column,
            operator=f"{before}_{operator}".strip("_"),
            sign=f"{before} {operator}".strip(),
            values=values,
        )

    def worded(self) -> tuple[str, tuple[str, ...]]:
        if self.took("in"):
            return "in", self.values()
        if self.took("like"):
            return "like", (self.literal(),)
        if self.took("between"):
            first = self.literal()
            self.need("and")
            return "between", (first, self.literal())
        raise unexpected(self.next)

    def values(self) -> tuple[str, ...]:
        self.need("(")
        values = [self.literal()]
        while self.took(","):
            values.append(self.literal())
        self.need(")")
        if len(values) > MOST_IN:
            raise _too_many("in", MOST_IN)
        return tuple(values)

    def literal(self) -> str:
        token = self.next
        plain = token.kind == "word" and token.text.lower() in {"true", "false"}
        if token.kind in {"text", "number"} or plain:
            return self.take().value
        raise unexpected(token)

    def order(self) -> tuple[tuple[str, bool], ...]:
        keys: list[tuple[str, bool]] = []
        while not keys or self.took(","):
            name = self.name()
            descending = self.took("desc")
            if not descending:
                self.took("asc")
            keys.append((name, descending))
        if len(keys) > MOST_ORDER:
            raise _too_many("order by", MOST_ORDER)
        return tuple(keys)

    def limit(self) -> tuple[int, int]:
        """Read `n`, `offset, n` or `n offset m`; return (rows, offset)."""
        first = self.whole()
        if self.took(","):
            return self.whole(), first
        return first, self.whole() if self.took("offset") else 0

    def whole(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            details = {"limit": token.text}
            raise refuse(400, "INVALID_QUERY", "limit given seems to be invalid", details)
        return int(token.text)


def _missing(clause: str) -> Refused:
    return refuse(400, "SYNTAX_ERROR", "missing clause", {"clause": clause})
