"""What the tests of series share: a bot's parts over a CRM in the same process, with its clock."""

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from bot.crm.accounts import SCOPES, Accounts, Client
from bot.crm.changes import Changes
from bot.crm.events import Events
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import (
    Account,
    DataCenter,
    Grant,
    GrantState,
    Owner,
    Secret,
    Tokens,
)
from bot.domain.meeting import Meeting
from bot.domain.participants import Kind, Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.journeys.account.access import CrmAccess
from bot.journeys.meeting.allowance import Allowance
from bot.journeys.meeting.create import Creation
from handlers.bells import Bell
from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.site import CrmSide
from handlers.sandbox.web import Answer, Cut, Request
from handlers.slack.message import Message
from handlers.slack.voice import SlackVoice
from handlers.wiring.series import series_journeys
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

PER_DAY = 60
"""How many people one may invite within a day."""
ORIGIN = "http://127.0.0.1:9"
ADA = Owner("T0PARLEY", "U0ADA")
BEN = Owner("T0PARLEY", "U0BEN")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 1, 14, 9, tzinfo=NEW_YORK)
START = datetime(2026, 2, 2, 10, tzinfo=NEW_YORK)
WEEKLY = Meeting(
    title="Pipeline review",
    start=START,
    end=START + timedelta(hours=1),
    zone="America/New_York",
    recurrence=Recurrence.weekly(Weekday.MO).times(5),
    participants=(Participant.by_email("guest@example.com"),),
    venue="Room 1",
)


class Killed(BaseException):
    """The process ends here."""


class Lost(Exception):
    """The answer never comes."""


Around = Callable[[Request, Callable[[], Answer]], Answer]


