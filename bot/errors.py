"""Every way to decline, sorted by what the person can do next.

The tree::

    ParleyError
    ├── NotUnderstood    say it differently       code, place in the text
    ├── NotConnected     connect (again)          why: none | pending | revoked | scope
    ├── NotAllowed       ask somebody else        why
    ├── Refused          change the request       code, field, values
    ├── TryLater         wait                     seconds, why
    ├── Gone             start again              what
    ├── Ambiguous        nothing: we look it up   what may or may not have happened
    └── Fault            nothing: it is ours      where

Errors carry plain values only. The sentence a person reads is made in one
place, ``handlers/slack/sentences/apologies.py``; nothing here holds tokens, responses or
people's text beyond the value that was refused.
"""

from collections.abc import Mapping


class ParleyError(Exception):
    """The root: everything the bot raises on purpose."""

    code: str = "error"

    def __init__(self, code: str, **values: object) -> None:
        """Keep a stable *code* and the plain *values* its sentence needs."""
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, object] = values

    def __str__(self) -> str:
        """Name the class and the code, never the values: logs stay free of people's text."""
        return f"{type(self).__name__}({self.code})"


class NotUnderstood(ParleyError):
    """The words could not be read: the person can say them differently.

    ``start`` and ``end`` are the character positions of the place in the text.
    """

    def __init__(self, code: str, *, start: int = 0, end: int = 0, **values: object) -> None:
        """Keep the place beside the code."""
        super().__init__(code, **values)
        self.start = start
        self.end = end


class NotConnected(ParleyError):
    """No usable CRM account: the person can connect one.

    Codes: ``none`` (never connected), ``pending`` (waits for its one-time code),
    ``revoked`` (the CRM took the grant back), ``scope`` (a permission is missing),
    ``expired`` (the access token is no longer good: refreshed before a person hears of it).
    """


class NotAllowed(ParleyError):
    """This person may not do this: bots, guests, deactivated people, missing CRM rights."""


class Refused(ParleyError):
    """The request itself must change: a limit, a rule of the CRM, a field.

    ``field`` is one of the form's field names (``title``, ``date``, ``start``,
    ``end``, ``repeats``, ``people``, ``venue``, ``reminders``, ``contact``,
    ``record``, ``description``, ``zone``, or ``field:<API name>`` for a field the
    organisation's layout demands; of an export ``module``, ``fields``, ``where``, ``view``,
    ``file_type``, ``callback``), or None where no single field is to blame.
    """

    def __init__(self, code: str, *, field: str | None = None, **values: object) -> None:
        """Keep the field beside the code."""
        super().__init__(code, **values)
        self.field = field


class TryLater(ParleyError):
    """Nothing is wrong with the request; ``seconds`` is a fair wait before the next try."""

    def __init__(self, code: str, *, seconds: float = 60.0, **values: object) -> None:
        """Keep the wait in seconds."""
        super().__init__(code, **values)
        self.seconds = seconds


class Gone(ParleyError):
    """What the person points at is no longer there: start again."""


class Ambiguous(ParleyError):
    """The answer to a write was lost: the CRM may or may not have done it.

    Never retried blindly: the operation is looked up after a quiet period.
    """


class Fault(ParleyError):
    """Ours, or the CRM's, and not the person's: an answer that makes no sense."""
