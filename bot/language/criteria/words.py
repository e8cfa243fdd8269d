"""The words of an export's criteria: the table of comparisons, and one pass of tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.domain.export_criteria import Comparator
from bot.errors import NotUnderstood
from bot.language.scanner import plain, unescaped


@dataclass(frozen=True, slots=True)
class Operator:
    """What the words of a comparison mean.

    Attributes:
        comparator: The CRM's.
        empty: True where nothing follows: the field is compared with nothing.
        past: True where a day without its year is one that has been.
    """

    comparator: Comparator
    empty: bool = False
    past: bool = False


OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        "=": Operator(Comparator.EQUAL),
        "==": Operator(Comparator.EQUAL),
        "is": Operator(Comparator.EQUAL),
        "equals": Operator(Comparator.EQUAL),
        "on": Operator(Comparator.EQUAL),
        "during": Operator(Comparator.EQUAL),
        "!=": Operator(Comparator.NOT_EQUAL),
        "<>": Operator(Comparator.NOT_EQUAL),
        "≠": Operator(Comparator.NOT_EQUAL),
        "is not": Operator(Comparator.NOT_EQUAL),
        "isn't": Operator(Comparator.NOT_EQUAL),
        ">": Operator(Comparator.GREATER_THAN),
        "after": Operator(Comparator.GREATER_THAN),
        "more than": Operator(Comparator.GREATER_THAN),
        ">=": Operator(Comparator.GREATER_EQUAL),
        "≥": Operator(Comparator.GREATER_EQUAL),
        "at least": Operator(Comparator.GREATER_EQUAL),
        "since": Operator(Comparator.GREATER_EQUAL, past=True),
        "<": Operator(Comparator.LESS_THAN),
        "before": Operator(Comparator.LESS_THAN),
        "less than": Operator(Comparator.LESS_THAN),
        "<=": Operator(Comparator.LESS_EQUAL),
        "≤": Operator(Comparator.LESS_EQUAL),
        "at most": Operator(Comparator.LESS_EQUAL),
        "until": Operator(Comparator.LESS_EQUAL),
        "in": Operator(Comparator.IN),
        "not in": Operator(Comparator.NOT_IN),
        "between": Operator(Comparator.BETWEEN),
        "not between": Operator(Comparator.NOT_BETWEEN),
        "contains": Operator(Comparator.CONTAINS),
        "not contains": Operator(Comparator.NOT_CONTAINS),
        "doesn't contain": Operator(Comparator.NOT_CONTAINS),
        "does not contain": Operator(Comparator.NOT_CONTAINS),
        "starts with": Operator(Comparator.STARTS_WITH),
        "begins with": Operator(Comparator.STARTS_WITH),
        "ends with": Operator(Comparator.ENDS_WITH),
        "is empty": Operator(Comparator.EQUAL, empty=True),
        "is not empty": Operator(Comparator.NOT_EQUAL, empty=True),
        "isn't empty": Operator(Comparator.NOT_EQUAL, empty=True),
    }
)
"""What can stand between a field and its value; the longest that fits is taken."""
LONGEST: Final = max(len(words.split()) for words in OPERATORS)
JOINERS: Final = frozenset({"and", "or"})
CLAUSES: Final = frozenset({"where", "view", "as"})

MAX_TEXT: Final = 4000
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.){0,400}"'
    r"|(?:(?<=[\s(,=<>])|(?<![^\n]))'(?:[^'\\]|\\.){0,400}'(?=[\s),]|\Z))"
    r'|(?P<open>")'
    r"|(?P<slack><(?:[@#!]|mailto:|https?:)[^<>\n]{1,400}>)"
    r"|(?P<sign>(?:&lt;|&gt;|[<>=!])(?:&gt;|[>=])|&lt;|&gt;|[<>=≠≥≤])"
    r"|(?P<grouped>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?=[\s),]|\Z))"
    r"|(?P<paren>[()])"
    r"|(?P<comma>,)"
    r"|(?P<bracket>[\[\]])"
    r"|(?P<word>(?:[^\s(),=<>!&\"\[\]≠≥≤]|&(?!lt;|gt;)|!(?![=>]))+)"
    r"|(?P<odd>\S)"
)
_LINKED = re.compile(r"<(?:mailto:)?([^<>|]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, what it says in lower case, and its place."""

    kind: str
    low: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What stands for a field, a value or a name, as typed.

    Attributes:
        text: Without its quotes.
        quoted: Whether it had some: then it is meant to the letter.
        start: Its first character in the whole text.
        end: One past its last.
    """

    text: str
    quoted: bool
    start: int
    end: int

    def unread(self, code: str, **values: object) -> NotUnderstood:
        """Return the error that these words can't be read, with what was ``said``."""
        return NotUnderstood(
            code, start=self.start, end=self.end, **{"said": self.text[:100], **values}
        )


def tokens(text: str) -> list[Token]:
    """Return the tokens of *text*, in order, in linear time.

    Raises:
        NotUnderstood: ``export_long``; ``export_quote`` where quotes aren't closed.
    """
    if len(text) > MAX_TEXT:
        raise NotUnderstood("export_long", start=MAX_TEXT, end=len(text), limit=MAX_TEXT)
    found: list[Token] = []
    for match in _TOKEN.finditer(plain(text)):
        kind, (start, end) = match.lastgroup or "odd", match.span()
        if kind == "open":
            raise NotUnderstood("export_quote", start=start, end=len(text))
        found.append(Token(kind, unescaped(match.group()).lower(), start, end))
    return found


def words_of(text: str, some: list[Token]) -> Words:
    """Return what *some* neighbouring tokens of *text* say: one in quotes, or any others.

    Raises:
        NotUnderstood: ``export_mixed`` for words beside quotes.
    """
    start, end = some[0].start, some[-1].end
    quote = next((one for one in some if one.kind == "quoted"), None)
    if quote is None:
        said = unescaped(text[start:end])
        if len(some) == 1 and some[0].kind == "slack":
            said = _mention(said)
        return Words(text=" ".join(said.split()), quoted=False, start=start, end=end)
    if len(some) > 1:
        raise NotUnderstood("export_mixed", start=start, end=end, said=text[start:end][:100])
    said = unescaped(text[start + 1 : end - 1])
    return Words(text=re.sub(r"\\(.)", r"\1", said), quoted=True, start=start, end=end)


def _mention(said: str) -> str:
    """Return the address, the link or ``<@U1>`` that Slack's own form of it holds."""
    inner = _LINKED.fullmatch(said)
    bare = inner[1] if inner else said
    return f"<{bare}>" if bare[:1] in "@#!" else bare
