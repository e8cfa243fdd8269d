"""What a person does in forms: click, type, ask for options, submit, close.

Sources: docs.slack.dev `surfaces/modals`, `reference/interaction-payloads/block_actions-payload`,
`reference/interaction-payloads/view-interactions-payload`.
"""

from __future__ import annotations

from typing import Any

from handlers.sandbox.slack import payloads
from handlers.sandbox.slack.delivery import Courier, Delivery, answered
from handlers.sandbox.slack.elements import GROUPS, OPTIONS, TYPED, all_options
from handlers.sandbox.slack.refusals import PersonRefusal, SlackRefusal
from handlers.sandbox.slack.rules import Findings
from handlers.sandbox.slack.surfaces import Offers, Surface, locate
from handlers.sandbox.slack.talk import Talk
from handlers.sandbox.slack.values import changed, complaints, stateful
from handlers.sandbox.slack.views import View, Views
from handlers.sandbox.slack.workspace import JsonObject, Workspace

MIN_QUERY = 3


class Forms:
    """People's hands on modals, Home tabs and messages."""

    def __init__(self, workspace: Workspace, views: Views, talk: Talk, courier: Courier) -> None:
        """Act in the given workspace."""
        self._workspace = workspace
        self._views = views
        self._talk = talk
        self._courier = courier
        self._offers = Offers()

    def click(self, user: str, where: JsonObject, value: Any = None) -> JsonObject:
        """Press a button, or choose the option `value` of an overflow menu.

        Raises:
            PersonRefusal: There is no such button in front of the person.
        """
        surface, block, element = self._element(user, where)
        if stateful(element):
            raise PersonRefusal("not_a_button", element["type"])
        held: JsonObject = {}
        if element["type"] == "overflow":
            chosen = [o for o in element["options"] if o["value"] == value]
            if not chosen:
                raise PersonRefusal("option_not_offered", str(value))
            held = {"selected_option": chosen[0]}
        url = element.get("url") or held.get("selected_option", {}).get("url")
        return {**self._act(user, surface, block, element, held), "url": url}

    def put(self, user: str, where: JsonObject, value: Any) -> JsonObject:
        """Enter a value; sends block_actions where Slack's client does.

        Raises:
            PersonRefusal: The person can't enter that there.
        """
        surface, block, element = self._element(user, where)
        if not stateful(element):
            raise PersonRefusal("not_a_field", element["type"])
        key = (block["block_id"], element["action_id"])
        with self._workspace.lock:
            offered = self._offers.of(surface, key, element)
            surface.values[key] = changed(element, value, offered)
        if _sends_on_change(block, element):
            return self._act(user, surface, block, element, surface.values[key])
        return {"sent": False}

    def enter(self, user: str, where: JsonObject) -> JsonObject:
        """Press Enter in a text field; it is sent only if the field asks for that.

        Raises:
            PersonRefusal: There is no such field.
        """
        surface, block, element = self._element(user, where)
        config = element.get("dispatch_action_config", {})
        triggers = config.get("trigger_actions_on", ["on_enter_pressed"])
        wanted = block.get("dispatch_action", False) and "on_enter_pressed" in triggers
        if element["type"] not in TYPED or not wanted:
            return {"sent": False}
        key = (block["block_id"], element["action_id"])
        return self._act(user, surface, block, element, surface.values[key])

    def suggest(self, user: str, where: JsonObject, query: str) -> JsonObject:
        """Type into an external menu; returns the options the app offers.

        Raises:
            PersonRefusal: There is no such menu, or the app has no options URL.
        """
        surface, block, element = self._element(user, where)
        if "external" not in element["type"]:
            options = [o for o in all_options(element) if query.lower() in _text(o).lower()]
            return {"sent": False, "options": options}
        if len(query) < element.get("min_query_length", MIN_QUERY):
            return {"sent": False, "options": []}
        if not self._workspace.installation.has_options_url:
            raise PersonRefusal("no_options_url")
        payload = {
            **payloads.common(self._workspace, "block_suggestion", user),
            **surface.place(self._views),
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "value": query,
        }
        delivery = self._courier.payload("block_suggestion", user, payload)
        options, error = _options(delivery)
        key = (block["block_id"], element["action_id"])
        with self._workspace.lock:
            self._offers.add(surface, key, options)
        return {"sent": True, "options": options, "error": error, "delivery": delivery.id}

    def submit(self, user: str, view_id: str | None = None) -> JsonObject:
        """Press the submit button of a modal.

        The outcome is "closed", "errors", "updated", "pushed", "cleared" or "failed" (the app's
        answer was late, absent or no good; the modal stays).

        Raises:
            PersonRefusal: There is no such modal or it has no submit button.
        """
        self._ready(user)
        with self._workspace.lock:
            view = self._top(user, view_id)
            if not view.content.get("submit") or view.content.get("submit_disabled"):
                raise PersonRefusal("no_submit_button")
            found = complaints(view.blocks, view.values)
            view.errors = found
            if found:
                return {"outcome": "errors", "errors": found, "sent": False}
            payload = {
                **payloads.common(self._workspace, "view_submission", user),
                "trigger_id": self._views.trigger(user, view.id),
                "view": self._views.payload(view),
                "response_urls": self._response_urls(user, view),
            }
        delivery = self._courier.payload("view_submission", user, payload)
        outcome = self._after_submit(view, delivery)
        return {"sent": True, "delivery": delivery.id, "errors": {}, **outcome}

    def close(self, user: str, view_id: str | None = None, *, whole: bool = False) -> JsonObject:
        """Press Cancel, or with `whole` the cross that closes every view of the stack.

        Raises:
            PersonRefusal: There is no such modal.
        """
        view = self._top(user, view_id)
        cleared = whole or view.content.get("clear_on_close", False)
        told = self._views.of(user, view.root) if whole else view
        payload = {
            **payloads.common(self._workspace, "view_closed", user),
            "view": self._views.payload(told),
            "is_cleared": cleared,
        }
        payload["view"]["state"] = {"values": {}}
        if cleared:
            self._views.clear(user)
        else:
            self._views.pop(view)
        if not told.content.get("notify_on_close"):
            return {"sent": False}
        delivery = self._courier.payload("view_closed", user, payload)
        return {"sent": True, "delivery": delivery.id, "error": _error(delivery)}

    def _ready(self, user: str) -> None:
        self._workspace.person(user)
        if self._workspace.installation.revoked:
            raise PersonRefusal("app_not_installed")
        if not self._workspace.installation.interactive:
            raise PersonRefusal("interactivity_is_off")

    def _element(self, user: str, where: JsonObject) -> tuple[Surface, JsonObject, JsonObject]:
        self._ready(user)
        with self._workspace.lock:
            surface = locate(self._workspace, self._views, self._talk, user, where)
            block, element = surface.find(where.get("action_id", ""), where.get("block_id"))
            return surface, block, element

    def _top(self, user: str, view_id: str | None) -> View:
        view = self._views.of(user, view_id)
        if view is not self._views.top(user):
            raise PersonRefusal("view_is_covered", view.id)
        return view

    def _act(
        self,
        user: str,
        surface: Surface,
        block: JsonObject,
        element: JsonObject,
        held: JsonObject,
    ) -> JsonObject:
        with self._workspace.lock:
            view_id = surface.view.id if surface.view is not None else None
            stamp = self._workspace.make_ts()
            payload = {
                **payloads.common(self._workspace, "block_actions", user),
                **surface.place(self._views),
                "trigger_id": self._views.trigger(user, view_id),
                "actions": [payloads.action(block, element, held, stamp)],
            }
            if surface.channel is not None and surface.message is not None:
                payload["response_url"] = self._talk.response_url(
                    "actions", surface.channel, user, surface.message.ts
                )
        delivery = self._courier.payload("block_actions", user, payload)
        return {"sent": True, "delivery": delivery.id, "error": _error(delivery)}

    def _response_urls(self, user: str, view: View) -> list[JsonObject]:
        urls: list[JsonObject] = []
        for block in view.blocks:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            key = (block["block_id"], element["action_id"])
            state = view.values[key]
            chosen = state.get("selected_conversation") or state.get("selected_channel")
            channel = self._workspace.channels.get(chosen or "")
            if channel is not None:
                urls.append(
                    {
                        "block_id": key[0],
                        "action_id": key[1],
                        "channel_id": channel.id,
                        "response_url": self._talk.response_url("app", channel, user),
                    }
                )
        return urls

    def _after_submit(self, view: View, delivery: Delivery) -> JsonObject:
        if not delivery.ok:
            return {"outcome": "failed", "error": delivery.verdict}
        answer = answered(delivery)
        if answer is None or answer == {}:
            self._views.pop(view)
            return {"outcome": "closed"}
        if not isinstance(answer, dict):
            return {"outcome": "failed", "error": "invalid_response"}
        try:
            return self._respond(view, answer)
        except SlackRefusal as refusal:
            return {"outcome": "failed", "error": refusal.code, "messages": refusal.messages}

    def _respond(self, view: View, answer: JsonObject) -> JsonObject:
        response = answer.get("response_action")
        if response == "errors":
            view.errors = _checked_errors(view, answer.get("errors"))
            return {"outcome": "errors", "errors": view.errors}
        if response == "update":
            self._views.update(view, answer.get("view"))
            return {"outcome": "updated"}
        if response == "push":
            self._views.lay(view.user, answer.get("view"))
            return {"outcome": "pushed"}
        if response == "clear":
            self._views.clear(view.user)
            return {"outcome": "cleared"}
        raise SlackRefusal("invalid_response_action")


