"""Modals: triggers, typed values over updates, submissions, the stack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handlers.sandbox.web import Answer

Json = dict[str, Any]


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(text: str) -> Json:
    """An option whose value is its text in lower case."""
    return {"text": plain(text), "value": text.lower()}


def field(label: str, element: Json, **more: Any) -> Json:
    """An input block whose ids come from its label."""
    name = label.lower()
    element = {"action_id": f"{name}_value", **element}
    return {"type": "input", "block_id": name, "label": plain(label), "element": element, **more}


def text_field(label: str, **more: Any) -> Json:
    """A text input."""
    return field(label, {"type": "plain_text_input", **more})


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a submit button."""
    top = {"type": "modal", "title": plain("Meeting"), "submit": plain("Create")}
    return {**top, "blocks": list(blocks), **more}


def opened(stage: Any, ada: Any, view: Json) -> Json:
    """Open a modal for Ada by a command; returns the view as Slack answered it."""
    ada.types("/meet")
    answer = stage.api("views.open", trigger_id=stage.app.payloads[-1]["trigger_id"], view=view)
    assert answer["ok"], answer
    shown: Json = answer["view"]
    return shown


def test_a_trigger_works_once(stage: Any, ada: Any) -> None:
    """The second use is exchanged_trigger_id."""
    ada.types("/meet")
    trigger = stage.app.payloads[0]["trigger_id"]

    assert stage.api("views.open", trigger_id=trigger, view=modal())["ok"]
    again = stage.api("views.open", trigger_id=trigger, view=modal())

    assert "exchanged_trigger_id" == again["error"]


def test_a_trigger_lives_three_seconds(stage: Any, ada: Any) -> None:
    """Just over three seconds later it is expired_trigger_id."""
    ada.types("/meet")
    stage.clock.advance(3.1)
    trigger = stage.app.payloads[0]["trigger_id"]

    late = stage.api("views.open", trigger_id=trigger, view=modal())

    assert "expired_trigger_id" == late["error"]
    unknown = stage.api("views.open", trigger_id="1.2.x", view=modal())
    assert "invalid_trigger_id" == unknown["error"]


def test_untouched_fields_have_slacks_empty_shapes(stage: Any, ada: Any) -> None:
    """Single values are null, lists are empty."""
    options = {"options": [option("One"), option("Two")]}
    kinds: list[tuple[str, Json]] = [
        ("plain_text_input", {}),
        ("number_input", {"is_decimal_allowed": False}),
        ("datepicker", {}),
        ("timepicker", {"timezone": "Europe/Berlin"}),
        ("static_select", options),
        ("multi_static_select", options),
        ("external_select", {}),
        ("multi_external_select", {}),
        ("users_select", {}),
        ("multi_users_select", {}),
        ("checkboxes", options),
        ("radio_buttons", options),
    ]
    blocks = [field(kind, {"type": kind, **more}) for kind, more in kinds]

    values = opened(stage, ada, modal(*blocks))["state"]["values"]

    bare = {
        kind: {key: value for key, value in values[kind][f"{kind}_value"].items() if key != "type"}
        for kind, _ in kinds
    }
    assert {
        "plain_text_input": {"value": None},
        "number_input": {"value": None},
        "datepicker": {"selected_date": None},
        "timepicker": {"selected_time": None, "timezone": "Europe/Berlin"},
        "static_select": {"selected_option": None},
        "multi_static_select": {"selected_options": []},
        "external_select": {"selected_option": None},
        "multi_external_select": {"selected_options": []},
        "users_select": {"selected_user": None},
        "multi_users_select": {"selected_users": []},
        "checkboxes": {"selected_options": []},
        "radio_buttons": {"selected_option": None},
    } == bare


def test_typed_values_survive_an_update_only_with_both_ids(stage: Any, ada: Any) -> None:
    """A new block_id or action_id starts from its initial value; old ids ignore it."""
    view = opened(stage, ada, modal(text_field("Title"), text_field("Venue"), text_field("Note")))
    for label in ("Title", "Venue", "Note"):
        ada.fill(label, f"my {label}")
    kept = text_field("Title", initial_value="bot's")
    moved = text_field("Venue", initial_value="bot's") | {"block_id": "venue2"}
    renamed = text_field("Note", action_id="note2", initial_value="bot's")

    answer = stage.api(
        "views.update", view_id=view["id"], hash=view["hash"], view=modal(kept, moved, renamed)
    )

    assert answer["ok"], answer
    assert ["my Title", "bot's", "bot's"] == [ada.field(x) for x in ("Title", "Venue", "Note")]
    state = ada.modal()["state"]["values"]
    assert [("title", "title_value"), ("venue2", "venue_value"), ("note", "note2")] == [
        (block_id, *actions) for block_id, actions in state.items()
    ]


