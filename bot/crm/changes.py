"""Writes to meetings that stand: changed, cancelled, deleted. Each is sent once from here.

All of them can be repeated after reading back: an update says with ``If-Unmodified-Since``
what it has seen, a second cancel is refused as such, and a deleted record stays deleted
(Zoho CRM, Update Records, Cancel a Meeting, Delete Records).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from bot.crm.answers import written
from bot.crm.call import Answer
from bot.crm.dialect import STANDARD, Dialect, participant_body, reminders_body, wire_time
from bot.crm.events import CREATE_SECONDS
from bot.crm.shapes import record_id
from bot.crm.transport import Transport
from bot.domain.change import Aspect, Facets
from bot.domain.connection import Access
from bot.errors import Ambiguous, Fault

IDS_A_DELETE: Final = 100
"""Zoho CRM, Delete Records: at most 100 ids."""


def change_body(
    facets: Facets, aspects: Collection[Aspect], dialect: Dialect = STANDARD
) -> dict[str, object]:
    """Return the keys of an update that sets *aspects* as *facets* has them.

    A key that isn't sent is left alone, but ``Participants`` is the whole list: who isn't
    in it with the participation id is dropped (Kaizen #8, section 2.1).
    """
    body: dict[str, object] = {}
    if Aspect.TITLE in aspects:
        body["Event_Title"] = facets.title
    if Aspect.TIME in aspects:
        body["Start_DateTime"] = wire_time(facets.start)
        body["End_DateTime"] = wire_time(facets.end)
        body["All_day"] = facets.all_day
    if Aspect.VENUE in aspects:
        body["Venue"] = facets.venue
    if Aspect.REMINDERS in aspects:
        body["Remind_At"] = reminders_body(facets.reminders or (), dialect)
    if Aspect.CONTACT in aspects:
        contact = facets.contact
        body["Who_Id"] = {"id": contact.id, "name": contact.name} if contact else None
    if Aspect.RECORD in aspects:
        related = facets.related
        record = related.record if related else None
        body["What_Id"] = {"id": record.id, "name": record.name} if record else None
        if related is not None:
            body["$se_module"] = related.module
    if Aspect.PEOPLE in aspects:
        body["Participants"] = [participant_body(one, dialect) for one in facets.people]
    return body


class Changes:
    """Writes to records of Events, one call each."""

    def __init__(self, transport: Transport) -> None:
        """Keep the wire."""
        self._transport = transport

    def update(
        self,
        access: Access,
        event_id: str,
        body: dict[str, object],
        *,
        seen: datetime,
        following: bool = False,
        invitations: bool = False,
    ) -> None:
        """Change one occurrence, or all after it too where the CRM knows how.

        Args:
            access: Whose account.
            event_id: Which.
            body: Of ``change_body``.
            seen: The occurrence's ``modified_at`` when it was read; whole seconds.
            following: Ask for ``update_all_future_events`` (Kaizen #8, section 2.2; in no
                v8 page, so the CRM may ignore it, and it answers for one or for all).
            invitations: Whether the participants are mailed.

        Raises:
            Ambiguous: ``crm_answer_lost``: read it back.
            Refused: ``already_modified`` when it changed after *seen*; else why not.
            ParleyError: What the CRM's answer names; nothing was changed.
        """
        record: dict[str, object] = {**body, "$send_notification": invitations}
        if following:
            record["update_all_future_events"] = True
        answer = self._transport.send(
            "PUT",
            f"{access.api_origin}/crm/v8/Events/{record_id(event_id)}",
            token=access.token,
            json={"data": [record]},
            headers={"If-Unmodified-Since": wire_time(seen)},
            deadline=self._transport.until(CREATE_SECONDS) if following else None,
        )
        _done(answer)

    def cancel(self, access: Access, event_id: str, *, mail: bool) -> None:
        """Cancel one occurrence; its record stays.

        Raises:
            Ambiguous: ``crm_answer_lost``: read it back.
            Refused: ``cancelled_already``, ``cancel_uninvited``, ``cancel_over``,
                ``mail_limit``.
            ParleyError: What the CRM's answer names; nothing was changed.
        """
        answer = self._transport.send(
            "POST",
            f"{access.api_origin}/crm/v8/Events/{record_id(event_id)}/actions/cancel",
            token=access.token,
            json={"data": [{"send_cancelling_mail": mail}]},
        )
        _done(answer)

    def delete(self, access: Access, ids: Sequence[str]) -> None:
        """Delete up to 100 occurrences; some may stay (207): read back which.

        Raises:
            Ambiguous: ``crm_answer_lost``: read them back.
            ParleyError: What the CRM's answer names; none was deleted.
        """
        answer = self._transport.send(
            "DELETE",
            f"{access.api_origin}/crm/v8/Events",
            token=access.token,
            params={"ids": ",".join(record_id(one) for one in ids)},
        )
        _done(answer)


def _done(answer: Answer) -> None:
    try:
        written(answer)
    except Fault as failure:
        # A success nobody can read: what stands is read back.
        if failure.code == "crm_shape" and answer.status < 400:
            raise Ambiguous("crm_answer_lost") from None
        raise
