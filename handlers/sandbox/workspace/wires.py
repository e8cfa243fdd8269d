"""The traffic view: every request in both directions, each copyable as a curl command."""

from __future__ import annotations

import json
import shlex
from typing import Any

from handlers.sandbox.crm.site import CrmSide
from handlers.sandbox.slack.delivery import Delivery
from handlers.sandbox.slack.side import SlackSide
from handlers.sandbox.slack.webapi import BOT_TOKEN

Json = dict[str, Any]
NEWEST = 120


class Wires:
    """What goes over the wires of both halves of the sandbox."""

    def __init__(self, slack: SlackSide, crm: CrmSide) -> None:
        """Watch these."""
        self._slack = slack
        self._crm = crm

    def panel(self, user: str) -> Json:
        """Return the newest exchanges, newest first, without their bodies; for every `user`."""
        del user
        with self._slack.workspace.lock:
            rows = [_delivered(one) for one in self._slack.courier.deliveries[-NEWEST:]]
            first = max(0, len(self._slack.workspace.calls) - NEWEST)
            calls = self._slack.workspace.calls[first:]
            rows += [_called(first + number, call) for number, call in enumerate(calls)]
        rows += [_asked(entry) for entry in self._crm.traffic.listing()[-NEWEST:]]
        rows.sort(key=lambda row: str(row["at"]), reverse=True)
        return {"rows": rows[:NEWEST]}

    def exchange(self, key: str) -> Json | None:
        """Return one exchange of the panel in full: what was sent and answered, and as curl."""
        kind, _, number = key.partition("-")
        if not number.isdecimal():
            return None
        if kind == "delivery":
            return self._delivery(int(number))
        if kind == "call":
            return self._call(int(number))
        after = self._crm.traffic.listing(after=int(number) - 1)
        found = after and after[0]["n"] == int(number) and kind == "crm"
        return self._request(after[0]) if found else None

    def _delivery(self, number: int) -> Json | None:
        with self._slack.workspace.lock:
            url = self._slack.workspace.installation.request_url
            found = [one for one in self._slack.courier.deliveries if one.id == number]
        if not found:
            return None
        one = found[0]
        return {
            "sent": one.payload,
            "answer": one.answer.decode("utf-8", "replace"),
            "curl": _curl("POST", url, one.headers, one.body.decode("utf-8", "replace")),
        }

    def _call(self, number: int) -> Json | None:
        with self._slack.workspace.lock:
            if number >= len(self._slack.workspace.calls):
                return None
            call = self._slack.workspace.calls[number]
            url = f"{self._slack.workspace.origin}/api/{call['method']}"
        headers = {
            "Authorization": f"Bearer {BOT_TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        fields = [
            f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            for name, value in call["args"].items()
        ]
        answer = {key: call[key] for key in ("ok", "error", "messages") if call[key]}
        curl = _curl("POST", url, headers, *fields, flag="--data-urlencode")
        return {"sent": call["args"], "answer": answer, "curl": curl}

    def _request(self, entry: Json) -> Json:
        kept = {k: v for k, v in entry["headers"].items() if k in {"authorization", "content-type"}}
        query = "&".join(f"{key}={value}" for key, value in entry["query"].items())
        url = f"{self._crm.world.origin}{entry['path']}{'?' if query else ''}{query}"
        body = entry["body"]
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        sent = () if body is None else (text,)
        return {
            "sent": {"query": entry["query"], "body": body},
            "answer": entry["answer"],
            "curl": _curl(entry["method"], url, kept, *sent),
        }


def _delivered(one: Delivery) -> Json:
    return {
        "key": f"delivery-{one.id}",
        "at": one.at,
        "way": "Slack → bot",
        "what": f"{one.kind} {_named(one.payload)}".strip(),
        "verdict": one.verdict or "under way",
        "ok": one.verdict in {"", "ok"},
        "ms": round(one.latency_ms) if one.verdict else None,
    }


def _named(payload: Json) -> str:
    actions = payload.get("actions") or [{}]
    shown = payload.get("command") or payload.get("callback_id") or actions[0].get("action_id")
    return str(shown or payload.get("action_id") or "")


def _called(number: int, call: Json) -> Json:
    return {
        "key": f"call-{number}",
        "at": call["at"],
        "way": "bot → Slack",
        "what": call["method"],
        "verdict": call["error"] or "ok",
        "ok": call["ok"],
        "ms": None,
    }


def _asked(entry: Json) -> Json:
    status = entry["status"]
    return {
        "key": f"crm-{entry['n']}",
        "at": entry["at"],
        "way": "bot → CRM",
        "what": f"{entry['method']} {entry['path']}",
        "verdict": "no answer" if status is None else str(status),
        "ok": status is not None and status < 400,
        "ms": None,
    }


def _curl(
    method: str, url: str, headers: dict[str, str], *bodies: str, flag: str = "--data-raw"
) -> str:
    parts = ["curl", "-X", method, url]
    for name, value in headers.items():
        parts += ["-H", f"{name}: {value}"]
    for body in bodies:
        parts += [flag, body]
    return shlex.join(parts)
