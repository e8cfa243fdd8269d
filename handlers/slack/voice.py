"""The voice: every call the bot makes to Slack, and what its refusals mean.

No call is retried by the library: a repeated post is a second message. What must
arrive goes through the outbox (``handlers.sender``).
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.domain.connection import Owner, Secret
from bot.domain.profile import Profile
from bot.errors import Ambiguous, Gone, TryLater
from bot.journeys.account.connecting import refuse_barred
from bot.journeys.notices import Notice
from handlers.bells import Bell
from handlers.slack.message import Message
from handlers.slack.profiles import profile_of
from store.outbox import Outbox
from store.people import Profiles

_log = logging.getLogger(__name__)

FORM_SECONDS = 2
"""A trigger lives three seconds (Slack, views.open)."""
CALL_SECONDS = 10
PROFILE_LIFE = timedelta(hours=1)
_CLOSED = frozenset({"not_found", "view_not_found"})
# Slack, "users.info" and "auth.test": their errors.
_UNKNOWN_PERSON = frozenset({"user_not_found"})
_UNINSTALLED = frozenset({"account_inactive", "token_revoked"})
_DEAD_TRIGGER = frozenset(
    {
        "expired_trigger_id",
        "exchanged_trigger_id",
        "invalid_trigger_id",
        "trigger_expired",
        "trigger_exchanged",
    }
)


class SlackVoice:
    """Speaks for one workspace."""

    def __init__(
        self,
        *,
        token: Secret,
        api_url: str,
        outbox: Outbox,
        profiles: Profiles,
        render: Callable[[Notice], Message],
        bell: Bell,
        told: Callable[[Owner, datetime], None] = lambda _owner, _now: None,
    ) -> None:
        """Take the parts.

        Args:
            token: The bot's token.
            api_url: Where the Web API is, ending in a slash.
            outbox: Where messages are owed.
            profiles: Slack profiles already known.
            render: From a notice to its message.
            bell: The sender's, rung when a message is owed.
            told: Hears of everybody who is told something.
        """
        self._token = token
        self._api_url = api_url
        self._outbox = outbox
        self._profiles = profiles
        self._render = render
        self._bell = bell
        self._told = told
        self._answers = {"hooks.slack.com", urlsplit(api_url).netloc}
        self._home: tuple[str, str] | None = None

    def client(self, seconds: int = CALL_SECONDS) -> WebClient:
        """Return a client that tries once."""
        return WebClient(
            token=self._token.reveal(),
            base_url=self._api_url,
            timeout=seconds,
            retry_handlers=[],
        )

    def tell(self, owner: Owner, key: str, notice: Notice, *, now: datetime) -> None:
        """Owe *owner* one direct message; the same *key* is told once."""
        self.owe(owner, key, self._render(notice), now=now)

    def owe(self, owner: Owner, key: str, message: Message, *, now: datetime) -> None:
        """Owe *owner* one direct message that is rendered already; once per *key*."""
        self._outbox.owe(
            key,
            owner,
            channel=owner.user,
            message={"text": message.text, "blocks": message.blocks},
            now=now,
        )
        self._bell.ring()
        self._told(owner, now)

    def profile(self, owner: Owner, *, now: datetime, anew: bool = False) -> Profile:
        """Return a Slack profile, at most an hour old; somebody unknown counts as deactivated.

        Where *anew*, and where the last answer was "deactivated", it is what Slack says now.

        Raises:
            TryLater: ``slack_busy``: Slack can't be asked.
        """
        known = None if anew else self._profiles.get(owner, not_before=now - PROFILE_LIFE)
        if known is not None and not known.deleted:
            return known
        try:
            answer = self.client(FORM_SECONDS).users_info(user=owner.user)
        except (SlackClientError, OSError) as cause:
            if isinstance(cause, SlackApiError) and _code(cause) in _UNKNOWN_PERSON:
                return Profile(name=owner.user, email=None, zone="UTC", deleted=True)
            raise TryLater("slack_busy", seconds=30) from cause
        user = cast("Mapping[str, Any]", answer["user"])
        profile = profile_of(user, owner.team, self._at_home()[0])
        self._profiles.keep(owner, profile, now)
        return profile

    def person(self, owner: Owner, *, now: datetime) -> Profile:
        """Return the profile of somebody who may use the bot.

        Raises:
            NotAllowed: ``bot_user``, ``deactivated`` or ``foreign``.
            TryLater: ``slack_busy``.
        """
        profile = self.profile(owner, now=now)
        refuse_barred(profile)
        return profile

    def stands(self, *, announced: bool = False) -> bool:
        """Return whether the app is still installed, as Slack says of the bot's token.

        A token that Slack doesn't know may be a wrong setting, or sent from an address that
        isn't allowed (Slack, "auth.test", invalid_auth): it counts where the end was *announced*.

        Raises:
            TryLater: ``slack_busy``.
        """
        try:
            self.client().auth_test()
        except (SlackClientError, OSError) as error:
            why = _code(error) if isinstance(error, SlackApiError) else ""
            if why in _UNINSTALLED or (announced and why == "invalid_auth"):
                return False
            raise TryLater("slack_busy", seconds=60) from error
        return True

    def workspace(self, team: str) -> str:
        """Return the name of the workspace the bot lives in; another team's is its id.

        Raises:
            TryLater: ``slack_busy``.
        """
        home, name = self._at_home()
        return name if home == team else team

    def lives_in(self, team: str) -> bool:
        """Return whether that is the workspace of the bot's token.

        Raises:
            TryLater: ``slack_busy``.
        """
        return self._at_home()[0] == team

    def _at_home(self) -> tuple[str, str]:
        """Return the id and name of the workspace the bot lives in, asked for once."""
        if self._home is None:
            try:
                answer = self.client(FORM_SECONDS).auth_test()
            except (SlackClientError, OSError) as cause:
                raise TryLater("slack_busy", seconds=30) from cause
            self._home = str(answer["team_id"]), str(answer["team"])
        return self._home

    def open_form(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a form and return its id.

        Raises:
            Gone: ``form_expired``: the trigger's three seconds are over.
            TryLater: ``slack_busy``.
        """
        try:
            answer = self.client(FORM_SECONDS).views_open(trigger_id=trigger_id, view=dict(view))
        except SlackApiError as error:
            if _code(error) in _DEAD_TRIGGER:
                raise Gone("form_expired") from error
            _log.warning("views_open refused=%s", _why(error))
            raise TryLater("slack_busy", seconds=30) from error
        except (SlackClientError, OSError) as error:
            raise Gone("form_expired") from error
        return str(cast("Mapping[str, Any]", answer["view"])["id"])

    def update_form(
        self, view_id: str, view: Mapping[str, Any], *, view_hash: str | None = None
    ) -> bool:
        """Show *view* in an open form; False when it was closed or has moved on.

        Raises:
            TryLater: ``slack_busy``.
        """
        try:
            self.client().views_update(view_id=view_id, view=dict(view), hash=view_hash)
        except SlackApiError as error:
            if _code(error) in _CLOSED | {"hash_conflict"}:
                return False
            _log.warning("views_update refused=%s", _why(error))
            raise TryLater("slack_busy", seconds=2) from error
        except (SlackClientError, OSError) as error:
            raise TryLater("slack_busy", seconds=2) from error
        return True

    def publish_home(self, owner: Owner, view: Mapping[str, Any]) -> None:
        """Show *view* on the owner's Home tab.

        Raises:
            TryLater: ``slack_busy``.
        """
        try:
            self.client().views_publish(user_id=owner.user, view=dict(view))
        except (SlackClientError, OSError) as error:
            _log.warning("views_publish failed=%s", type(error).__name__)
            raise TryLater("slack_busy", seconds=30) from error

    def answer(self, response_url: str, message: Message, *, in_channel: bool = False) -> bool:
        """Answer where the person typed or clicked; False when that address is used up.

        Only Slack's own host is ever posted to: the address comes from a request body.

        Raises:
            Ambiguous: ``slack_answer_lost``: it may have been said.
        """
        if urlsplit(response_url).netloc not in self._answers:
            _log.warning("response_url refused")
            return False
        client = WebhookClient(response_url, timeout=CALL_SECONDS, retry_handlers=[])
        try:
            answer = client.send(
                text=message.text,
                blocks=message.blocks or None,
                response_type="in_channel" if in_channel else "ephemeral",
                replace_original=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (SlackClientError, OSError) as error:
            raise Ambiguous("slack_answer_lost") from error
        return answer.status_code == 200

    def reply(
        self, owner: Owner, response_url: str | None, key: str, message: Message, *, now: datetime
    ) -> None:
        """Answer where the person typed or clicked, else owe it as a direct message.

        An address lives 30 minutes and takes five answers (Slack, "Handling user
        interaction"); what it doesn't take is told all the same, once per *key*.
        """
        try:
            said = response_url is not None and self.answer(response_url, message)
        except Ambiguous:
            # Told twice rather than never.
            said = False
        if not said:
            self.owe(owner, key, message, now=now)

    def post(self, channel: str, message: Message) -> None:
        """Post into a channel the bot is in, once.

        Raises:
            Gone: ``not_in_channel`` or ``channel_not_found``.
            TryLater: ``slack_busy``: it wasn't posted.
            Ambiguous: ``slack_answer_lost``: it may have been.
        """
        try:
            self.client().chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=message.blocks or None,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            if _code(error) in {"not_in_channel", "channel_not_found"}:
                raise Gone(_code(error)) from error
            _log.warning("chat_postMessage refused=%s", _why(error))
            raise TryLater("slack_busy", seconds=5) from error
        except (SlackClientError, OSError) as error:
            raise Ambiguous("slack_answer_lost") from error


def _code(error: SlackApiError) -> str:
    # An answer that isn't Slack's JSON has no code.
    return str(error.response.get("error", ""))


def _why(error: SlackApiError) -> str:
    answer = cast("Mapping[str, Any]", error.response.data)
    details = (answer.get("response_metadata") or {}).get("messages") or ""
    return f"{answer.get('error')} {details}"
