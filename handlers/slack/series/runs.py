"""Confirmed operations on meetings: carried out once, told, gone on with, undone."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.connection import Owner
from bot.errors import Gone, ParleyError, TryLater
from bot.journeys.meeting.outcomes import Failed, Waiting
from bot.journeys.series.change import Outcome
from bot.journeys.series.endings import (
    Ending,
    RemovalOutcome,
    RemovalShownAgain,
    RemovalStopped,
    Removed,
)
from bot.journeys.series.plan import Changed, Going, ShownAgain, Stopped
from bot.journeys.series.rule_plan import Reruled, RuleOutcome, Standing, WentBack
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.meeting.form import View
from handlers.slack.message import Message, escape
from handlers.slack.message import say as paragraph
from handlers.slack.sentences import series as words
from handlers.slack.sentences import series_outcomes as say
from handlers.slack.series import stands, told
from handlers.slack.series.desk import SeriesDesk
from handlers.slack.series.forms import saying, window
from handlers.slack.series.previews import Ref, Work, shown_again
from handlers.slack.series.windows import show
from handlers.slack.voice import SlackVoice
from handlers.wiring.series import SeriesJourneys
from store.inbox import Item
from store.memory import Memory

KIND = "series_run"


class Runs:
    """Does the inbox's work about confirmed operations, one method a kind."""

    def __init__(
        self,
        *,
        journeys: SeriesJourneys,
        desk: SeriesDesk,
        memory: Memory,
        voice: SlackVoice,
        commands: ids.Commands,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *bell* wakes the lane of slower work."""
        self._journeys = journeys
        self._desk = desk
        self._memory = memory
        self._voice = voice
        self._commands = commands
        self._bell = bell
        self._clock = clock

    # -- clicks -------------------------------------------------------------------------

    def confirm(self, item: Item) -> None:
        """Have a previewed operation carried out; a second press changes nothing."""
        click = payloads.click(item.payload)
        ref, view_id = Ref.of(click.value or ""), self._working(click)
        if not self._queue(item, ref, view_id, f"run:{ref.id}"):
            self._pressed_again(item, click, ref, view_id)

    def go_on(self, item: Item) -> None:
        """Let a stopped operation go on, or back, as its button says."""
        click = payloads.click(item.payload)
        ref, how = Ref.of(click.value or ""), click.action_id.partition(":")[2]
        view_id = self._working(click)
        try:
            with self._memory.atomically():
                again = self._again(ref, how, item.owner)
                if again:
                    self._put(item, ref, view_id, f"run:{ref.id}:{item.id}")
        except ParleyError as error:
            self._answer(item, click, words.sorry(error, self._commands), view_id)
            return
        if again:
            self._bell.ring()
        else:
            self._pressed_again(item, click, ref, view_id)

    def _again(self, ref: Ref, how: str, owner: Owner) -> bool:
        journeys = self._journeys
        match ref.work:
            case Work.CHANGE:
                return journeys.changing.again(ref.id, owner)
            case Work.REMOVAL:
                return journeys.removing.again(ref.id, owner)
            case Work.RULE if how == told.BACK:
                return journeys.rerule.go_back(ref.id, owner)
            case Work.RULE:
                ending = Ending.DELETE if how == told.DELETE else None
                anyway = how == told.ANYWAY
                return journeys.rerule.go_on(ref.id, owner, anyway=anyway, ending=ending)

    def undo(self, item: Item) -> None:
        """Have a change undone, within its ten minutes; a second press changes nothing."""
        click = payloads.click(item.payload)
        ref = Ref.of(click.value or "")
        back = Ref(work=Work.CHANGE, id=f"{ref.id}-undo", made=ref.made)
        view_id = self._working(click)
        try:
            self._journeys.changing.undo(ref.id, back.id, item.owner)
        except ParleyError as error:
            self._answer(item, click, words.sorry(error, self._commands), view_id)
            return
        if not self._queue(item, back, view_id, f"run:{back.id}"):
            self._pressed_again(item, click, back, view_id)

    def _working(self, click: payloads.Click) -> str | None:
        """Say in the window of a press that it works; return its id where that is shown.

        A second press that comes late leaves what the first has led to: it has seen an
        older view.
        """
        if click.view is None:
            return None
        view_id, seen = str(click.view["id"]), click.view.get("hash")
        shown = show(self._voice, view_id, saying(words.RUNNING), view_hash=seen)
        return view_id if shown else None

    def _pressed_again(
        self, item: Item, click: payloads.Click, ref: Ref, view_id: str | None
    ) -> None:
        """Answer a press on a button whose operation has ended long since.

        While it is under way, a second press is the double click that it looks like.
        """
        kept = self._memory.operations.get(ref.id)
        ended = kept is not None and kept.state in ("confirmed", "failed")
        if ended and item.tries == 1 and (view_id or click.view is None):
            self._answer(item, click, words.ANSWERED, view_id)

    def _answer(self, item: Item, click: payloads.Click, text: str, view_id: str | None) -> None:
        if view_id and show(self._voice, view_id, saying(text)):
            return
        key = f"reply:{item.id}"
        message = paragraph(escape(text))
        self._voice.reply(item.owner, click.response_url, key, message, now=self._clock())

    def _queue(self, item: Item, ref: Ref, view_id: str | None, key: str) -> bool:
        fresh = self._put(item, ref, view_id, key)
        if fresh:
            self._bell.ring()
        return fresh

    def _put(self, item: Item, ref: Ref, view_id: str | None, key: str) -> bool:
        return self._memory.inbox.put(
            key,
            lane="work",
            kind=KIND,
            owner=item.owner,
            payload={"ref": str(ref), "view": view_id},
            now=self._clock(),
        )

    # -- work ---------------------------------------------------------------------------

    def run(self, item: Item) -> None:
        """Take an operation as far as it gets now, and tell what came of it.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        ref = Ref.of(str(item.payload["ref"]))
        try:
            match ref.work:
                case Work.CHANGE:
                    self._changed(item, ref, self._journeys.changing.run(ref.id, item.owner))
                case Work.REMOVAL:
                    self._removed(item, ref, self._journeys.removing.run(ref.id, item.owner))
                case Work.RULE:
                    self._reruled(item, ref, self._journeys.rerule.run(ref.id, item.owner))
        except Gone as error:
            self._tell(item, f"gone:{item.id}", told.message(words.sorry(error, self._commands)))

    def given_up(self, item: Item) -> None:
        """Tell where an operation stands that can't be taken further now.

        Raises:
            Gone: It was swept.
        """
        ref = Ref.of(str(item.payload["ref"]))
        match ref.work:
            case Work.CHANGE:
                self._changed(item, ref, self._journeys.changing.settle(ref.id, item.owner))
            case Work.REMOVAL:
                self._removed(item, ref, self._journeys.removing.settle(ref.id, item.owner))
            case Work.RULE:
                self._reruled(item, ref, self._journeys.rerule.settle(ref.id, item.owner))

    def _changed(self, item: Item, ref: Ref, outcome: Outcome) -> None:
        match outcome:
            case Changed():
                message = told.changed(outcome, ref, self._commands)
                self._tell(item, f"changed:{ref.id}", message)
                self._follow(item, ref, outcome.plan.title)
            case ShownAgain(prepared=prepared):
                message = shown_again(outcome, ref.made, prepared.plan.zone)
                self._tell(item, f"again:{prepared.operation_id}", message)
            case Stopped():
                message = told.stopped(outcome, ref, self._commands)
                self._tell(item, f"stopped:{ref.id}:{item.id}", message)
            case Going(done=done, total=total):
                self._show(item, saying(say.GOING.format(done=done, total=total)))
                self._queue(item, ref, self._view(item), f"run:{ref.id}:{item.id}")
            case Failed(error=error):
                self._failed_change(item, ref, error)

    def _failed_change(self, item: Item, ref: Ref, error: ParleyError) -> None:
        why = words.sorry(error, self._commands)
        title = self._journeys.changing.prepared(ref.id, item.owner).plan.title
        if not self._show(item, self._desk.retry(item.owner, ref, why)):
            message = told.failed_change(title, why, ref)
            self._voice.owe(item.owner, f"failed:{ref.id}", message, now=self._clock())

    def _removed(self, item: Item, ref: Ref, outcome: RemovalOutcome) -> None:
        match outcome:
            case Removed(removal=removal):
                zone = self._zone(item.owner)
                self._tell(item, f"removed:{ref.id}", told.removed(outcome, zone, self._commands))
                self._follow(item, ref, removal.title)
            case RemovalShownAgain(prepared=prepared):
                message = shown_again(outcome, ref.made, self._zone(item.owner))
                self._tell(item, f"again:{prepared.operation_id}", message)
            case RemovalStopped():
                message = told.removal_stopped(outcome, ref, self._commands)
                self._tell(item, f"stopped:{ref.id}:{item.id}", message)
            case Failed(error=error):
                removal = self._journeys.removing.prepared(ref.id, item.owner).removal
                why = words.sorry(error, self._commands)
                self._tell(item, f"failed:{ref.id}", told.failed_removal(removal, why))

    def _reruled(self, item: Item, ref: Ref, outcome: RuleOutcome) -> None:
        match outcome:
            case Reruled(plan=plan, created=created):
                # The message of the new series' creation, for the changes after this one.
                self._tell(item, f"created:{created.operation_id}", told.reruled(outcome))
                self._follow(item, ref, plan.title, now=created.operation_id)
            case Standing():
                zone = self._zone(item.owner)
                message = told.standing(outcome, ref, zone, self._commands)
                self._tell(item, f"standing:{ref.id}:{item.id}", message)
            case WentBack(plan=plan):
                text = say.WENT_BACK.format(title=plan.title)
                self._tell(item, f"back:{ref.id}", told.message(text))
            case Waiting(seconds=seconds, first=first, title=title):
                if first:
                    text = say.WAITING.format(title=title)
                    self._tell(item, f"unsure:{ref.id}", told.message(text))
                raise TryLater("looking_up", seconds=seconds)
            case Failed(error=error):
                plan = self._journeys.rerule.prepared(ref.id, item.owner).plan
                why = words.sorry(error, self._commands)
                self._tell(item, f"failed:{ref.id}", told.failed_rule(plan, why))

    def _follow(self, item: Item, ref: Ref, title: str, *, now: str | None = None) -> None:
        """Have the message of the meeting's creation show how it stands now."""
        if ref.made is None:
            return
        self._memory.inbox.put(
            f"stands:{ref.id}",
            lane="work",
            kind=stands.KIND,
            owner=item.owner,
            payload={"made": ref.made, "now": now or ref.made, "title": title, "by": ref.id},
            now=self._clock(),
        )
        self._bell.ring()

    def _zone(self, owner: Owner) -> str:
        return self._voice.person(owner, now=self._clock()).zone

    def _tell(self, item: Item, key: str, message: Message) -> None:
        self._voice.owe(item.owner, key, message, now=self._clock())
        self._show(item, window(None, message.blocks))

    def _show(self, item: Item, view: View) -> bool:
        view_id = self._view(item)
        return bool(view_id and show(self._voice, view_id, view))

    @staticmethod
    def _view(item: Item) -> str | None:
        kept = item.payload.get("view")
        return str(kept) if kept else None
