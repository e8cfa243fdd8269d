"""The composition root: every part made once, named, and handed to who needs it."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from random import random

from bot.crm.transport import Transport
from bot.domain.connection import Owner
from bot.journeys.account.access import CrmAccess
from bot.journeys.account.administration import Administration
from bot.journeys.account.connect import Connect
from bot.journeys.account.leaving import Leaving
from handlers.bells import Bell
from handlers.exporting import Exporting
from handlers.sender import Sender
from handlers.settings import Settings
from handlers.slack import app as slack_app
from handlers.slack.account.admin import AdminDesk
from handlers.slack.account.connecting import ConnectArea
from handlers.slack.account.departures import Departures
from handlers.slack.desk import Desk
from handlers.slack.ids import Commands
from handlers.slack.notices import Notices
from handlers.slack.voice import SlackVoice
from handlers.sweeper import Sweeper
from handlers.web.health import Health
from handlers.web.oauth import OauthPages
from handlers.web.router import Router
from handlers.web.slack_front import SlackFront
from handlers.wiring import connections
from handlers.wiring.exports import export_area, home_section
from handlers.wiring.meeting import MeetingRooms
from handlers.worker import Lane, Worker
from store.memory import open_memory
from store.sealing.keys import find_keys

LANES = (
    # Opening forms has threads of its own: a trigger lives three seconds.
    Lane(name="form", threads=4, lease_seconds=30),
    # Previews and answers that need no CRM: a stalled CRM must not hold them up.
    Lane(name="quick", threads=4, lease_seconds=60),
    # Longer than a create of seven series with a slow CRM.
    Lane(name="work", threads=8, lease_seconds=400),
)


def utc_now() -> datetime:
    """Return the time of this machine, aware."""
    return datetime.now(UTC)


class House:
    """A wired Parley: memory, journeys, worker, sender, sweeper and the web front.

    Made with ``build``; ``start`` begins to work, ``stop`` ends cleanly.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Make every part; nothing runs yet.

        Args:
            settings: What Parley was told.
            clock: Aware now. Tests and the demo follow the sandbox's clock; ``parley
                serve`` has only the real one.

        Raises:
            Fault: The database can't be opened, or the key is wrong or missing.
        """
        self.settings = settings
        self.clock = clock
        self.commands = Commands(settings.prefix)
        database = settings.data_dir / "parley.db"
        self.keys = find_keys(
            database,
            credentials=settings.credentials,
            key_file=settings.key_file,
            text=settings.key.reveal() if settings.key else None,
        )
        client_ids = {center: client.id for center, client in settings.clients.items()}
        self.memory = open_memory(database, self.keys.keyring, clock(), client_ids=client_ids)
        self.transport = Transport()
        self.bells = {lane.name: Bell() for lane in LANES}
        self.outbox_bell = Bell()
        self._make_voice()
        self._make_journeys()
        self._make_slack()
        self._make_web()

    def _make_voice(self) -> None:
        settings, memory = self.settings, self.memory
        notices = Notices(self.commands)
        self.voice = SlackVoice(
            token=settings.slack_token,
            api_url=settings.slack_api,
            outbox=memory.outbox,
            profiles=memory.profiles,
            render=notices.render,
            bell=self.outbox_bell,
            told=self._changed,
        )
        self.sender = Sender(
            outbox=memory.outbox,
            client=self.voice.client,
            bell=self.outbox_bell,
            clock=self.clock,
        )

    def _changed(self, owner: Owner, now: datetime) -> None:
        self.meetings.home.refresh(owner, now)

    def _make_journeys(self) -> None:
        settings, memory, transport = self.settings, self.memory, self.transport
        accounts = connections.accounts(settings, transport)
        self.access = CrmAccess(
            grants=memory.grants,
            renewals=memory.renewals,
            accounts=accounts,
            voice=self.voice,
            audit=memory.audit,
            memory=memory,
            holder=uuid.uuid4().hex,
            sleep=time.sleep,
            random=random,
        )
        self.exporting = Exporting(
            settings=settings,
            memory=memory,
            transport=transport,
            access=self.access,
            commands=self.commands,
            sender_bell=self.outbox_bell,
            changed=self._changed,
            clock=self.clock,
        )
        kept = connections.kept(memory)
        self.leaving = Leaving(kept, accounts, ends=(self.exporting.journey.disconnected,))
        self.administration = Administration(kept, self.leaving, self.voice, settings.policy.admins)
        self.connect = Connect(
            states=memory.states,
            kept=kept,
            accounts=accounts,
            leaving=self.leaving,
            drafts=memory.drafts,
            voice=self.voice,
            workspace=self.voice.workspace,
            public_url=settings.public_url,
        )
        self.meetings = MeetingRooms(
            settings=settings,
            memory=memory,
            access=self.access,
            transport=transport,
            connect=self.connect,
            voice=self.voice,
            bell=self.bells["work"],
            clock=self.clock,
            sections=(home_section(self.exporting, self.commands),),
        )

    def _make_slack(self) -> None:
        memory = self.memory
        self.areas = (
            ConnectArea(
                connect=self.connect,
                admin=AdminDesk(self.administration, self.commands),
                voice=self.voice,
                commands=self.commands,
                clock=self.clock,
            ),
            export_area(
                exporting=self.exporting,
                memory=memory,
                transport=self.transport,
                access=self.access,
                connect=self.connect,
                voice=self.voice,
                typeahead=self.meetings.typeahead,
                bell=self.bells["work"],
                commands=self.commands,
                clock=self.clock,
            ),
            *self.meetings.areas,
        )
        self.desk = Desk(
            meet=self.meetings.desk,
            creation=self.meetings.creating,
            voice=self.voice,
            commands=self.commands,
            inbox=memory.inbox,
            clock=self.clock,
            bells=self.bells,
            areas=self.areas,
        )
        self.departures = Departures(
            connections.kept(memory),
            self.leaving,
            self.voice,
            memory.inbox,
            unused_days=self.settings.policy.unused_days,
            clock=self.clock,
        )
        self.worker = Worker(
            inbox=memory.inbox,
            lanes=LANES,
            handlers={**self.desk.handlers(), **self.departures.handlers()},
            give_up=self.desk.give_up,
            bells=self.bells,
            clock=self.clock,
        )
        self.sweeper = Sweeper(
            memory=memory,
            leaving=self.leaving,
            departures=self.departures,
            policy=self.settings.policy,
            clock=self.clock,
        )

    def _make_web(self) -> None:
        settings = self.settings
        bolt = slack_app.build(
            token=settings.slack_token,
            commands=self.commands,
            keep=self.desk.keep,
            helps=self.desk.helps(),
            submit=self.meetings.desk.submit,
            options=self.meetings.typeahead.options,
            areas=self.areas,
        )
        self.wsgi = Router(
            (
                *SlackFront(
                    settings.slack_secrets, self.clock, slack_app.dispatcher(bolt)
                ).routes(),
                *OauthPages(
                    self.connect,
                    clock=self.clock,
                    public_url=settings.public_url,
                    accounts_origins=connections.places(settings).accounts_origins(),
                    crm_command=self.commands.crm,
                ).routes(),
                *self.exporting.routes(),
                *Health(
                    {
                        "database": lambda: self.memory.db.row("SELECT 1") is not None,
                        "worker": lambda: self.worker.alive,
                        "sender": lambda: self.sender.alive,
                        "exports": lambda: self.exporting.dispatcher.alive,
                    }
                ).routes(),
            )
        )

    def start(self) -> None:
        """Begin to work through what is owed and kept."""
        self.older = self.memory.epoch.begin(self.clock())
        if self.older:
            self.departures.nightly(self.clock(), at_once=True)
        self.memory.serving.begin(self.keys.keyring.first)
        self.worker.start()
        self.exporting.dispatcher.start()
        self.sender.start()
        self.sweeper.start()

    def stop(self) -> None:
        """Claim nothing more, finish what is under way, close the memory."""
        self.worker.stop()
        self.exporting.dispatcher.stop()
        self.sender.stop()
        self.sweeper.stop()
        self.memory.serving.end()
        self.close()

    def close(self) -> None:
        """Close what was opened, where nothing was started."""
        self.meetings.typeahead.close()
        self.transport.close()
        self.memory.close()
