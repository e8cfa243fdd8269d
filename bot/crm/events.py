"""Meetings in the CRM: made once, read back, found again by their reference line."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.crm.answers import more, rows, written
from bot.crm.dialect import STANDARD, Dialect, event_body, is_marked, series, wire_time
from bot.crm.places import web_origin
from bot.crm.records import event
from bot.crm.shapes import identity, moment, record_id
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.event import Event
from bot.domain.meeting import Meeting
from bot.errors import Ambiguous, Fault, Gone, TryLater

CREATE_SECONDS: Final = 45.0
"""A series is made record by record before the CRM answers; a lost answer costs a minute."""
IDS_A_CALL: Final = 100
"""Zoho CRM, Get Records: at most 100 ids."""
ROWS_A_PAGE: Final = 200
MANY_PAGES: Final = 10
AROUND: Final = timedelta(days=1)
"""How far from the promised dates the look-up reaches: a series may be kept in another zone."""


class Events:
    """The module Events (its name in the CRM's pages: Meetings)."""

    def __init__(self, transport: Transport, *, workspace: str | None = None) -> None:
        """Keep the wire.

        Args:
            transport: The wire.
            workspace: Where links lead when the CRM is a sandbox on this machine.
        """
        self._transport = transport
        self._workspace = workspace

    def create(
        self, access: Access, meeting: Meeting, *, marker: str, dialect: Dialect = STANDARD
    ) -> tuple[str, ...]:
        """Create one meeting or one series; sent once and never again from here.

        Args:
            access: Whose account.
            meeting: One of ``dialect.series``: Kaizen #8 allows one rule a request.
            marker: Makes the record findable should the answer be lost.
            dialect: The open questions.

        Returns:
            The ids of all occurrences, in the order of the answer.

        Raises:
            Ambiguous: ``crm_answer_lost``: it may or may not be there.
            TryLater: It is not there.
            Refused: It is not there, and why.
            ValueError: The meeting needs several requests.
        """
        (single,) = series(meeting, dialect)
        body = event_body(single, marker, dialect)
        answer = self._transport.send(
            "POST",
            f"{access.api_origin}/crm/v8/Events",
            token=access.token,
            json={"data": [body]},
            deadline=self._transport.until(CREATE_SECONDS),
        )
        try:
            return written(answer)
        except (TryLater, Fault) as failure:
            # An error inside the CRM, or a success we can't read: it may be there.
            unread = failure.code == "crm_shape" and answer.status < 400
            if unread or failure.code == "crm_down":
                raise Ambiguous("crm_answer_lost") from None
            raise

    def get(self, access: Access, event_id: str) -> Event | None:
        """Return one occurrence with its participants, or None where there is none.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        url = f"{access.api_origin}/crm/v8/Events/{record_id(event_id)}"
        try:
            found = rows(self._transport.send("GET", url, token=access.token))
        except Gone:
            return None
        return event(found[0], self.link(access.api_origin, event_id)) if found else None

    def starts(self, access: Access, ids: Sequence[str]) -> dict[str, datetime]:
        """Return the starts by id, as the CRM has them; an id it doesn't know is left out.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        found: dict[str, datetime] = {}
        for first in range(0, len(ids), IDS_A_CALL):
            some = ",".join(record_id(one) for one in ids[first : first + IDS_A_CALL])
            answer = self._transport.send(
                "GET",
                f"{access.api_origin}/crm/v8/Events",
                token=access.token,
                params={"ids": some, "fields": "Start_DateTime"},
            )
            found.update((identity(row), moment(row, "Start_DateTime")) for row in rows(answer))
        return found

    def find_marked(
        self, access: Access, meeting: Meeting, marker: str, since: datetime
    ) -> tuple[str, ...]:
        """Return the occurrences that carry *marker*, in order of their starts.

        A query narrows by title, dates and creation; each candidate is then read, because
        the description can't be queried. Whether every occurrence of a series has the
        description isn't documented: one marked occurrence stands for its series.

        Args:
            access: Whose account.
            meeting: What was sent.
            marker: What it was sent with.
            since: Aware; not created before.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        near = [
            found
            for one in self._candidates(access, meeting, since)
            if (found := self.get(access, one)) is not None
        ]
        marked = [one for one in near if is_marked(one.description, marker)]
        joined = {one.series for one in marked if one.series is not None}
        ids = {one.id for one in marked}
        ours = [one for one in near if one.id in ids or one.series in joined]
        return tuple(one.id for one in sorted(ours, key=lambda one: (one.start, one.id)))

    def link(self, api_origin: str, event_id: str) -> str:
        """Return the address at which a person opens a meeting in the CRM."""
        web = web_origin(api_origin) or self._workspace or api_origin
        return f"{web}/crm/EntityInfo.do?module=Events&id={record_id(event_id)}"

    def _candidates(self, access: Access, meeting: Meeting, since: datetime) -> Iterator[str]:
        starts = meeting.occurrences()
        narrow = (
            f"(Start_DateTime between '{_moment(starts[0] - AROUND)}'"
            f" and '{_moment(starts[-1] + AROUND)}' and Created_Time >= '{_moment(since)}')"
        )
        # How a quote is escaped in COQL is written nowhere; the marker decides anyway.
        if not set(meeting.title) & {"'", '"', "\\"}:
            narrow = f"({narrow} and Event_Title = '{meeting.title}')"
        return self.ids(access, narrow, most=MANY_PAGES * ROWS_A_PAGE)

    def ids(self, access: Access, where: str, *, most: int) -> Iterator[str]:
        """Yield the ids of meetings by a COQL condition, all pages, at most about *most*.

        Args:
            access: Whose account.
            where: Dates, ids, numbers, or a title without quotes: nothing escapes COQL.
            most: Where to stop.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        for first in range(0, most, ROWS_A_PAGE):
            query = f"select id from Events where {where} limit {first}, {ROWS_A_PAGE}"  # noqa: S608
            answer = self._transport.send(
                "POST",
                f"{access.api_origin}/crm/v8/coql",
                token=access.token,
                json={"select_query": query},
                repeatable=True,
            )
            yield from (identity(row) for row in rows(answer))
            if not more(answer):
                return


def _moment(when: datetime) -> str:
    return wire_time(when.astimezone(UTC))
