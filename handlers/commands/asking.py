"""How the command line is asked: its words, and what is said of those it can't mean."""

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn

from bot.domain.connection import Owner

TOKENS = (
    "`parley tokens list`, `parley tokens show T012/U034`, `parley tokens revoke T012/U034`, "
    "`parley tokens import FILE` or `parley tokens audit`"
)
KEYS = "`parley keys rotate`"
BACKUP = "`parley backup FILE`, such as `parley backup parley-2026-01-14.db`"


class Misused(Exception):
    """The command line can't be meant so; the text says what to write."""


class CantBeDone(Exception):
    """The command is understood and can't be done; the text says what to type next."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints end with what to type."""

    def __init__(self, *arguments: Any, such_as: str = "", **options: Any) -> None:
        """Take what ``ArgumentParser`` takes, and the commands to name in a complaint."""
        super().__init__(*arguments, **options)
        self._such_as = such_as or f"`{self.prog} --help` for what there is"

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and what to type, and end with status 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}. Type {self._such_as}.\n")


def add_tokens(tokens: argparse.ArgumentParser) -> None:
    """Add the words after ``parley tokens``."""
    acts = tokens.add_subparsers(required=True, metavar="act", dest="act")
    acts.add_parser("list", help="every connection, one a line")
    audit = acts.add_parser("audit", help="who did what, one JSON object a line")
    audit.add_argument("count", nargs="?", type=int, default=1000, help="the last so many lines")
    imported = acts.add_parser(
        "import",
        help="keep the tokens of Zoho's own client",
        such_as="`parley tokens import FILE`, or `parley tokens import FILE T012/U034`",
    )
    imported.add_argument("file", type=Path, help="its token file, or its sample's database")
    imported.add_argument("person", nargs="?", type=_owner, help="whose they are: T012/U034")
    for act, text in (("show", "one person's connections"), ("revoke", "cut one person off")):
        one = acts.add_parser(act, help=text, such_as=f"`parley tokens {act} T012/U034`")
        one.add_argument("person", type=_owner, help="Slack team and user, such as T012/U034")


def port(text: str) -> int:
    """Return a port; 0 takes a free one.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _owner(text: str) -> Owner:
    team, _, user = text.partition("/")
    if not team or not user:
        raise argparse.ArgumentTypeError("a person is a Slack team and user, such as T012/U034")
    return Owner(team, user)
