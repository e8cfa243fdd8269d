"""What a person reads of meetings that stand, and on the Home tab."""

from collections.abc import Sequence
from datetime import tzinfo

from bot.journeys.meeting.draft import Overlap
from handlers.slack.sentences.words import day

LISTED = "*Your meetings*"
NOTHING_LISTED = "You host no meeting in that time. Type `{meet}` to schedule one."
MORE_LISTED = (
    "… and {more} more. Name a day, a week or a title to see them, such as `{meet} list next week`."
)
OPEN = "Open"
CANCELLED = "cancelled"
ALL_DAY = "all day"
SERIES = "a series, {count} times within {days} days"
CONFLICT = "You already have “{title}” on {day}, {start:%H:%M}-{end:%H:%M}."
MORE_CONFLICTS = "… and more of your meetings overlap."
CONFLICTS_NAMED = 4

HOME_CONNECTED = "Parley acts in the CRM as *{account}* ({organization})."
HOME_UNCONNECTED = (
    "Connect your CRM account first: everything is done with your own account and your own rights."
)
HOME_CONNECT = "Connect"
HOME_SCHEDULE = "Schedule a meeting"
HOME_NEXT = "Your next meetings"
HOME_NONE = "You host no meeting in the coming 30 days."
HOME_UNREAD = "Your CRM can't be asked just now. {why}"
HOME_HELP_TITLE = "What you can type"
HOME_HELP = (
    "• `{meet} Pipeline review every other Sunday 10-11am with @colleague until Mar 15`: schedule in your own words\n"
    "• `{meet} list next week`: your meetings, to change or cancel\n"
    "• `{export} Leads where Created_Time in last month`: records as a file, which comes by itself\n"
    "• `{crm} status`: your CRM account\n"
    "You can also use “Meet about this” in the menu of any message."
)


def overlaps(those: Sequence[Overlap], where: tzinfo | None) -> list[str]:
    """Return the person's own meetings at the dates shown, as lines on the clocks of *where*."""
    lines = []
    for one in those[:CONFLICTS_NAMED]:
        start, end = one.start.astimezone(where), one.end.astimezone(where)
        line = CONFLICT.format(title=one.title, day=day(start), start=start, end=end)
        lines.append(f"⚠ {line}")
    return [*lines, MORE_CONFLICTS] if len(those) > CONFLICTS_NAMED else lines
