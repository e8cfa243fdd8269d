"""Connecting: from a link in Slack to a person's own CRM account, and back.

Whoever holds a link could open it in somebody else's browser, so a consent alone proves
nothing about Slack. A grant becomes usable only where the CRM account has the Slack
person's own address, or where the person types, in Slack, the code that the browser
showed (RFC 9700, sections 2.1 and 4.7, for state, browser and PKCE).
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.crm.accounts import Accounts
from bot.domain.connection import Access, Account, DataCenter, GrantState, Owner, Secret, Tokens
from bot.errors import Gone, NotAllowed, NotConnected, Refused, TryLater
from bot.journeys.account.connecting import (
    CODE_LENGTH,
    Begun,
    Connection,
    Linking,
    Outcome,
    Status,
    digest,
    new_code,
    plain_code,
    refuse_barred,
    same_address,
    shown,
    verifier,
)
from bot.journeys.account.leaving import Leaving
from bot.journeys.account.leaving_ports import Kept
from bot.journeys.notices import CodeNeeded, Connected
from bot.journeys.ports import State, States, Voice, WaitingDrafts

LINK_SECONDS: Final = 600


class Connect:
    """The journey. Nothing holds a transaction while the network is waited for."""

    def __init__(
        self,
        *,
        states: States,
        kept: Kept,
        accounts: Accounts,
        leaving: Leaving,
        drafts: WaitingDrafts,
        voice: Voice,
        workspace: Callable[[str], str],
        public_url: str,
    ) -> None:
        """Take the parts.

        Args:
            states: Links and states.
            kept: The people's grants, and who did what to them.
            accounts: Zoho's accounts server.
            leaving: Takes grants back.
            drafts: Meetings that may wait for the connection.
            voice: Knows profiles, and tells.
            workspace: From a Slack team's id to its name; may raise ``TryLater``.
            public_url: Our origin, without a trailing slash.
        """
        self._states = states
        self._grants = kept.grants
        self._listing = kept.listing
        self._audit = kept.audit
        self._memory = kept.memory
        self._accounts = accounts
        self._leaving = leaving
        self._drafts = drafts
        self._voice = voice
        self._workspace = workspace
        self._public_url = public_url.rstrip("/")

    def link(self, owner: Owner, *, now: datetime, draft_id: str | None = None) -> str:
        """Return a link for *owner* that works once, for ten minutes.

        Args:
            owner: Whose.
            now: Aware.
            draft_id: A meeting that waits for the connection.
        """
        note: dict[str, object] = {"draft_id": draft_id}
        token = self._states.issue("connect", owner, note, now=now, seconds=LINK_SECONDS)
        return f"{self._public_url}/oauth/start?link={token}"

    def look(self, token: str, now: datetime) -> Linking:
        """Return whom a link would connect; the link stays good.

        Raises:
            Gone: ``link``.
            NotAllowed: ``bot_user``, ``deactivated`` or ``foreign``.
            TryLater: Slack can't be asked.
        """
        found = self._states.look("connect", token, now)
        if found is None:
            raise Gone("link")
        return self._linking(found.owner, now)

    def begin(self, token: str, now: datetime) -> Begun:
        """Use the link up and return the way to the CRM's consent.

        The state is bound to the cookie, and PKCE's verifier is made from it: a code is
        worth nothing without this very browser, and the verifier rests nowhere.

        Raises:
            Gone: ``link``.
            NotAllowed: ``bot_user``, ``deactivated`` or ``foreign``.
            TryLater: Slack can't be asked; the link stays good.
        """
        linking = self.look(token, now)
        link = self._states.take("connect", token, now)
        if link is None:
            raise Gone("link")
        cookie = secrets.token_urlsafe(32)
        note: dict[str, object] = {
            "browser": digest(cookie),
            "draft_id": link.note.get("draft_id"),
            "name": linking.name,
            "workspace": linking.workspace,
        }
        state = self._states.issue("state", link.owner, note, now=now, seconds=LINK_SECONDS)
        consent = self._accounts.consent_url(state, verifier=verifier(cookie))
        return Begun(consent_url=consent, cookie=Secret(cookie))

    def finish(
        self,
        *,
        state: str | None,
        cookie: str | None,
        code: str | None,
        location: str | None,
        accounts_server: str | None,
        error: str | None,
        now: datetime,
    ) -> Outcome:
        """Take what the CRM sent the browser back with, and keep the grant.

        The state is used up by any attempt, a foreign browser's too. Where the two
        addresses are the same the grant is active and the owner told; else it is pending
        until `confirm`.

        Raises:
            Gone: ``state``.
            NotAllowed: ``browser``, or as `begin`.
            Refused: ``consent_refused``; ``place_unknown`` (nothing was sent),
                ``code_refused`` or ``no_refresh_token``.
            ParleyError: What the CRM's answers name; its tokens are given back.
        """
        found = self._states.take("state", state or "", now)
        if found is None:
            raise Gone("state")
        if cookie is None or not hmac.compare_digest(digest(cookie), str(found.note["browser"])):
            self._audit.note("sign_in_refused", found.owner, "web", now, why="browser")
            raise NotAllowed("browser")
        if error or not code:
            raise Refused("consent_refused")
        data_center, tokens = self._accounts.exchange(
            Secret(code),
            location=location,
            accounts_server=accounts_server,
            verifier=verifier(cookie),
            now=now,
        )
        try:
            account = self._accounts.whoami(
                Access(api_origin=tokens.api_origin, token=tokens.access)
            )
            # Asked last, and anew: who left Slack meanwhile must not be connected.
            email = self._email(found.owner, now)
            typed = None if same_address(email, account.email) else new_code()
            self._keep(found, data_center, account, tokens, code=typed, now=now)
        except Exception:
            # Whatever it was, a full disk too: nobody would know of the permission.
            self._leaving.give_back(tokens.refresh, data_center)
            raise
        self._leaving.replaced_of(found.owner)
        return Outcome(
            account=account.email,
            organization=account.org_name,
            name=str(found.note["name"]),
            workspace=str(found.note["workspace"]),
            code=typed,
        )

    def confirm(self, owner: Owner, code: str, now: datetime) -> Connected:
        """Make the pending grant of *owner* with this *code* active.

        Case, spaces and dashes don't matter. The owner is told by the return value alone.

        Args:
            owner: Who typed it.
            code: As typed.
            now: Aware.

        Raises:
            Refused: ``code_wrong``; it may be typed again.
            Gone: ``code``: none is waited for, it is too old, or five tries are used up.
        """
        letters = plain_code(code)
        # What can't be a code isn't one of the five tries.
        tried = len(letters) == CODE_LENGTH
        with self._memory.atomically():
            grant = self._grants.confirm(owner, letters, now) if tried else None
            if grant is not None:
                self._audit.note("connected", owner, owner.user, now, grant=grant.id, by="code")
        if grant is None:
            known = self._listing.of(owner, now)
            if any(one.state is GrantState.PENDING for one in known):
                if tried:
                    self._audit.note("code_refused", owner, owner.user, now)
                raise Refused("code_wrong")
            raise Gone("code")
        self._leaving.replaced_of(owner)
        return Connected(
            account=grant.account.email,
            organization=grant.account.org_name,
            draft_id=self._waiting(owner, now),
        )

    def disconnect(
        self, owner: Owner, now: datetime, grant_id: str | None = None
    ) -> tuple[str, ...]:
        """Take one grant of *owner* back, or all, as `Leaving.disconnect` does."""
        return self._leaving.disconnect(owner, now, actor=owner.user, grant_id=grant_id)

    def use(self, owner: Owner, grant_id: str, now: datetime) -> Connection:
        """Let the requests of *owner* go by that grant from now on, and return it.

        Raises:
            NotConnected: ``none``: it is no active grant of theirs.
        """
        if not self._grants.use(owner, grant_id, now):
            raise NotConnected("none")
        return self.status(owner, now).connections[0]

    def status(self, owner: Owner, now: datetime) -> Status:
        """Return the connections of *owner*; a pending one only while its code is good."""
        known = self._listing.of(owner, now)
        active = (one for one in known if one.state is GrantState.ACTIVE and one.chosen)
        used = next((one.id for one in active), None)
        return Status(connections=tuple(shown(one, in_use=one.id == used) for one in known))

    def _linking(self, owner: Owner, now: datetime) -> Linking:
        profile = self._voice.profile(owner, now=now)
        refuse_barred(profile)
        return Linking(owner=owner, name=profile.name, workspace=self._workspace(owner.team))

    def _email(self, owner: Owner, now: datetime) -> str | None:
        try:
            profile = self._voice.profile(owner, now=now, anew=True)
        except TryLater:
            # The code proves the person as well as the address would.
            return None
        refuse_barred(profile)
        return profile.email

    def _keep(
        self,
        found: State,
        data_center: DataCenter,
        account: Account,
        tokens: Tokens,
        *,
        code: Secret | None,
        now: datetime,
    ) -> None:
        draft_id = found.note.get("draft_id") or self._waiting(found.owner, now)
        with self._memory.atomically():
            grant = self._grants.keep(
                found.owner,
                data_center,
                account,
                tokens,
                state=GrantState.ACTIVE if code is None else GrantState.PENDING,
                now=now,
                code=None if code is None else code.reveal(),
            )
            notice = (
                Connected(
                    account=account.email,
                    organization=account.org_name,
                    draft_id=str(draft_id) if draft_id else None,
                )
                if code is None
                else CodeNeeded(account=account.email)
            )
            act = "connected" if code is None else "code_asked"
            self._audit.note(act, found.owner, found.owner.user, now, grant=grant.id)
            key = f"{grant.state}:{grant.id}:{grant.generation}"
            self._voice.tell(found.owner, f"grant-{key}", notice, now=now)

    def _waiting(self, owner: Owner, now: datetime) -> str | None:
        """Return the meeting the person began without a connection, or whose own is lost."""
        draft, known = self._drafts.latest_open(owner), self._listing.of(owner, now)
        good = {one.id for one in known if one.state is GrantState.ACTIVE and one.readable}
        return draft.id if draft and draft.grant_id not in good else None