def test_an_update_with_an_old_hash_is_a_conflict(stage: Any, ada: Any) -> None:
    """Each update makes a new hash; the old one is refused, none is accepted."""
    view = opened(stage, ada, modal(text_field("Title"), external_id="mine"))
    update = {"view_id": view["id"], "view": modal(text_field("Title"), external_id="mine")}
    assert stage.api("views.update", hash=view["hash"], **update)["ok"]

    stale = stage.api("views.update", hash=view["hash"], **update)

    assert "hash_conflict" == stale["error"]
    by_name = stage.api("views.update", external_id="mine", view=modal())
    assert by_name["ok"]


def test_an_external_id_is_unique(stage: Any, ada: Any) -> None:
    """Two open views can't share one."""
    opened(stage, ada, modal(external_id="mine"))
    ben = stage.person("U0BEN")
    ben.types("/meet")
    trigger = stage.app.payloads[-1]["trigger_id"]

    second = stage.api("views.open", trigger_id=trigger, view=modal(external_id="mine"))

    assert "duplicate_external_id" == second["error"]


def test_a_submission_carries_the_values_and_closes(stage: Any, ada: Any) -> None:
    """An empty 200 closes the view; the payload has the state, team, user and hash."""
    menu = field("Kind", {"type": "static_select", "options": [option("Call"), option("Visit")]})
    days = field("Days", {"type": "checkboxes", "options": [option("Mon"), option("Tue")]})
    who = field("Who", {"type": "multi_users_select"})
    day = field("Day", {"type": "datepicker"})
    opened(stage, ada, modal(text_field("Title"), menu, days, who, day, private_metadata="d1"))
    ada.fill("Title", "Review & more")
    ada.fill("Kind", "Visit")
    ada.fill("Days", ["Mon", "Tue"])
    ada.fill("Who", "Ben Okoro")
    ada.fill("Who", "U0CHLOE")
    ada.fill("Day", "2026-03-15")

    assert "closed" == ada.press("Create")

    payload = stage.app.payloads[-1]
    values = payload["view"]["state"]["values"]
    assert None is ada.modal()
    assert "Review & more" == values["title"]["title_value"]["value"]
    assert "visit" == values["kind"]["kind_value"]["selected_option"]["value"]
    assert ["mon", "tue"] == [o["value"] for o in values["days"]["days_value"]["selected_options"]]
    assert ["U0BEN", "U0CHLOE"] == values["who"]["who_value"]["selected_users"]
    assert "2026-03-15" == values["day"]["day_value"]["selected_date"]
    assert ("d1", "T0PARLEY", "U0ADA", "T0PARLEY", None) == (
        payload["view"]["private_metadata"],
        payload["team"]["id"],
        payload["user"]["id"],
        payload["user"]["team_id"],
        payload["enterprise"],
    )


def test_the_client_itself_demands_required_fields(stage: Any, ada: Any) -> None:
    """Nothing is sent while a required field is empty or too short."""
    opened(
        stage,
        ada,
        modal(
            text_field("Title", min_length=3), field("Day", {"type": "datepicker"}, optional=True)
        ),
    )
    sent = len(stage.app.payloads)

    missing = "Please complete this required field."
    assert {"errors": {"Title": missing}} == ada.submit()
    ada.fill("Title", "ab")
    assert {"errors": {"Title": "Must be at least 3 characters."}} == ada.submit()
    assert sent == len(stage.app.payloads)


def test_errors_show_under_their_fields(stage: Any, ada: Any) -> None:
    """The modal stays open and shows what the app answered."""
    opened(stage, ada, modal(text_field("Title")))
    ada.fill("Title", "x")
    answer = {"response_action": "errors", "errors": {"title": "Too plain"}}
    stage.app.replies["view_submission"] = lambda _: Answer.json(answer)

    assert {"errors": {"Title": "Too plain"}} == ada.submit()
    assert "Too plain" == ada.error("Title")
    assert "Meeting\nTitle\nx\nToo plain\nCreate" == ada.modal_text()


