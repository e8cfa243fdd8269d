"""Where Zoho's behaviour is not written down, a switch: a value, a default and why.

A test turns a switch at `/control/switches`; the bot has to be right for every value.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One open question. `choices` is empty when any value of the default's type will do."""

    name: str
    default: Any
    choices: tuple[Any, ...]
    note: str

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is one this switch can take."""
        if self.choices:
            return value in self.choices
        return type(value) is type(self.default)


def _switch(name: str, default: Any, note: str, *others: Any) -> Switch:
    choices = (default, *others) if others else ()
    return Switch(name=name, default=default, choices=choices, note=note)


def _toggle(name: str, note: str, *, on: bool) -> Switch:
    return Switch(name=name, default=on, choices=(True, False), note=note)


_ACCOUNTS = (
    _switch("oauth.code_seconds", 60, "CRM OAuth pages say one minute, Accounts pages two"),
    _switch("oauth.live_access_tokens", 10, "Accounts token limits: 10; other products' pages: 30"),
    _switch("oauth.refresh_tokens", 20, "Accounts token limits: the 21st deletes the oldest"),
    _switch("oauth.creations", 10, "Accounts: access tokens per refresh token in ten minutes"),
    _switch("oauth.throttle_status", 200, "Kaizen #43 shows 200; some report 400", 400),
    _switch(
        "oauth.repeat_refresh_token",
        "missing",
        "seen missing on a repeat consent without prompt=consent; not documented",
        "given",
    ),
    _toggle("oauth.scope_in_answer", "in newer token answers, not in older ones", on=True),
    _switch(
        "oauth.expiry_form",
        "seconds",
        "old answers: expires_in in milliseconds beside expires_in_sec",
        "milliseconds",
    ),
    _switch("oauth.revoke_unknown", "html_400", "measured once: HTTP 400 with a page", "success"),
    _switch("oauth.location", "us", "the data centre named in the callback"),
    _toggle("api.bearer", "whether `Bearer` works as `Zoho-oauthtoken` does", on=False),
    _switch("api.scope_status", 401, "dumps show 401; a harvested error list says 403", 403),
    _switch("api.insert_status", 201, "newer spec 201, older spec 200", 200),
    _switch("api.credits", 56_000, "API limits page, Enterprise: 50,000 + 1,000 a user, 24 hours"),
    _switch("api.concurrency", 20, "API limits page, Enterprise: calls at a time"),
    _switch("api.heavy_concurrency", 10, "API limits page: sub-concurrency of heavy calls"),
    _switch("records.hidden", 204, "answer for a record the user may not see: unknown", 403),
    _switch("records.picklist", "lenient", "whether values off the list are refused", "strict"),
)
_RULES = (
    _switch("events.byday_list", "accept", "several BYDAY values are shown nowhere", "refuse"),
    _switch("events.no_interval_days", 365, "Kaizen #8: no INTERVAL, no COUNT: '365-day events'"),
    _switch("events.weekly_days", 365, "Kaizen #8: WEEKLY without BYDAY: weekly, '365-day events'"),
    _switch("events.endless_days", 365, "how far a rule without COUNT and UNTIL is made: unknown"),
    _switch("events.max_occurrences", 500, "most occurrences of one create: unknown"),
    _switch(
        "events.start_off_rule",
        "keep_start",
        "Start_DateTime that the rule does not hit; Kaizen #8: it is the first occurrence",
        "first_match",
        "refuse",
    ),
    _switch("events.short_month", "skip", "BYMONTHDAY=31 in short months: unknown", "clip"),
    _switch("events.setpos_alone", "refuse", "BYSETPOS without BYDAY: unknown", "ignore"),
    _switch("events.count_and_until", "earlier", "both given: unknown", "refuse"),
    _switch("events.week_start", "MO", "matters for INTERVAL>1 with several days; unknown", "SU"),
    _switch("events.dtstart", "ignored", "DTSTART other than the start: unknown", "must_match"),
    _switch("events.dst", "user_wall", "wall clock over a DST change: unknown", "utc"),
    _switch("events.several_rules", "refuse", "Kaizen #8: one recurring set per call", "accept"),
)
_EVENTS = (
    _switch("events.series_text", "copied", "Description on each one: unknown", "first_only"),
    _toggle("events.remind_at_required", "insert page: mandatory; clients omit it", on=False),
    _switch("events.zulu", "accept", "`Z` as offset: unknown", "refuse"),
    _switch("events.end_before_start", "refuse", "End before Start: unknown", "accept"),
    _switch("events.email_key", "both", "Kaizen #8 `participant`; insert page `Email`",
            "participant", "Email"),
    _switch("events.duplicates", "merge", "the same person twice: unknown", "keep"),
    _toggle("events.people_in_lists", "whether list calls return Participants: unknown", on=False),
    _switch("events.update_all", "known", "Kaizen #8 only; not in the v8 pages", "ignored"),
    _switch("events.update_all_answer", "one", "objects answered: unknown", "many"),
    _switch("events.update_all_people", "replace", "the siblings' people: unknown", "keep",
            "copy_unasked"),
    _switch("events.update_all_times", "shift", "the siblings' times: unknown", "keep", "copy"),
    _toggle("events.dollar_in_lists", "whether a list can be asked for `$u_id`: unknown", on=True),
    _switch("events.rrule_on_update", "ignored", "Kaizen #8: cannot be updated; how: unknown",
            "refused"),
)  # fmt: skip
ALL = (*_ACCOUNTS, *_RULES, *_EVENTS)


class Switches:
    """The present value of every switch. `switches["events.byday_list"]` reads one."""

    def __init__(self) -> None:
        """Start with every switch at its default."""
        self._lock = threading.Lock()
        self._known = {switch.name: switch for switch in ALL}
        self._values: dict[str, Any] = {}

    def declare(self, name: str, default: Any, note: str, *others: Any) -> None:
        """Add a switch; `others` are the values it may take beside the default."""
        with self._lock:
            self._known[name] = _switch(name, default, note, *others)

    def __getitem__(self, name: str) -> Any:
        """Return the value of switch `name`.

        Raises:
            KeyError: There is no such switch.
        """
        with self._lock:
            return self._values.get(name, self._known[name].default)

    def turn(self, values: dict[str, Any]) -> str:
        """Set several switches at once; return "" or, with nothing changed, what is wrong."""
        with self._lock:
            for name, value in values.items():
                switch = self._known.get(name)
                if switch is None:
                    return f"no switch {name}"
                if not switch.accepts(value):
                    return f"{name} takes {list(switch.choices) or type(switch.default).__name__}"
            self._values.update(values)
            return ""

    def reset(self) -> None:
        """Put every switch back to its default."""
        with self._lock:
            self._values.clear()

    def listing(self) -> dict[str, dict[str, Any]]:
        """Return name -> value, default, choices and note of every switch."""
        with self._lock:
            return {
                name: {
                    "value": self._values.get(name, switch.default),
                    "default": switch.default,
                    "choices": list(switch.choices),
                    "note": switch.note,
                }
                for name, switch in sorted(self._known.items())
            }
