"""The words of a COQL query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from handlers.sandbox.crm.api import Refused, refuse

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')
      | (?P<number>-?\d+(?:\.\d+)?)(?![\w$])
      | (?P<word>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)
      | (?P<sign><=|>=|!=|<>|[=<>(),])""",
    re.VERBOSE,
)
_KEYWORDS = frozenset({
    "select", "from", "where", "and", "or", "not", "in", "like", "between", "is", "null", "order",
    "by", "asc", "desc", "limit", "offset", "as",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a query and where it stands (1 = the first character)."""

    kind: Literal["text", "number", "word", "sign", "end"]
    text: str
    column: int

    @property
    def value(self) -> str:
        """The token without quotes; a doubled quote is one quote."""
        return self.text[1:-1].replace("''", "'") if self.kind == "text" else self.text

    def word(self) -> str:
        """Return the token as a keyword, lower case; "" when it cannot be one."""
        low = self.text.lower()
        return low if self.kind == "word" and low in _KEYWORDS else ""


def tokens(query: str) -> list[Token]:
    """Cut a query into tokens, the last of kind "end".

    Raises:
        Refused: SYNTAX_ERROR at a character no token begins with.
    """
    found_all: list[Token] = []
    at = 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(query, at)
        if found is None or found.lastgroup is None:
            raise unexpected(Token("sign", query[at], at + 1))
        kind: Literal["text", "number", "word", "sign"] = found.lastgroup  # type: ignore[assignment]  # the pattern's own group names
        found_all.append(Token(kind, found.group(), at + 1))
        at = found.end()
    return [*found_all, Token("end", "", len(query) + 1)]


def unexpected(token: Token) -> Refused:
    """Return the refusal of a query at a token that does not belong there."""
    details = {"line": 1, "column": token.column, "near": token.text}
    return refuse(400, "SYNTAX_ERROR", "unexpected token", details)