def _sends_on_change(block: JsonObject, element: JsonObject) -> bool:
    if block["type"] != "input":
        return True
    if not block.get("dispatch_action"):
        return False
    if element["type"] not in TYPED:
        return True
    config = element.get("dispatch_action_config", {})
    return "on_character_entered" in config.get("trigger_actions_on", ())


def _error(delivery: Delivery) -> str | None:
    return None if delivery.ok else delivery.verdict


def _text(option: JsonObject) -> str:
    return str(option["text"]["text"])


def _options(delivery: Delivery) -> tuple[list[JsonObject], str | None]:
    if not delivery.ok:
        return [], delivery.verdict
    answer = answered(delivery)
    if not isinstance(answer, dict) or ("options" in answer) == ("option_groups" in answer):
        return [], "invalid_options"
    findings = Findings()
    rule, key = (OPTIONS, "options") if "options" in answer else (GROUPS, "option_groups")
    if answer[key]:
        rule(answer[key], f"/{key}", findings)
    if findings.messages:
        return [], f"invalid_options: {findings.messages[0]}"
    return payloads.options_from(answer), None


def _checked_errors(view: View, errors: Any) -> dict[str, str]:
    """Return the errors for a view's fields; Slack refuses keys that are no input block's."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackRefusal("invalid_errors")
    for block_id, text in errors.items():
        if block_id not in inputs or not isinstance(text, str) or not text:
            raise SlackRefusal("invalid_errors", messages=[f"[ERROR] {block_id}"])
    return dict(errors)
