"""What the reader wasn't sure of, as sentences: what it took, and what else it could be."""

from collections.abc import Mapping
from datetime import date

from bot.journeys.meeting.draft import Doubt
from handlers.slack.sentences.words import day, readable

TAKEN: Mapping[str, str] = {
    # Times
    "am_pm_assumed": "I took the time as {0}.",
    "day_assumed": "You named no day, so I took {0}.",
    "time_past": "That time has passed today, so I took {0}.",
    "all_day": "The words name a time and “all day”, and I took it {0}.",
    "two_lengths": "The words say two lengths, and I took {0}.",
    # Dates
    "day_month_order": "I took the date as {0}.",
    "next_weekday": "I took “next” as {0}.",
    "uk_friday_week": "I took it as {0}.",
    "weekday_mismatch": "The date isn't that day of the week, and I took {0}.",
    "week_end": "I took the end of the week as {0}.",
    # Zones
    "tz_abbrev": "I took the time zone as {0}.",
    "zone_day": "It is another day there just now, and I took it that {0}.",
    # How it repeats
    "ordinal_weekday": "I took it as {0}.",
    "day_inferred_from_start": "You named no day, so I took it {0}.",
    "start_moved": "I took it as {0}.",
    "biweekly": "I took it as {0}.",
    "bimonthly": "I took it as {0}.",
    "biannual": "I took it as {0}.",
    "until_month": "I took the end as {0}.",
    "until_period": "I took the end as {0}.",
    "rule_in_title": "I took it as {0}.",
    "end_before_start": "The end comes before the start, and I took {0}.",
}
"""By code, with the reading that was taken."""
ASKED: Mapping[str, str] = {
    "day_month_order": "That date can be read in several ways. Pick the one you mean.",
    "weekday_mismatch": "That date isn't that day of the week. Pick the one you mean.",
    "end_before_start": "The end comes before the start. Pick what you mean, or write the end.",
}
"""By code, where nothing is taken before somebody picks."""
SAID: Mapping[str, str] = {
    "time_of_day": "“{0}” is no time of day. Pick the start.",
    "in_past": "{0} has passed. Change the date if that is wrong.",
    "participant_type": "I don't know who {0} is in the CRM. Pick them under “People”.",
    "channel": "A channel can't be invited. Pick its people under “People”.",
    "group": "A user group can't be invited. Pick its people under “People”.",
    "slack_text": "I can't use {0}. Pick the person under “People”.",
}
"""By code, where there is nothing to pick."""
ASKED_ELSE = "I can read that in several ways. Pick the one you mean."
PICK = "Pick another here if that is wrong."
CHECK = "Check it below."


def doubt(one: Doubt) -> str:
    """Return the sentence for an assumption of the reader; dates as people say them."""
    if one.code in SAID:
        return SAID[one.code].format(*[reading(text) for text in one.readings], "it")
    if not one.taken:
        return ASKED.get(one.code, ASKED_ELSE)
    taken = TAKEN[one.code].format(reading(one.taken))
    return f"{taken} {PICK if len(one.readings) > 1 else CHECK}"


def reading(text: str) -> str:
    """Return one reading as people say it."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return readable(text)
