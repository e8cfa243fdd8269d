"""Slack's error codes told as the rule behind each.

Sources: docs.slack.dev `interactivity/handling-user-interaction`, `surfaces/modals`,
`apis/web-api/rate-limits`, `reference/methods`.
"""

from __future__ import annotations

RULES = {
    "operation_timeout": "An app must acknowledge within 3 seconds.",
    "dispatch_failed": "Slack reached nobody at the app's address.",
    "http_client_error": "An acknowledgement has status 200; the app answered 4xx.",
    "http_service_error": "An acknowledgement has status 200; the app answered 5xx.",
    "invalid_response": "A submission is answered with nothing or with one response_action.",
    "invalid_response_action": "A response_action is errors, update, push or clear.",
    "invalid_errors": "Errors name the block_ids of input blocks, each with a text.",
    "invalid_options": "A menu's source answers with options or option_groups, 100 at most.",
    "expired_trigger_id": "A trigger_id is good for 3 seconds.",
    "exchanged_trigger_id": "A trigger_id opens one view only.",
    "invalid_trigger_id": "A trigger_id comes with what a person does.",
    "hash_conflict": "The view was changed since the app read its hash.",
    "push_limit_reached": "A modal has three views at most.",
    "not_found": "The view isn't open any more.",
    "duplicate_external_id": "Two open views can't have the same external_id.",
    "view_too_large": "A view has 250 KB at most.",
    "invalid_arguments": "The arguments break Block Kit's limits.",
    "invalid_blocks": "The blocks break Block Kit's limits.",
    "missing_scope": "The manifest doesn't ask for the scope this method needs.",
    "not_in_channel": "An app posts only where it was invited.",
    "channel_not_found": "The channel isn't there, or the app may not see it.",
    "user_not_in_channel": "Ephemeral messages reach members of the channel only.",
    "message_not_found": "The message is gone, or it is ephemeral.",
    "cant_update_message": "An app changes its own messages only.",
    "msg_too_long": "An update has 4,000 characters of text at most.",
    "no_text": "A message needs text, blocks or attachments.",
    "messages_tab_disabled": "The manifest switches the Messages tab off.",
    "not_enabled": "The manifest switches the Home tab off.",
    "ratelimited": "Too many calls: wait for the seconds in Retry-After.",
    "used_url": "A response_url is good for 5 posts.",
    "expired_url": "A response_url is good for 30 minutes.",
    "invalid_auth": "The token is none of this workspace.",
    "token_revoked": "The app's token was revoked.",
    "account_inactive": "The app was uninstalled.",
    "unknown_method": "Slack has no such method, or the sandbox doesn't pretend it.",
}