class Wire(BaseAdapter):
    """Carries requests to the CRM in this process.

    Attributes:
        around: May count, cut or kill; gets the request and what carries it out.
        calls: Method and path of everything that was sent.
    """

    def __init__(self, side: CrmSide) -> None:
        """Serve from *side*."""
        super().__init__()
        self._side = side
        self.around: Around | None = None
        self.calls: list[tuple[str, str]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return the CRM's answer.

        Raises:
            ConnectionError: It never comes.
        """
        asked = _asked(request)
        self.calls.append((asked.method, asked.path))

        def page() -> Answer:
            return self._side.site.handle(asked)

        try:
            answer = page() if self.around is None else self.around(asked, page)
        except (Cut, Lost):
            raise requests.ConnectionError from None
        return _answered(answer)

    def close(self) -> None:
        """Nothing is open."""


def _asked(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    queries = tuple(parse_qsl(parts.query, keep_blank_values=True))
    body = request.body or b""
    return Request(
        method=request.method or "",
        path=parts.path,
        query=dict(queries),
        queries=queries,
        headers={name.lower(): str(value) for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else body,
    )


def _answered(answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(dict(answer.headers))
    response.raw = HTTPResponse(
        body=io.BytesIO(answer.body), status=answer.status, preload_content=False
    )
    return response


class WiredTransport(Transport):
    """The real transport over the wire in this process."""

    def __init__(self, wire: Wire, sleep: Callable[[float], None]) -> None:
        """Send everything over *wire*."""
        super().__init__(sleep=sleep)
        self._wired = requests.Session()
        self._wired.trust_env = False
        self._wired.mount("http://", wire)

    def _session(self) -> requests.Session:
        return self._wired


def _render(notice: object) -> Message:
    return Message(text=type(notice).__name__, blocks=[])


class Stage:
    """The CRM, the bot's memory, and the journeys of series between them."""

    def __init__(self) -> None:
        """Wire the parts as the bot does; Ada and Ben are connected."""
        self.clock = Clock()
        self.clock.freeze(NOW)
        self.side = CrmSide(self.clock)
        self.side.world.origin = ORIGIN
        self.wire = Wire(self.side)
        self.memory: Memory = open_memory(None, Keyring([b"k" * 32]), self.now())
        self.transport = WiredTransport(self.wire, self.sleep)
        world = self.side.world
        client = Client(id=world.grants.client_id, secret=Secret(world.grants.client_secret))
        self.accounts = Accounts(
            self.transport,
            Places(DataCenter.US, loopback=(ORIGIN, ORIGIN)),
            {DataCenter.US: client},
            f"{ORIGIN}/oauth/callback",
        )
        voice = SlackVoice(
            token=Secret("xoxb-made-up"),
            api_url=f"{ORIGIN}/api/",
            outbox=self.memory.outbox,
            profiles=self.memory.profiles,
            render=_render,
            bell=Bell(),
        )
        self.access = CrmAccess(
            grants=self.memory.grants,
            renewals=self.memory.renewals,
            accounts=self.accounts,
            voice=voice,
            audit=self.memory.audit,
            memory=self.memory,
            holder="one",
            sleep=self.sleep,
            random=lambda: 0.5,
        )
        self.events = Events(self.transport)
        self.creation = Creation(
            operations=self.memory.operations,
            drafts=self.memory.drafts,
            grants=self.memory.grants,
            organizations=self.memory.organizations,
            access=self.access,
            events=self.events,
            now=self.now,
        )
        journeys = series_journeys(
            memory=self.memory,
            access=self.access,
            transport=self.transport,
            events=self.events,
            creation=self.creation,
            allowance=Allowance(self.memory.invitations, PER_DAY),
            now=self.now,
            sleep=self.sleep,
        )
        self.changes = Changes(self.transport)
        self.opening = journeys.opening
        self.changing = journeys.changing
        self.removing = journeys.removing
        self.rerule = journeys.rerule
        self.meetings = journeys.meetings
        self.grants = {ADA: self.connect(ADA, "ada"), BEN: self.connect(BEN, "ben")}

    def connect(self, owner: Owner, name: str) -> Grant:
        """Connect somebody with their CRM account."""
        user = self.user(name)
        refresh = self.side.world.grants.add_refresh(user["id"], " ".join(SCOPES))
        return self.memory.grants.keep(
            owner,
            DataCenter.US,
            Account(
                user_id=user["id"],
                email=user["email"],
                name=user["full_name"],
                zone=user["time_zone"],
                org_id="900",
                org_name="Example Sales",
            ),
            Tokens(
                access=Secret("none-yet"),
                refresh=Secret(refresh),
                expires_at=self.now(),
                api_origin=ORIGIN,
                scopes=SCOPES,
            ),
            state=GrantState.ACTIVE,
            now=self.now(),
        )

    def user(self, name: str) -> dict[str, Any]:
        """Return the CRM user of that first name."""
        found: dict[str, Any] | None = self.side.world.user_named(f"{name}@example.com")
        assert found is not None
        return found

    def now(self) -> datetime:
        """Return the time of the CRM and of the bot."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.clock.advance(seconds)

    def turn(self, switches: Mapping[str, object]) -> None:
        """Turn switches of the CRM."""
        assert "" == self.side.world.switches.turn(dict(switches))

    def make(self, meeting: Meeting = WEEKLY, owner: Owner = ADA) -> tuple[str, ...]:
        """Make a meeting in the CRM, long ago enough not to be new any more."""
        made = self.access.call(
            self.grants[owner].id,
            lambda access: self.events.create(access, meeting, marker="made"),
            now=self.now,
        )
        self.sleep(600)
        return made

    def record(self, event_id: str) -> dict[str, Any]:
        """Return a meeting as the CRM holds it."""
        found: dict[str, Any] = self.side.world.records("Events")[event_id]
        return found

    def people(self, event_id: str) -> set[str]:
        """Return who takes part in a meeting, by id or address."""
        return {str(row["participant"]) for row in self.record(event_id)["Participants"]}

    def edit(self, event_id: str, **values: Any) -> None:
        """Change a meeting at the CRM, as somebody does in its own pages."""
        record = self.record(event_id)
        record.update(values)
        self.side.world.touch(record, self.user("ben"))

    def colleague(self, name: str) -> Participant:
        """Return a CRM user as a participant."""
        user = self.user(name)
        return Participant(kind=Kind.USER, ref=user["id"], name=user["full_name"])

    def writes(self) -> list[tuple[str, str]]:
        """Return the writes that were sent, tokens and queries aside."""
        return [
            (method, path)
            for method, path in self.wire.calls
            if method != "GET" and path.startswith("/crm/v8/Events")
        ]

    def close(self) -> None:
        """End."""
        self.transport.close()
        self.memory.close()


@contextmanager
def stage() -> Iterator[Stage]:
    """Run a stage."""
    found = Stage()
    try:
        yield found
    finally:
        found.close()


def killed_at(stage: Stage, number: int, *, after: bool) -> Around:
    """Return what kills the bot at its so-manieth request, before or after it has effect."""
    left = [number]
    lock = threading.Lock()

    def around(_: Request, page: Callable[[], Answer]) -> Answer:
        with lock:
            left[0] -= 1
        if left[0]:
            return page()
        if after:
            page()
        stage.wire.around = None
        raise Killed

    return around
