"""What an export asks the CRM for, and what the CRM says of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self, cast

from bot.domain.export_criteria import (
    MAX_CONDITIONS,
    Criteria,
    conditions,
    criteria_from,
    criteria_json,
)
from bot.domain.meeting import Record
from bot.errors import Refused

MAX_FIELDS: Final = 200
MAX_PAGES: Final = 500
RESULT_LIFE: Final = timedelta(days=1)
"""How long the CRM keeps a result, and a page token is good."""
EVENTS: Final = "Events"
_NAME = re.compile(r"\$?[A-Za-z][A-Za-z0-9_]{0,99}")


class FileType(StrEnum):
    """What a result holds; ``ics`` is for meetings alone."""

    CSV = "csv"
    ICS = "ics"

    @property
    def page_rows(self) -> int:
        """The most rows of one page (Zoho CRM, Bulk Read API limitations)."""
        return 200_000 if self is FileType.CSV else 20_000


def is_path(text: str) -> bool:
    """Say whether *text* is an API name, or two joined by a dot."""
    names = text.split(".")
    return len(names) <= 2 and all(_NAME.fullmatch(name) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What one export shall hold.

    Attributes:
        module: By API name.
        fields: By API name, or two joined by a dot for a field of a record looked up;
            empty for all fields of the module.
        criteria: Which records; None for all.
        view: The custom view whose records they shall be, by id and name.
        file_type: CSV or, for meetings, ICS.
    """

    module: str
    fields: tuple[str, ...] = ()
    criteria: Criteria | None = None
    view: Record | None = None
    file_type: FileType = FileType.CSV

    def __post_init__(self) -> None:
        """Refuse what the CRM would refuse (Zoho CRM, Bulk Read API limitations).

        Raises:
            Refused: With ``module``, ``fields``, ``where`` or ``file_type`` to blame.
        """
        if not _NAME.fullmatch(self.module):
            raise Refused("export_module", field="module", name=self.module[:100])
        self._check_fields()
        found = sum(1 for _ in conditions(self.criteria))
        if found > MAX_CONDITIONS:
            raise Refused("criteria_limit", field="where", limit=MAX_CONDITIONS, found=found)
        wrong = next((c.field for c in conditions(self.criteria) if not is_path(c.field)), None)
        if wrong is not None:
            raise Refused("export_field", field="where", name=wrong[:100])
        if self.file_type is FileType.ICS and self.module != EVENTS:
            raise Refused("export_ics_module", field="file_type", name=self.module)
        if self.file_type is FileType.ICS and self.fields:
            raise Refused("export_ics_fields", field="fields")

    def _check_fields(self) -> None:
        if len(self.fields) > MAX_FIELDS:
            raise Refused(
                "export_fields_limit", field="fields", limit=MAX_FIELDS, found=len(self.fields)
            )
        wrong = next((name for name in self.fields if not is_path(name)), None)
        if wrong is not None:
            raise Refused("export_field", field="fields", name=wrong[:100])
        object.__setattr__(self, "fields", tuple(dict.fromkeys(self.fields)))

    def as_json(self) -> dict[str, object]:
        """Return plain JSON from which ``from_json`` makes the same query."""
        view = self.view
        return {
            "module": self.module,
            "fields": list(self.fields),
            "criteria": criteria_json(self.criteria) if self.criteria else None,
            "view": {"id": view.id, "name": view.name} if view else None,
            "file_type": self.file_type.value,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Self:
        """Make the query that ``as_json`` wrote.

        Raises:
            KeyError: It isn't one.
            ValueError: It isn't one.
        """
        criteria = cast("Mapping[str, object] | None", kept["criteria"])
        view = cast("Mapping[str, str] | None", kept["view"])
        return cls(
            module=str(kept["module"]),
            fields=tuple(cast("list[str]", kept["fields"])),
            criteria=criteria_from(criteria) if criteria else None,
            view=Record(id=view["id"], name=view["name"]) if view else None,
            file_type=FileType(str(kept["file_type"])),
        )


class JobState(StrEnum):
    """How far a job is, in the CRM's words (Zoho CRM, Get Bulk Read Job Details)."""

    ADDED = "ADDED"
    QUEUED = "QUEUED"
    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    FAILURE = "FAILURE"

    @property
    def over(self) -> bool:
        """Whether the CRM is done with it, one way or the other."""
        return self in {JobState.COMPLETED, JobState.FAILURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the CRM said of one job when it was looked at.

    Attributes:
        state: How far it is.
        page: Which page this job reads; 1 before completion.
        count: The rows of this page; 0 before completion.
        more: Whether there are further pages.
        next_page_token: With which the next page is asked for, good for ``RESULT_LIFE``
            and for the same person; None without further pages, or where none was named.
        reason: Why it failed, in the CRM's words; None unless it did.
    """

    state: JobState
    page: int = 1
    count: int = 0
    more: bool = False
    next_page_token: str | None = field(default=None, repr=False)
    reason: str | None = None