@pytest.mark.parametrize(
    "errors", [{"nowhere": "No"}, {"note": "No"}, {}, {"title": ""}, {"title": 5}]
)
def test_errors_for_anything_but_inputs_are_refused(stage: Any, ada: Any, errors: Json) -> None:
    """Slack fails the submission and the modal stays."""
    note = {"type": "section", "block_id": "note", "text": plain("Note")}
    opened(stage, ada, modal(text_field("Title"), note))
    ada.fill("Title", "x")
    answer = {"response_action": "errors", "errors": errors}
    stage.app.replies["view_submission"] = lambda _: Answer.json(answer)

    assert {"failed": "invalid_errors"} == ada.submit()
    assert ada.modal() is not None


def test_a_submission_may_update_push_and_clear(stage: Any, ada: Any) -> None:
    """Three views fit on the stack, a fourth doesn't; clear closes all."""
    opened(stage, ada, modal())

    def answer(action: str, **more: Any) -> None:
        stage.app.replies["view_submission"] = lambda _: Answer.json(
            {"response_action": action, **more}
        )

    answer("update", view=modal(title=plain("Second")))
    assert "updated" == ada.submit()
    assert "Second\nCreate" == ada.modal_text()
    answer("push", view=modal())
    assert ["pushed", "pushed"] == [ada.submit(), ada.submit()]
    assert {"failed": "push_limit_reached"} == ada.submit()
    answer("clear")
    assert "cleared" == ada.submit()
    assert None is ada.modal()


def test_a_failed_submission_leaves_the_modal(stage: Any, ada: Any) -> None:
    """An error status, an unknown action and a bad view are failures the person sees."""
    opened(stage, ada, modal())
    replies = [
        (Answer.empty(500), "http_service_error"),
        (Answer.json({"response_action": "dance"}), "invalid_response_action"),
        (Answer.json({"response_action": "update", "view": {}}), "invalid_arguments"),
        (Answer(200, b"ok"), "invalid_response"),
    ]
    for reply, code in replies:
        stage.app.replies["view_submission"] = lambda _, reply=reply: reply
        assert {"failed": code} == ada.submit()
    assert ada.modal() is not None


def test_a_button_in_a_modal_lets_the_app_push(stage: Any, ada: Any) -> None:
    """The action's trigger pushes over its view; a command's trigger can't."""
    button = {"type": "button", "action_id": "more", "text": plain("More"), "value": "v"}
    view = opened(stage, ada, modal({"type": "actions", "block_id": "row", "elements": [button]}))
    assert None is ada.press("More")

    payload = stage.app.payloads[-1]
    pushed = stage.api("views.push", trigger_id=payload["trigger_id"], view=modal())
    assert ("more", "row", "v", "button") == tuple(
        payload["actions"][0][key] for key in ("action_id", "block_id", "value", "type")
    )
    assert {"type": "view", "view_id": view["id"]} == payload["container"]
    assert view["hash"] == payload["view"]["hash"]
    assert "response_url" not in payload
    assert (view["id"], view["id"]) == (
        pushed["view"]["root_view_id"],
        pushed["view"]["previous_view_id"],
    )
    stage.person("U0BEN").types("/meet")
    stray = stage.api("views.push", trigger_id=stage.app.payloads[-1]["trigger_id"], view=modal())
    assert not stray["ok"]


def test_closing_tells_the_app_only_when_it_asked(stage: Any, ada: Any) -> None:
    """notify_on_close brings view_closed without the state."""
    opened(stage, ada, modal(text_field("Title")))
    ada.close()
    assert "view_closed" not in [p.get("type") for p in stage.app.payloads]

    opened(stage, ada, modal(text_field("Title"), notify_on_close=True))
    ada.fill("Title", "x")
    ada.close(whole=True)
    closed = stage.app.payloads[-1]
    assert ("view_closed", True, {"values": {}}) == (
        closed["type"],
        closed["is_cleared"],
        closed["view"]["state"],
    )
    gone = stage.api("views.update", view_id=closed["view"]["id"], view=modal())
    assert "not_found" == gone["error"]


