"""The names Slack sends back: commands, actions, views. Spelt here and nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commands:
    """The slash commands, renamed together by ``PARLEY_COMMAND_PREFIX``."""

    prefix: str = ""

    @property
    def meet(self) -> str:
        """Schedule a meeting."""
        return f"/{self.prefix}meet"

    @property
    def export(self) -> str:
        """Export records."""
        return f"/{self.prefix}export"

    @property
    def crm(self) -> str:
        """Connect a CRM account."""
        return f"/{self.prefix}crm"


# The meeting form
MEET_FORM = "meet_form"
MEET_MORE = "meet_more"
MEET_PREVIEW = "meet_preview"
MEET_OPEN = "meet_open"
MEET_LINK = "meet_link"
MEET_SHARE = "meet_share"
MEET_LOOKUP = "meet_lookup"
MEET_DEMANDED = "meet_demanded"
MEET_SHORTCUT = "schedule_meeting"
MEET_ABOUT = "meet_about"
MEET_DOUBT = "meet_doubt"
MEET_SUGGESTION = "meet_suggestion"
MEET_CHECK = "meet_check"
MEET_ANYWAY = "meet_anyway"

# Fields of the form, also their action ids behind "meet_"
FIELDS = (
    "title",
    "day",
    "start",
    "length",
    "repeats",
    "all_day",
    "people",
    "venue",
    "reminders",
    "contact",
    "module",
    "record",
    "invitations",
    "description",
)


def bare(action_id: str) -> str:
    """Return an action id without what tells it from others of its block."""
    return action_id.partition(":")[0]


def action(field: str) -> str:
    """Return the action id of a form field."""
    return f"meet_{field}"


# Exports
EXPORT_LINK = "export_link"
EXPORT_OPEN = "export_open"
EXPORT_GO_ON = "export_go_on"
EXPORT_CANCEL = "export_cancel"
EXPORT_AGAIN = "export_again"
EXPORT_FORM = "export_form"
EXPORT_MODULE = "export_module"
EXPORT_FIELDS = "export_fields"
EXPORT_VIEW = "export_view"
EXPORT_TYPE = "export_type"
EXPORT_FIELD = "export_field"
EXPORT_COMPARATOR = "export_comparator"
EXPORT_VALUE = "export_value"
EXPORT_JOINER = "export_joiner"
EXPORT_ADD = "export_add"
EXPORT_REMOVE = "export_remove"
EXPORT_GROUP = "export_group"
EXPORT_RETRY = "export_retry"

# Connecting
CRM_LINK = "crm_connect_link"
CRM_CODE_OPEN = "crm_code_open"
CRM_CODE_FORM = "crm_code"
CRM_DISCONNECT = "crm_disconnect"
CRM_USE = "crm_use"
CRM_CONNECT = "crm_connect"
ADMIN_CUT_OFF = "admin_cut_off"
ADMIN_NEXT = "admin_next"
ADMIN_BACK = "admin_back"

# The Home tab
HOME_SCHEDULE = "home_schedule"

# Meetings that stand
SERIES_OPEN = "series_open"
SERIES_CARD = "series_card"
SERIES_FORM = "series_form"
SERIES_ASK = "series_ask"
SERIES_MODULE = "series_module"
SERIES_CONFIRM = "series_confirm"
SERIES_GO_ON = "series_go_on"
SERIES_UNDO = "series_undo"
SERIES_LINK = "series_link"
MADE = "made"
"""Behind SERIES_OPEN: the value names the operation that made the meeting, not the meeting."""
RETRY = "retry"
"""Behind SERIES_OPEN: the value names a change that failed, to be put right in its form."""

OPENS_A_FORM = frozenset({MEET_OPEN, CRM_CODE_OPEN, HOME_SCHEDULE, SERIES_OPEN, EXPORT_OPEN})
"""Their trigger lives three seconds, so they go the quick lane."""
