"""Every error as a sentence: what happened, why, and the next step, last.

One line a code. ``{name}`` is filled from the error's own values. A code without a
line of its own gets the sentence of its class, so nobody ever sees a bare code.
"""

from collections.abc import Mapping

from bot.errors import (
    Ambiguous,
    Fault,
    Gone,
    NotAllowed,
    NotConnected,
    NotUnderstood,
    ParleyError,
    Refused,
    TryLater,
)
from handlers.slack.ids import Commands
from handlers.slack.sentences import exporting

BY_CODE: Mapping[str, str] = {
    **exporting.ASKING,
    # The form
    "title_missing": "A meeting needs a title. Write one here.",
    "date_missing": "Pick the date of the first meeting.",
    "start_missing": "Pick the time it starts, or tick “All day”.",
    "record_missing": "Pick the record here, or choose “Nothing” above.",
    "lookup_pending": "I am still looking up {name}. Press Create again in a moment.",
    "lookup_open": "Choose who {name} is, or “Leave out”.",
    "field_missing": "Your CRM demands this field. Fill it in here.",
    "field_invalid": "Your CRM doesn't take that here ({message}). Write it differently.",
    "field_mismatch": "Your CRM says this doesn't go with another field ({message}). Change one of them.",
    "field_ambiguous": "Your CRM can't tell which of two fields counts ({message}). Leave one empty.",
    "field_number": "“{label}” takes a number, such as 12 or 12.5. Write it in digits.",
    "beyond_calendar": "That is beyond the calendar. Write a nearer date, or a shorter length.",
    "too_long": "That is longer than the CRM's {limit} characters. Shorten it.",
    "end_before_start": "It would end before it starts. Write a length such as “45 min”, or a later end.",
    # Repeats
    "repeats_unsayable": "{why} Say it differently, such as {suggest}.",
    "repeats_unread": "I don't understand “{left}”. Write it like “every 2 weeks on Tuesday until 30 June”.",
    "words_refused": "{why} Say how it repeats in “Repeats”.",
    "rule_endless": "A series needs an end. Add “until” and a date, or “10 times”.",
    "rule_shape": "The CRM can't repeat like that. Try “every month on the 14th” or “every 2nd Tuesday of the month”.",
    "rule_text": "The CRM can't repeat like that. Try “every Monday” or “every month on the 14th”.",
    "rule_empty": "No date fits that rule. Change how it repeats.",
    "interval_range": "The CRM repeats every 1 to 99 days, weeks, months or years. Write a number in between.",
    "count_range": "The CRM makes 1 to 99 meetings by count. Write fewer, or an end date.",
    "count_and_until": "Give either a number of meetings or an end date, not both.",
    "month_day_range": "A month has days 1 to 31. Write one of them.",
    "set_pos_range": "The CRM knows the first to fourth and the last week of a month. Write one of them.",
    "until_before_start": "It would end on {until}, before the first meeting. Write a later end.",
    "first_date_off": "The first meeting that fits is on {first}. Pick that date, or change how it repeats.",
    "too_many_meetings": "That makes more than {limit} meetings. Write an earlier end.",
    # People
    "email_invalid": "“{email}” isn't an e-mail address, and one bad address makes the CRM refuse the whole meeting. Correct it.",
    "invitations_many": "You may invite at most {limit} people within 24 hours. Take some out.",
    "invitations_limit": "You may invite {limit} people within 24 hours; {left} more fit now, and all of these from {at}. Take some out, or press Create then.",
    "people_limit": "The CRM takes at most {limit} people in a meeting. Take some out.",
    # Reminders
    "reminder_range": "A reminder takes 0 to {limit} minutes, hours, days or weeks. Write a number in between.",
    "reminder_time": "Only reminders days or weeks before have a time of day. Leave the time out.",
    "reminder_unsayable": "The CRM can't remind {asked} before. The nearest are {nearest}: write one of them.",
    "reminders": "I can't read that reminder. Write it like “15 min before” or “1 day before at 9:00”.",
    "reminders_limit": "A meeting takes at most {limit} reminders. Take some out.",
    "length_start": "An end needs a start to count from. Pick the start first, or write a length such as “45 min”.",
    "length": "I can't read that length. Write it like “45 min”, “1h30” or “until 11:30”.",
    "zone_unknown": "I don't know the time zone “{zone}”. Write it like “Europe/Berlin”.",
    # The CRM
    "crm_unreachable": "Your CRM can't be reached just now; nothing was written. Press Create again in a minute.",
    "crm_down": "Your CRM has a fault just now; nothing was written. Press Create again in a minute.",
    "crm_slow": "Your CRM is slow to answer; nothing was written. Press Create again in a minute.",
    "crm_limit": "Your CRM is busy and asks to wait; nothing was written. Press Create again in a minute.",
    "token_limit": "Your CRM gave out too many sign-ins in ten minutes. Try again in {minutes} min.",
    "token_busy": "Your CRM connection is being renewed. Try again in a minute.",
    "storage_busy": "Parley's memory is busy just now. Try again in a minute.",
    "crm_answer_lost": "The CRM's answer was lost. I am looking up whether it made the meeting; nothing is sent twice.",
    "crm_permission": "Your CRM account may not do that. Ask your CRM administrator for the right to create meetings.",
    "crm_refused": "Your CRM refused it ({crm_code}): {message}. Change it, and press Create again.",
    "crm_limit_exceeded": "Your CRM has a limit there ({message}). Write less, or ask your CRM administrator.",
    "duplicate": "Your CRM has one like it already ({message}). Change it, and press Create again.",
    "record_locked": "That record is locked in your CRM. Unlock it there, or pick another.",
    "not_approved": "That record waits for approval in your CRM. Have it approved there, or pick another.",
    "already_modified": "Somebody changed it in the CRM meanwhile. Start again with `{meet}`.",
    # Meetings that stand
    "nothing_changes": "The meeting is like that already. Change something first.",
    "change": "That change is no longer there. Open the meeting again.",
    "change_not_taken": "Your CRM took the change but didn't keep it. Open the meeting in the CRM.",
    "undo_late": "A change can be undone for ten minutes. Change the meeting back by hand.",
    "all_day_clock": "An all-day meeting has no time of day. Name only a day.",
    "move_unread": "I don't understand “{left}”. Write it like “Tuesday 3pm” or “tomorrow”.",
    "move_repeats": "That says how it repeats. Name one day here, or close this and press “How it repeats”.",
    "list_unread": "I don't understand “{left}”. Write it like “today”, “next week” or a title.",
    "dates_differ": "Your CRM made other dates than you confirmed. Say which of the two series stays.",
    "rule_over": "That series is over, so nothing of it can repeat anew. Schedule a new one with `{meet}`.",
    "dates_unread": "I couldn't read the new series back. Look at its dates in the CRM, then say which of the two stays.",
    "old_modified": "Somebody changed the old series meanwhile, and the new one is without that. Look at both in the CRM, then say which stays.",
    "cancelled_already": "That meeting is cancelled already. Delete it, if it shall go.",
    "cancel_uninvited": "Your CRM cancels only meetings whose people were invited. Delete it instead.",
    "cancel_over": "That meeting is over, and your CRM cancels only what is to come. Delete it instead.",
    "mail_limit": "Your CRM sends no more mails today ({message}). Do it without mails, or tomorrow.",
    "module_unavailable": "Your CRM account has no access to that part of the CRM. Ask your CRM administrator.",
    "crm_record": "That record is no longer in your CRM. Pick another.",
    "crm_not_json": "Your CRM's answer can't be read. Try again in a minute; if it stays, tell your administrator.",
    "crm_shape": "Your CRM's answer can't be read. Try again in a minute; if it stays, tell your administrator.",
    "crm_too_large": "Your CRM's answer is too large. Name people more closely, or pick them under “People”.",
    "crm_redirect": "Something stands between Parley and your CRM. Tell your administrator.",
    # The account
    "none": "You haven't connected your CRM account yet. Type `{crm} connect`.",
    "pending": "Your CRM account waits for its code. Type `{crm} connect` and the code from the page.",
    "revoked": "Your CRM no longer accepts this connection. Type `{crm} connect` to connect again.",
    "expired": "Your CRM no longer accepts this connection. Type `{crm} connect` to connect again.",
    "unreadable": "Parley can no longer read your CRM connection. Type `{crm} connect` to connect again.",
    "token_refused": "Your CRM refuses a sign-in it has just given. Type `{crm} connect` to connect again.",
    "client_missing": "Parley isn't set up for your CRM's data centre. Tell your administrator.",
    "client_wrong": "Your CRM doesn't accept Parley's own sign-in. Tell your administrator.",
    "redirect_wrong": "Your CRM doesn't know this address of Parley's. Tell your administrator.",
    "accounts_refused": "Your CRM refuses Parley's sign-in. Tell your administrator.",
    "scope": "Your CRM connection lacks a permission for that. Type `{crm} connect` and accept all of them.",
    # People who can't use the bot
    "bot_user": "Parley works for people, not for bots. Ask a person to do it.",
    "deactivated": "This Slack account is deactivated. Ask your workspace administrator.",
    "foreign": "Parley belongs to the other organisation in this shared channel. Ask a colleague there to schedule it.",
    # Gone
    "draft": "This form is from an earlier request and is done. Type `{meet}` to start a new one.",
    "form_expired": "That took longer than Slack keeps a form open for. Press “Open the form”.",
    "shared_gone": "That meeting is no longer here to share. Share its link from the CRM.",
    "slack_answer_lost": "Slack's answer was lost, so it may or may not be in the channel. Look there; if it isn't, share the meeting's link from the CRM.",
    "slack_busy": "Slack is busy just now. Try again in a minute.",
    "not_in_channel": "I am not in that channel. Type `/invite @Parley` there, and press Share again.",
    "channel_not_found": "I can't see that channel. Type `/invite @Parley` there, and press Share again.",
}