def test_external_menus_ask_the_app_from_three_letters_on(stage: Any, ada: Any) -> None:
    """Shorter queries aren't sent; what is chosen must have been offered."""
    block = field("Guests", {"type": "multi_external_select"})
    opened(stage, ada, modal(block))
    stage.app.replies["block_suggestion"] = lambda p: Answer.json(
        {"options": [option(f"{p['value']} one"), option(f"{p['value']} two")]}
    )

    assert [] == ada.options("Guests", "le")
    assert ["lee one", "lee two"] == ada.options("Guests", "lee")
    ada.fill("Guests", "lee")
    with pytest.raises(AssertionError, match="no option 'zz'"):
        ada.fill("Guests", "zz")

    payload = stage.app.payloads[-1]
    assert ("block_suggestion", "lee", "guests", "guests_value") == tuple(
        payload[key] for key in ("type", "value", "block_id", "action_id")
    )
    assert ["lee one"] == ada.field("Guests")
    with pytest.raises(AssertionError, match="option_not_offered"):
        ada.ask("put", block_id="guests", action_id="guests_value", value=["never shown"])


@pytest.mark.parametrize(
    "answer",
    [
        {"options": [option(f"o{n}") for n in range(101)]},
        {"options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}]},
        {"options": [option("x" * 76)]},
        {},
    ],
)
def test_bad_options_are_an_error_in_the_menu(stage: Any, ada: Any, answer: Json) -> None:
    """More than 100, too long or misshapen options show nothing."""
    opened(stage, ada, modal(field("Guests", {"type": "external_select", "min_query_length": 1})))
    stage.app.replies["block_suggestion"] = lambda _: Answer.json(answer)

    with pytest.raises(AssertionError, match="invalid_options"):
        ada.options("Guests", "x")


def test_a_channel_menu_may_bring_a_response_url(stage: Any, ada: Any) -> None:
    """response_url_enabled gives one URL per chosen channel on submission."""
    menu = {"type": "channels_select", "response_url_enabled": True}
    opened(
        stage,
        ada,
        modal(
            field("Where", menu),
            field("Many", {"type": "number_input", "is_decimal_allowed": False}),
        ),
    )
    ada.fill("Where", "#sales")
    ada.fill("Many", 3)
    ada.submit()

    payload = stage.app.payloads[-1]
    (url,) = payload["response_urls"]
    assert ("C0SALES", "where") == (url["channel_id"], url["block_id"])
    assert "3" == payload["view"]["state"]["values"]["many"]["many_value"]["value"]
    path = url["response_url"].removeprefix(stage.slack.origin)
    stage.post(path, {"text": "Planned", "response_type": "in_channel"})
    assert ["Planned"] == [m["text"] for m in stage.person("U0BEN").messages("C0SALES")]


def test_inputs_stay_silent_unless_they_dispatch(stage: Any, ada: Any) -> None:
    """dispatch_action sends choices at once and text on Enter."""
    config = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    opened(
        stage,
        ada,
        modal(
            text_field("Quiet"),
            text_field("Enter") | {"dispatch_action": True},
            text_field("Live", **config) | {"dispatch_action": True},
            field("Day", {"type": "datepicker"}, dispatch_action=True),
        ),
    )

    def heard() -> list[str]:
        payloads = [p for p in stage.app.payloads if p.get("type") == "block_actions"]
        return [p["actions"][0]["action_id"] for p in payloads]

    ada.fill("Quiet", "a")
    ada.fill("Enter", "b")
    assert [] == heard()
    ada.enter("Quiet")
    ada.enter("Enter")
    ada.fill("Live", "c")
    ada.fill("Day", "2026-03-15")

    assert ["enter_value", "live_value", "day_value"] == heard()
    last = stage.app.payloads[-1]
    assert "2026-03-15" == last["actions"][0]["selected_date"]
    assert "b" == last["view"]["state"]["values"]["enter"]["enter_value"]["value"]


def test_helpful_errors_list_what_is_visible(stage: Any, ada: Any) -> None:
    """A label that isn't there names those that are."""
    opened(stage, ada, modal(text_field("Title")))

    with pytest.raises(AssertionError, match="Title"):
        ada.fill("Nowhere", "x")
    with pytest.raises(AssertionError, match="Create"):
        ada.press("Nothing")


def test_a_view_above_250_kb_is_too_large(stage: Any, ada: Any) -> None:
    """The size counts as JSON bytes."""
    ada.types("/meet")
    texts = [{"type": "plain_text", "text": "\u00e4" * 1900}] * 10
    blocks = [{"type": "section", "fields": texts}] * 8
    view = modal(*blocks)
    assert len(json.dumps(view, ensure_ascii=False).encode()) > 250 * 1024
    trigger = stage.app.payloads[0]["trigger_id"]

    assert "view_too_large" == stage.api("views.open", trigger_id=trigger, view=view)["error"]
