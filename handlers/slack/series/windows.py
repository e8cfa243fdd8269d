"""Open windows about meetings, shown anew; a closed one is no fault."""

import logging
from collections.abc import Mapping
from typing import Any, cast

from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.slack.meeting.form import View
from handlers.slack.voice import SlackVoice

_log = logging.getLogger(__name__)


def show(voice: SlackVoice, view_id: str, view: View, *, view_hash: str | None = None) -> str:
    """Show *view* in an open window; return its hash as Slack gives it.

    Empty when it isn't shown: closed, moved on since *view_hash* (Slack, views.update),
    or Slack can't be reached: what matters is told as a message then.
    """
    try:
        answer = voice.client().views_update(view_id=view_id, view=view, hash=view_hash)
    except SlackApiError as error:
        _log.info("window_not_shown why=%s", error.response.get("error"))
        return ""
    except (SlackClientError, OSError) as error:
        _log.warning("window_not_shown why=%s", type(error).__name__)
        return ""
    return str(cast("Mapping[str, Any]", answer["view"])["hash"])