EXAMPLES: Mapping[str, str] = {"suggest": "“every Monday until 30 June”"}
"""Stand in for an empty list: a refusal with no rule near it still gets an example."""

BY_CLASS: Mapping[type[ParleyError], str] = {
    NotUnderstood: "I don't understand that. Say it differently, or type `{meet} help`.",
    NotConnected: "Your CRM account isn't connected. Type `{crm} connect`.",
    NotAllowed: "You may not do that. Ask your CRM administrator.",
    Refused: "That can't be done as it is. Change it and try again.",
    TryLater: "That can't be done just now. Try again in a minute.",
    Gone: "That is no longer there. Start again with `{meet}`.",
    Ambiguous: "The CRM's answer was lost. I am looking it up; nothing is sent twice.",
    Fault: "Something went wrong, and it isn't your fault. Try again; if it stays, tell your administrator.",
}


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(
    code: str,
    values: Mapping[str, object],
    kind: type[ParleyError] = Fault,
    *,
    commands: Commands,
) -> str:
    """Return the sentence of an error as plain text (not escaped for mrkdwn).

    Args:
        code: The error's code.
        values: The error's values; lists are joined by “or”.
        kind: The error's class, for a code without a line of its own.
        commands: The slash commands' names here.
    """
    line = BY_CODE.get(code)
    if line is None:
        line = next(text for known, text in BY_CLASS.items() if issubclass(kind, known))
    names = {"meet": commands.meet, "crm": commands.crm}
    return line.format_map(
        _Values(
            {name: _said(value) or EXAMPLES.get(name, "") for name, value in values.items()} | names
        )
    )


def apology(error: ParleyError, commands: Commands) -> str:
    """Return the sentence of *error* as plain text."""
    return sentence(error.code, error.values, type(error), commands=commands)


def incident(number: str) -> str:
    """Return the sentence for a fault of ours, with the number that finds it in the log."""
    return (
        f"Something went wrong on Parley's side (incident {number}). Nothing more is tried. "
        "Try again; if it stays, give your administrator that number."
    )


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return " or ".join(f"“{one}”" if isinstance(one, str) else str(one) for one in value)
    return str(value)
