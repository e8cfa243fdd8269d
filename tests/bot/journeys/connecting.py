"""What the tests of connecting share: a bot's parts on a real file, beside a running sandbox."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.crm.accounts import Accounts, Client
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import DataCenter, Owner, Secret
from bot.journeys.account.access import CrmAccess
from bot.journeys.account.connect import Connect
from bot.journeys.account.connecting import Begun
from bot.journeys.account.leaving import Leaving
from bot.journeys.notices import Notice, OfConnecting
from handlers.bells import Bell
from handlers.sandbox.run import Sandbox
from handlers.slack.message import Message
from handlers.slack.sentences import connect as connect_say
from handlers.slack.voice import SlackVoice
from handlers.wiring.connections import kept
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

ADA = Owner("T0PARLEY", "U0ADA")
BEN = Owner("T0PARLEY", "U0BEN")
PAT = Owner("T0PARLEY", "U0PAT")  # Slack and the CRM know Pat by different addresses
EVA = Owner("T0PARLEY", "U0EVA")  # deactivated
PUBLIC = "http://127.0.0.1:8765"


class Town:
    """The sandbox, the bot's memory, and the two journeys between them."""

    def __init__(self, sandbox: Sandbox, path: Path) -> None:
        """Wire the parts as the bot does."""
        self.sandbox = sandbox
        self.told = sandbox.announcement()
        scopes = ["chat:write", "users:read", "users:read.email"]
        manifest = {"oauth_config": {"scopes": {"bot": scopes}}}
        self.control(
            "/control/slack/install",
            {"request_url": f"{PUBLIC}/slack/events", "manifest": manifest},
        )
        self.memory: Memory = open_memory(path, Keyring([b"k" * 32]), self.now())
        self.transport = Transport(total_seconds=5.0, sleep=lambda _: None)
        self.accounts = self.accounts_at(self.told["accounts_url"])
        self.voice = SlackVoice(
            token=Secret(self.told["slack_bot_token"]),
            api_url=self.told["slack_api_url"],
            outbox=self.memory.outbox,
            profiles=self.memory.profiles,
            render=_render,
            bell=Bell(),
        )
        self.leaving = self.leaving_with(self.accounts)
        self.connect = self.connect_with(self.accounts)
        self.access = self.access_of("one")

    def accounts_at(self, origin: str) -> Accounts:
        """Return the hands in an accounts server at *origin*."""
        client = Client(id=self.told["client_id"], secret=Secret(self.told["client_secret"]))
        return Accounts(
            self.transport,
            Places(DataCenter.US, loopback=(origin, self.told["api_url"])),
            {DataCenter.US: client},
            f"{PUBLIC}/oauth/callback",
        )

    def connect_with(self, accounts: Accounts) -> Connect:
        """Return the journey over other *accounts*."""
        return Connect(
            states=self.memory.states,
            kept=kept(self.memory),
            accounts=accounts,
            leaving=self.leaving_with(accounts),
            drafts=self.memory.drafts,
            voice=self.voice,
            workspace=lambda team: f"Workspace {team}",
            public_url=PUBLIC,
        )

    def leaving_with(self, accounts: Accounts) -> Leaving:
        """Return the way out over other *accounts*."""
        return Leaving(kept(self.memory), accounts)

    def access_of(self, holder: str, sleep: Any = None) -> CrmAccess:
        """Return the access of one process."""
        return CrmAccess(
            grants=self.memory.grants,
            renewals=self.memory.renewals,
            accounts=self.accounts,
            voice=self.voice,
            audit=self.memory.audit,
            memory=self.memory,
            holder=holder,
            sleep=sleep or self.pass_time,
            random=lambda: 0.5,
        )

    def now(self) -> datetime:
        """Return the sandbox's time, which is the bot's."""
        return self.sandbox.clock.now()

    def pass_time(self, seconds: float) -> None:
        """Let the common clock run ahead."""
        self.sandbox.clock.advance(seconds)

    def begin(self, owner: Owner, draft_id: str | None = None) -> Begun:
        """Follow a fresh link up to the CRM."""
        link = self.connect.link(owner, now=self.now(), draft_id=draft_id)
        return self.connect.begin(token_of(link), self.now())

    def consent(self, consent_url: str, email: str, *, decision: str = "accept") -> dict[str, Any]:
        """Sign in at the sandbox as *email*; return the arguments of `finish`, but the cookie."""
        query = urlsplit(consent_url).query
        status, headers, _ = self.post(
            f"/oauth/v2/consent?{query}&{urlencode({'sandbox_user': email})}",
            {"decision": decision},
        )
        assert status == 302
        back = dict(parse_qsl(urlsplit(headers["Location"]).query))
        return {
            "state": back.get("state"),
            "code": back.get("code"),
            "location": back.get("location"),
            "accounts_server": back.get("accounts-server"),
            "error": back.get("error"),
        }

    def connected(self, owner: Owner, email: str) -> str:
        """Connect *owner* as *email*, the code typed where one is needed; return the grant's id."""
        begun = self.begin(owner)
        outcome = self.connect.finish(
            **self.consent(begun.consent_url, email), cookie=begun.cookie.reveal(), now=self.now()
        )
        if outcome.code is not None:
            self.connect.confirm(owner, outcome.code.reveal(), self.now())
        grant = self.memory.grants.in_use(owner)
        assert grant is not None
        return grant.id

    def post(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, str], str]:
        """Post a form to the sandbox."""
        return self._send("POST", path, urlencode(form), "application/x-www-form-urlencoded")

    def control(self, path: str, body: object) -> None:
        """Turn one of the sandbox's knobs."""
        status, _, text = self._send("POST", path, json.dumps(body), "application/json")
        assert status < 300, text

    def _send(
        self, method: str, path: str, body: str, kind: str
    ) -> tuple[int, dict[str, str], str]:
        where = urlsplit(self.told["accounts_url"])
        line = http.client.HTTPConnection(str(where.hostname), where.port, timeout=10)
        try:
            line.request(method, path, body, {"Content-Type": kind})
            answer = line.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            line.close()

    def refresh_calls(self) -> int:
        """Return how many refreshes the accounts server has been asked for."""
        return sum(
            1
            for one in self.sandbox.crm.traffic.listing()
            if one["path"] == "/oauth/v2/token" and one["body"]["grant_type"] == "refresh_token"
        )

    def notices(self) -> list[str]:
        """Return the texts owed, in order, once."""
        owed = self.memory.outbox.claim(self.now() + timedelta(days=1), 100, 1.0)
        return [str(one.message["text"]) for one in owed]

    def close(self) -> None:
        """Close what is open."""
        self.transport.close()
        self.memory.close()


@contextmanager
def town(path: Path) -> Iterator[Town]:
    """A town that is torn down in the end."""
    sandbox = Sandbox.start()
    try:
        made = Town(sandbox, path)
        try:
            yield made
        finally:
            made.close()
    finally:
        sandbox.stop()


def token_of(link: str) -> str:
    """Return a link's token."""
    return dict(parse_qsl(urlsplit(link).query))["link"]


def _render(notice: Notice) -> Message:
    assert isinstance(notice, OfConnecting)
    return connect_say.notice(notice)
