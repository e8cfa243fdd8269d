"""What can go wrong, by name: each is a few settings of the sandbox's own fault switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers.sandbox.crm.site import CrmSide
from handlers.sandbox.slack.refusals import PersonRefusal
from handlers.sandbox.slack.side import SlackSide
from handlers.sandbox.slack.workspace import Fault

Json = dict[str, Any]
_SWITCHES = {"bulk.fails": False, "bulk.callbacks": "once"}

_KINDS = {
    "delay": "The CRM is slow",
    "cut_after": "The CRM's answer to a create is lost",
    "throttle": "The CRM refuses requests",
}


@dataclass(frozen=True, slots=True)
class Mishap:
    """One thing to go wrong: what the button says, what happens then, and how."""

    name: str
    title: str
    about: str
    act: Callable[[str], object]


class Mishaps:
    """The faults panel."""

    def __init__(self, slack: SlackSide, crm: CrmSide) -> None:
        """Break these."""
        self._slack = slack
        self._crm = crm
        self._groups = {
            "CRM": self._of_crm(),
            "Bulk jobs": self._of_jobs(),
            "Slack": self._of_slack(),
            "Clock": self._of_time(),
        }
        well = Mishap("well", "All well again", "", self._mend)
        self._known = {one.name: one for group in self._groups.values() for one in group}
        self._known["well"] = well

    def _of_crm(self) -> list[Mishap]:
        lost = {"kind": "cut_after", "method": "POST", "path": "/crm/v8/Events"}
        return [
            Mishap("slow", "Slow CRM", "Every answer of the CRM takes 5 seconds.",
                   self._arm({"kind": "delay", "seconds": 5, "times": None})),
            Mishap("lost", "Lost answer", "The next meeting is made; the answer never arrives.",
                   self._arm(lost)),
            Mishap("throttle", "429", "The CRM refuses the next 3 requests as too many.",
                   self._arm({"kind": "throttle", "times": 3})),
            Mishap("revoke", "Revoked token", "The CRM ends all tokens of who you act as.",
                   self._revoke),
        ]  # fmt: skip

    def _of_jobs(self) -> list[Mishap]:
        return [
            Mishap("fails", "Job FAILURE", "Bulk jobs begun from now on fail.",
                   self._turn("bulk.fails", value=True)),
            Mishap("late", "Late callback", "The CRM calls back 90 seconds after a job's end.",
                   self._turn("bulk.callbacks", value="late")),
            Mishap("never", "No callback", "The CRM never calls back.",
                   self._turn("bulk.callbacks", value="never")),
        ]  # fmt: skip

    def _of_slack(self) -> list[Mishap]:
        return [
            Mishap("trigger", "Slow form", "The next form reaches Slack 4 seconds late.",
                   self._fault(method="views.open", delay=4.0)),
            Mishap("crowded", "Slack 429", "Slack refuses the next 2 messages for a second.",
                   self._fault(method="chat.postMessage", status=429, times=2)),
            Mishap("unheard", "Unheard", "The next message is posted; the bot hears nothing.",
                   self._fault(method="chat.postMessage", cut_after=True)),
        ]  # fmt: skip

    def _of_time(self) -> list[Mishap]:
        later = self._crm.world.clock.advance
        return [
            Mishap("minute", "A minute later", "", lambda _: later(60)),
            Mishap("hour", "An hour later", "", lambda _: later(3600)),
            Mishap("day", "A day later", "", lambda _: later(86_400)),
        ]

    def panel(self, user: str) -> Json:
        """Return the mishaps and which are under way; the same for every `user`."""
        del user
        switches = self._crm.world.switches
        armed = [
            f"{_KINDS.get(one['kind'], one['kind'])}: {_left(one['left'])}"
            for one in self._crm.faults.listing()
            if one["left"] != 0
        ]
        armed += [
            f"Slack's {fault.method}: {fault.times} to go"
            for fault in self._slack.workspace.faults
            if fault.times > 0
        ]
        armed += [
            f"{name} is {switches[name]}"
            for name, usual in _SWITCHES.items()
            if switches[name] != usual
        ]
        return {
            "groups": {
                title: [{"name": one.name, "title": one.title, "about": one.about} for one in group]
                for title, group in self._groups.items()
            },
            "armed": armed,
        }

    def cause(self, name: str, user: str) -> None:
        """Let the mishap of this name happen, to `user` where it is one person's.

        Raises:
            PersonRefusal: There is no such mishap, or the person has no CRM account.
        """
        mishap = self._known.get(name)
        if mishap is None:
            raise PersonRefusal("unknown_mishap", name)
        mishap.act(user)

    def _arm(self, told: Json) -> Callable[[str], object]:
        return lambda _: self._crm.faults.arm(told)

    def _turn(self, name: str, *, value: object) -> Callable[[str], object]:
        return lambda _: self._crm.world.switches.turn({name: value})

    def _fault(self, **told: Any) -> Callable[[str], object]:
        return lambda _: self._slack.workspace.faults.append(Fault(**told))

    def _revoke(self, user: str) -> None:
        email = self._slack.workspace.person(user).email or ""
        account = self._crm.world.user_named(email)
        if account is None:
            raise PersonRefusal("no_crm_account", email)
        self._crm.world.grants.revoke_user(account["id"], access_only=False)

    def _mend(self, user: str) -> None:
        del user
        self._crm.faults.clear()
        self._slack.workspace.faults.clear()
        self._crm.world.switches.turn(_SWITCHES)


def _left(times: int | None) -> str:
    return "until all is well again" if times is None else f"{times} to go"
