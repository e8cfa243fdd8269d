"""Creating in Slack: the operation is carried to the CRM, and its outcome told and shown."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.domain.connection import Owner
from bot.errors import Ambiguous, Gone, NotConnected, ParleyError, TryLater
from bot.journeys.meeting.create import Creation
from bot.journeys.meeting.draft import Draft, Objection
from bot.journeys.meeting.meet import Meet
from bot.journeys.meeting.outcomes import Failed, Outcome, Unknown, Waiting
from bot.journeys.notices import Asked, Created, NotCreated, Unsure
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.meeting.form import form, notice_view
from handlers.slack.message import Message, escape
from handlers.slack.message import say as paragraph
from handlers.slack.notices import shared
from handlers.slack.sentences import apologies
from handlers.slack.sentences import meet as say
from handlers.slack.voice import SlackVoice
from store.inbox import Item
from store.memory import Memory


class CreationDesk:
    """Does the inbox's creating work, one method a kind."""

    def __init__(
        self,
        *,
        meet: Meet,
        creation: Creation,
        memory: Memory,
        voice: SlackVoice,
        commands: ids.Commands,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *bell* wakes the lane in which creating is done."""
        self._meet = meet
        self._creation = creation
        self._memory = memory
        self._voice = voice
        self._commands = commands
        self._bell = bell
        self._clock = clock

    def create(self, item: Item) -> None:
        """Carry the operation to the CRM and tell the person what came of it.

        Raises:
            TryLater: The answer was lost; to be looked up again then.
        """
        operation_id = str(item.payload["draft"])
        self._tell(item, operation_id, self._creation.run(operation_id, item.owner))

    def given_up(self, item: Item) -> None:
        """Tell the person what is known of an operation that goes no further by itself.

        Raises:
            Gone: Its draft was swept.
        """
        operation_id = str(item.payload["draft"])
        self._tell(item, operation_id, self._creation.settle(operation_id, item.owner))

    def _tell(self, item: Item, operation_id: str, outcome: Outcome) -> None:
        match outcome:
            case Created():
                self._told_created(item.owner, outcome)
            case Failed():
                self._told_failed(item, operation_id, outcome.error)
            case Waiting():
                if outcome.first:
                    self._tell_unsure(item.owner, operation_id, outcome)
                raise TryLater("looking_up", seconds=outcome.seconds)
            case Unknown(title=title):
                asked = Asked(draft_id=operation_id, title=title)
                key = f"asked:{operation_id}:{item.id}"
                self._voice.tell(item.owner, key, asked, now=self._clock())

    def _told_created(self, owner: Owner, created: Created) -> None:
        key = f"created:{created.operation_id}"
        self._voice.tell(owner, key, created, now=self._clock())
        self._show(owner, created.operation_id, notice_view(say.created_view(created)))

    def _tell_unsure(self, owner: Owner, operation_id: str, waiting: Waiting) -> None:
        notice = Unsure(draft_id=operation_id, title=waiting.title)
        self._voice.tell(owner, f"unsure:{operation_id}", notice, now=self._clock())
        self._show(owner, operation_id, notice_view(say.UNSURE))

    def _told_failed(self, item: Item, operation_id: str, error: ParleyError) -> None:
        owner = item.owner
        page = self._meet.objected(operation_id, owner, error, now=self._clock())
        shown = self._show(owner, operation_id, form(page, self._commands))
        view_id, now = page.draft.view_id, self._clock()
        if shown and view_id and self._meet.look_up(page, owner, view_id, now=now):
            self._bell.ring()
        # Who must connect again leaves the form: the message brings them back to it.
        if shown and not isinstance(error, NotConnected):
            return
        objection = page.draft.objection or Objection(code=error.code)
        notice = NotCreated(
            draft_id=operation_id,
            title=page.draft.sheet.title,
            code=objection.code,
            field=objection.place,
            values=tuple(objection.values.items()),
        )
        self._voice.tell(owner, f"failed:{operation_id}:{item.id}", notice, now=self._clock())

    def _show(self, owner: Owner, operation_id: str, view: Mapping[str, Any]) -> bool:
        stored = self._memory.drafts.get(operation_id, owner)
        view_id = Draft.from_json(stored.data).view_id if stored else None
        if view_id is None:
            return False
        try:
            return self._voice.update_form(view_id, view)
        except TryLater:
            # The message says it anyway.
            return False

    def answer_asked(self, item: Item) -> None:
        """Take the person's answer after a lost answer: look again, or send it anyway."""
        click = payloads.click(item.payload)
        operation_id = click.value or ""
        with self._memory.atomically():
            anyway = click.action_id == ids.MEET_ANYWAY
            if not self._creation.again(operation_id, click.owner, anyway=anyway):
                # Answered already: a second click, a second device.
                return
            self._memory.inbox.put(
                f"again:{operation_id}:{item.id}",
                lane="work",
                kind="create",
                owner=item.owner,
                payload={"draft": operation_id},
                now=self._clock(),
            )
        self._bell.ring()

    def share(self, item: Item) -> None:
        """Share a created meeting in the channel its command was typed in."""
        click = payloads.click(item.payload)
        operation_id = click.value or ""
        try:
            created = self._creation.made(operation_id, click.owner)
            stored = self._memory.drafts.get(operation_id, click.owner)
            draft = Draft.from_json(stored.data) if stored else None
            if draft is None or draft.channel is None:
                raise Gone("shared_gone")
            if self._memory.marks.set(operation_id, "shared"):
                self._share(draft, draft.channel, shared(created, click.owner.user))
            elif item.tries > 1:
                # Killed in between: nobody knows whether Slack heard.
                raise Ambiguous("slack_answer_lost")
        except ParleyError as error:
            sorry = paragraph(escape(apologies.apology(error, self._commands)))
            key, now = f"reply:{item.id}", self._clock()
            self._voice.reply(click.owner, click.response_url, key, sorry, now=now)

    def _share(self, draft: Draft, channel: str, message: Message) -> None:
        # Slack can't be asked whether a post arrived: one attempt, unless it was refused.
        try:
            if draft.response_url is None or not self._voice.answer(
                draft.response_url, message, in_channel=True
            ):
                self._voice.post(channel, message)
        except (Gone, TryLater):
            self._memory.marks.take_back(draft.id, "shared")
            raise
