"""A form for an export: what is kept of it, what is shown, and what comes of sending it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from bot.crm.coql import count_query
from bot.domain.export import Query
from bot.domain.export_fields import Catalogue, Module
from bot.domain.export_job import ExportJob
from bot.errors import ParleyError
from bot.journeys.export.reading import Objection, Reading
from bot.journeys.export.sheet import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDraft:
    """A form for an export, as kept.

    Attributes:
        id: Tells it from others.
        zone: The person's.
        sheet: What stands in it.
        words: What is still to be read into it.
        heard: When the newest click was made that was taken in, in seconds.
        unseen: Slack's hash of the form that was sent with something else on the screen than
            would start, until something else is filled in; empty when none was.
        counted: What was counted last, as the CRM was asked; "" when nothing was.
        count: How many records that found; None when it couldn't be counted.
        problem: The code of what is wrong beyond a field, "" when nothing is.
        values: What the sentence of ``problem`` needs.
    """

    id: str
    zone: str
    sheet: Sheet = field(default_factory=Sheet)
    words: str = ""
    heard: float = 0.0
    unseen: str = ""
    counted: str = ""
    count: int | None = None
    problem: str = ""
    values: Mapping[str, str | list[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "ExportDraft":
        """Return what ``as_json`` gave."""
        return msgspec.convert(dict(data), cls)

    def troubled(self, error: ParleyError | None) -> "ExportDraft":
        """Return it with what is wrong by now."""
        if error is None:
            return replace(self, problem="", values={})
        values = {
            name: [str(one) for one in value] if isinstance(value, tuple | list) else str(value)
            for name, value in error.values.items()
        }
        return replace(self, problem=error.code, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """A form to be shown.

    Attributes:
        draft: What was filled in.
        modules: What can be chosen; None while the CRM is asked.
        catalogue: The fields of the chosen module; None while the CRM is asked.
        reading: What it comes to; None without a catalogue.
    """

    draft: ExportDraft
    modules: tuple[Module, ...] | None
    catalogue: Catalogue | None
    reading: Reading | None

    @property
    def query(self) -> Query | None:
        """What would be asked; None while something stands against it."""
        return self.reading.query if self.reading else None

    @property
    def promise(self) -> str | None:
        """What stands on the screen, in short; None while nothing does."""
        return None if self.query is None else _digest(json.dumps(self.query.as_json()))

    @property
    def countable(self) -> str | None:
        """What the CRM would be asked to count; None where it can't be."""
        return None if self.query is None else count_query(self.query)

    @property
    def counted(self) -> bool:
        """Whether just this was counted."""
        return self.countable is not None and self.draft.counted == self.countable


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """It can't be started: each place with what stands against it."""

    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What would start isn't what stood on the screen: look at this page first."""

    page: FormPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """It runs, and is durable."""

    job: ExportJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Already:
    """This form was submitted before."""


Submitted = Invalid | Again | Started | Already
Alter = Callable[[ExportDraft, Catalogue | None], ExportDraft]
"""From a form to the next; may run more than once."""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
