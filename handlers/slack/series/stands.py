"""The message of a meeting's creation, kept true: it shows how the meeting stands now."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.connection import Owner
from bot.errors import Gone, NotAllowed, NotConnected
from bot.journeys.series.opened import Opened, Opening
from handlers.slack import ids
from handlers.slack.message import Message, actions, button, context, escape, moment, section
from handlers.slack.sentences import series as words
from handlers.slack.sentences import series_outcomes as say
from handlers.slack.voice import SlackVoice
from store.inbox import Item
from store.memory import Memory

KIND = "series_stands"


def of_operation(
    memory: Memory, opening: Opening, owner: Owner, operation_id: str, zone: str
) -> Opened:
    """Return what an operation of Parley's made, as *owner* sees it, with all its series.

    Raises:
        Gone: ``crm_record``: none of it is there.
        ParleyError: The CRM can't be asked.
    """
    known = [one for part in memory.operations.series(operation_id) for one in part]
    return opening.whole(owner, opening.standing(owner, known), person_zone=zone)


class Stands:
    """Updates the message in place after every change of its meeting."""

    def __init__(
        self,
        *,
        opening: Opening,
        memory: Memory,
        voice: SlackVoice,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._opening = opening
        self._memory = memory
        self._voice = voice
        self._clock = clock

    def show(self, item: Item) -> None:
        """Have the message say how the meeting stands, and who changed it.

        Raises:
            TryLater: The CRM or Slack can't be asked; try again later.
        """
        made, now_made = str(item.payload["made"]), str(item.payload["now"])
        kept = self._memory.operations.get(made)
        where = self._memory.outbox.find(f"created:{made}")
        if kept is None or where is None:
            return
        try:
            zone = self._voice.person(kept.owner, now=self._clock()).zone
            found = of_operation(self._memory, self._opening, item.owner, now_made, zone)
        except Gone:
            text, link = say.NONE_LEFT.format(title=item.payload["title"]), ""
        except (NotAllowed, NotConnected):
            # Nobody to show it to, or nobody to ask as any more.
            return
        else:
            text, link = say.stands(found, zone), found.event.link
        message = _message(text, link, now_made, item.owner.user, self._clock())
        self._memory.outbox.owe(
            f"stands:{made}:{item.payload['by']}",
            kept.owner,
            channel=where[0],
            message={"text": message.text, "blocks": message.blocks},
            now=self._clock(),
            replaces=where,
        )


def _message(text: str, link: str, made: str, user: str, now: datetime) -> Message:
    said = escape(text)
    blocks = [section(said), context(say.BY.format(user=user, at=moment(now)))]
    if link:
        change = button(words.CHANGE, f"{ids.SERIES_OPEN}:{ids.MADE}", value=made)
        blocks.append(actions(change, button(words.LINK, ids.SERIES_LINK, url=link)))
    return Message(text=said, blocks=blocks)
