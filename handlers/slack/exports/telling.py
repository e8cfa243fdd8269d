"""Exports in direct messages: one message that follows each, and one notice of its end.

What is to be said stands in the job's own row; here it becomes messages owed. The message
is edited, one edit after the other: an older one can't come after a newer. The notice comes
when the last edit stands, in the message's thread.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.connection import Owner
from bot.domain.export import Query
from bot.domain.export_job import ExportJob, ExportState
from bot.journeys.ports import Atomic
from handlers.bells import Bell
from handlers.slack import ids
from handlers.slack.message import Block, Message, actions, button, context, cut, escape, section
from handlers.slack.sentences import export as say
from handlers.slack.sentences import export_asking
from store.exports.tellings import ExportTellings
from store.outbox import Outbox

LinkFor = Callable[[ExportJob], str]
"""Gives the address of a job's download page, for its owner alone."""

SETTLING: Final = timedelta(seconds=1)
"""How long an edit is given before it is looked whether it stands."""
LEASE_SECONDS: Final = 30.0
LONGEST_SAID: Final = 300
"""So much of what an export holds tells it from others."""
_NOTICED: Final = frozenset({ExportState.DONE, ExportState.FAILED})
_UNDER_WAY: Final = frozenset({"pending", "sending"})
_UNTIL: Final = "\ue000"
"""Stands for a moment while a text is escaped."""


class ExportTeller:
    """Turns what is to be said of exports into messages owed."""

    def __init__(
        self,
        *,
        tellings: ExportTellings,
        outbox: Outbox,
        memory: Atomic,
        link_for: LinkFor,
        commands: ids.Commands,
        bell: Bell,
        clock: Callable[[], datetime],
        told: Callable[[Owner, datetime], None] = lambda _owner, _now: None,
    ) -> None:
        """Take the parts.

        Args:
            tellings: The jobs of which something is to be said.
            outbox: Where messages are owed.
            memory: Keeps "owed" and "said" together.
            link_for: Gives a download page's address.
            commands: The slash commands' names here.
            bell: The sender's.
            clock: Aware now.
            told: Hears of everybody whose export has something new to say.
        """
        self._tellings = tellings
        self._outbox = outbox
        self._memory = memory
        self._link_for = link_for
        self._commands = commands
        self._bell = bell
        self._clock = clock
        self._told = told

    def round(self) -> bool:
        """Tell of one export; False when nothing is to be said now."""
        now = self._clock()
        due = self._tellings.next_due()
        if due is None or due > now:
            return False
        job = self._tellings.claim(now, LEASE_SECONDS)
        if job is not None:
            self.tell(job, now)
        return True

    def tell(self, job: ExportJob, now: datetime) -> None:
        """Owe the next thing to be said of a claimed job, and note it. One transaction."""
        with self._memory.atomically():
            said, settled = self._next(job, now)
            self._tellings.said(said, None if settled else now + SETTLING)
        self._bell.ring()
        if said.told != job.told:
            self._told(job.owner, now)

    def _next(self, job: ExportJob, now: datetime) -> tuple[ExportJob, bool]:
        """Return the job with what is said by now, and whether that was all."""
        key = f"export:{job.id}"
        if not job.told:
            self._outbox.owe(
                key, job.owner, channel=job.owner.user, message=self._message(job), now=now
            )
            return replace(job, told=job.version), False
        last = self._outbox.state(f"{key}:{job.told}") or self._outbox.state(key)
        if last in _UNDER_WAY:
            return job, False
        place = self._outbox.find(key)
        if place is not None:
            job = replace(job, channel=place[0], ts=place[1])
        if job.version > job.told:
            self._edit(job, f"{key}:{job.version}", now)
            return replace(job, told=job.version), False
        if job.state in _NOTICED and not job.noticed:
            self._notice(job, f"{key}:end", now, threaded=last != "failed")
            job = replace(job, noticed=True)
        return job, True

    def _edit(self, job: ExportJob, key: str, now: datetime) -> None:
        if job.channel is None or job.ts is None:
            # Slack never took the message: the notice says it all.
            return
        self._outbox.owe(
            key,
            job.owner,
            channel=job.channel,
            message=self._message(job),
            now=now,
            replaces=(job.channel, job.ts),
        )

    def _notice(self, job: ExportJob, key: str, now: datetime, *, threaded: bool) -> None:
        placed = threaded and job.channel is not None
        self._outbox.owe(
            key,
            job.owner,
            channel=(job.channel if placed else None) or job.owner.user,
            message=_packed(self.notice(job)),
            now=now,
            thread_ts=job.ts if placed else None,
        )

    def _message(self, job: ExportJob) -> dict[str, object]:
        return _packed(self.message(job))

    def message(self, job: ExportJob) -> Message:
        """Return the message that follows an export, as it stands."""
        said = standing(job, self._commands)
        return Message(
            text=f"{escape(say.title(job))}: {said}",
            blocks=[section(f"{headed(job)}\n{said}"), *self._details(job)],
        )

    def notice(self, job: ExportJob) -> Message:
        """Return the notice of an export's end."""
        said = _dated(say.notice(job, self._commands, _UNTIL), job)
        return Message(text=said, blocks=[section(said), *self._details(job)])

    def _details(self, job: ExportJob) -> list[Block]:
        noted = job.progress
        if job.state is not ExportState.DONE:
            return []
        blocks = []
        short = say.shortage(noted, self._commands)
        if short is not None:
            blocks.append(section(f":warning: *{escape(short)}*"))
        if noted.files:
            blocks.append(context(*(escape(line) for line in say.checksums(noted))))
            link = self._link_for(job)
            blocks.append(actions(button(say.OPEN, ids.EXPORT_LINK, url=link, style="primary")))
        return blocks


def headed(job: ExportJob) -> str:
    """Return what tells an export from others, as mrkdwn: its title, and what it holds."""
    holds = cut(export_asking.said(Query.from_json(job.query)), LONGEST_SAID)
    return f"*{escape(say.title(job))}*\n{escape(holds)}"


def standing(job: ExportJob, commands: ids.Commands) -> str:
    """Return how far an export is, as mrkdwn."""
    return _dated(say.status(job, commands, _UNTIL), job)


def _packed(message: Message) -> dict[str, object]:
    return {"text": message.text, "blocks": message.blocks}


def _dated(text: str, job: ExportJob) -> str:
    return escape(text).replace(_UNTIL, say.moment(job.expires_at))
