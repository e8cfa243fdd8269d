"""One pass over the text: tokens with their places, and a line that knows what is taken."""

import re
from dataclasses import dataclass

from bot.language import lexicon as lex

_TOKEN = re.compile(
    r"(?P<slack><[^<>\n]{1,400}>)"
    r"|(?P<url>https?://[^\s<>|]{1,400})"
    r"|(?P<email>[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-][A-Za-z0-9.-]{0,200}\.[A-Za-z]{2,24})"
    r"|(?P<iso>\d{4}(?:-\d{1,2}-|/\d{1,2}/)\d{1,2}(?!\d))"
    r"|(?P<dotted>\d{1,2}\.\d{1,2}\.\d{4}(?!\d))"
    r"|(?P<version>\d{1,9}\.\d{1,9}\.\d[\d.]{0,20})"
    r"|(?P<code>\d{1,2}-?on-?\d{1,2}(?![^\W_])|1(?: on |-to-|-)1(?![^\W_]|[:./-]\d)"
    r"|[oO]ne(?:-to-|[ -]on[ -])[oO]nes?(?![^\W_]))"
    r"|(?P<slash>\d{1,2}/\d{1,2}/\d{2,4}(?!\d)|\d{1,2}-\d{1,2}-\d{4}(?!\d)|\d{1,2}/\d{1,2}(?![\d/]))"
    r"|(?P<clock>\d{1,2}:\d{2}(?::\d{2})?(?!\d))"
    r"|(?P<ord>\d{1,3}(?:[sS][tT]|[nN][dD]|[rR][dD]|[tT][hH])(?![^\W\d_]))"
    r"|(?P<num>\d{1,9}(?:\.\d{1,2}(?!\d))?)"
    r"|(?P<frac>[\u00bc-\u00be])"
    r"|(?P<amp>&(?:amp|lt|gt);)"
    r"|(?P<word>[^\W\d_]{1,400}(?:'[^\W\d_]{1,9})?)"
    r"|(?P<line>\n)"
    r"|(?P<sym>\S)"
)
_STRAIGHT = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2007": " ",
        "\u200b": " ",
        "\r": "\n",
        "\t": " ",
    }
)
_NO_TAIL = frozenset("$#€£%")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text.

    Attributes:
        kind: slack, url, email, iso, dotted, version, code ("1on1"), slash, clock, ord, num,
            frac ("\u00bd"), amp, word, line or sym.
        text: As typed.
        low: In lower case.
        start: Its first character.
        end: One past its last.
        glued: True when nothing stands between it and the token before.
    """

    kind: str
    text: str
    low: str
    start: int
    end: int
    glued: bool

    def read_as(self, low: str) -> "Token":
        """Return the token as if *low* had been typed; its place and text stay."""
        return Token(self.kind, self.text, low, self.start, self.end, self.glued)


_OUTSIDE = Token(kind="end", text="", low="", start=0, end=0, glued=False)


def plain(text: str) -> str:
    """Return *text* with straight quotes and plain spaces, every character in its place."""
    return text.translate(_STRAIGHT)


def unescaped(text: str) -> str:
    """Return *text* as a person typed it: Slack escapes these three characters alone."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def scan(text: str) -> list[Token]:
    """Return the tokens of a *plain* text, in order, in linear time."""
    found: list[Token] = []
    before = -1
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match.group()
        found.append(
            Token(match.lastgroup or "sym", word, word.lower(), start, end, start == before)
        )
        before = end
    return found


class Line:
    """The tokens of a text, and which of them are taken by whom."""

    __slots__ = ("owner", "text", "tokens")

    def __init__(self, text: str) -> None:
        """Scan *text*; nothing is taken."""
        self.text = text
        self.tokens = scan(text)
        self.owner: list[str | None] = [None] * len(self.tokens)

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.tokens)

    def at(self, i: int) -> Token:
        """Return the token at *i* when it is free, else an empty one."""
        if 0 <= i < len(self.tokens) and self.owner[i] is None:
            return self.tokens[i]
        return _OUTSIDE

    def low(self, i: int) -> str:
        """Return the free word at *i* in lower case, else an empty text."""
        if 0 <= i < len(self.tokens) and self.owner[i] is None:
            return self.tokens[i].low
        return ""

    def take(self, i: int, j: int, owner: str) -> None:
        """Give the free tokens from *i* up to *j* to *owner*."""
        for k in range(i, min(j, len(self.tokens))):
            if self.owner[k] is None:
                self.owner[k] = owner

    def span(self, i: int, j: int) -> tuple[int, int]:
        """Return where the tokens from *i* up to *j* stand in the text."""
        if i >= j or i >= len(self.tokens):
            return 0, 0
        return self.tokens[i].start, self.tokens[min(j, len(self.tokens)) - 1].end

    def words(self, i: int, j: int) -> str:
        """Return the text of the tokens from *i* up to *j*, as a person typed it."""
        start, end = self.span(i, j)
        return unescaped(self.text[start:end])

    def skip(self, i: int, *words: str) -> int:
        """Return the place after any of *words* standing from *i* on."""
        while self.low(i) in words and self.low(i):
            i += 1
        return i

    def plain_number(self, i: int) -> bool:
        """Say whether the number at *i* stands free: no sign of money, part or version."""
        token = self.at(i)
        before = self.tokens[i - 1] if i > 0 else _OUTSIDE
        if token.glued and (before.text in _NO_TAIL or before.kind == "word"):
            return False
        if token.glued and before.text in "-_" and before.glued and i > 1:
            named = self.tokens[i - 2]
            if named.text.isupper() and named.kind == "word" and named.low not in lex.CLOCK_WORDS:
                return False  # "Q-1042"
        after = self.tokens[i + 1] if i + 1 < len(self.tokens) else _OUTSIDE
        return not (after.glued and after.text in _NO_TAIL)


def number(line: Line, i: int) -> tuple[int, int] | None:
    """Read a whole number in digits or words; return it and the place after it."""
    token = line.at(i)
    if token.kind == "num":
        return (int(token.text), i + 1) if "." not in token.text else None
    low = token.low
    if low in lex.TENS:
        j = i + 2 if line.low(i + 1) == "-" else i + 1
        ones = lex.NUMBERS.get(line.low(j), 0)
        return (lex.TENS[low] + ones, j + 1) if 0 < ones < 10 else (lex.TENS[low], i + 1)
    if low in lex.NUMBERS:
        return lex.NUMBERS[low], i + 1
    if low in ("couple", "pair") or (low == "a" and line.low(i + 1) in ("couple", "pair")):
        return 2, line.skip(i + 1, "couple", "pair", "of")
    return None


def ordinal(line: Line, i: int) -> tuple[int, int] | None:
    """Read an ordinal; "last" is -1, "2nd last" is -2. Return it and the place after it."""
    token = line.at(i)
    low = token.low
    if low in ("last", "final"):
        return -1, i + 1
    if low == "penultimate":
        return -2, i + 1
    if token.kind == "ord":
        value, j = int(low[:-2]), i + 1
    elif low in lex.ORDINALS:
        value, j = lex.ORDINALS[low], i + 1
    elif low in ("twenty", "thirty"):
        j = i + 2 if line.low(i + 1) == "-" else i + 1
        ones = lex.ORDINALS.get(line.low(j), 0)
        if not 0 < ones < 10:
            return None
        value, j = lex.TENS[low] + ones, j + 1
    else:
        return None
    back = line.skip(j, "to", "-", "from", "the")
    if line.low(back) == "last" and value < 32:
        return -value, back + 1
    return value, j
