"""Block Kit's limits: each holds at its edge and breaks one step beyond it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from handlers.sandbox.slack.blocks import check_message, check_view

Json = dict[str, Any]


def plain(length: int) -> Json:
    """A plain_text object of a length."""
    return {"type": "plain_text", "text": "x" * length}


def option(text: int = 5, value: int = 5, **more: Any) -> Json:
    """An option with a text and value of given lengths."""
    return {"text": plain(text), "value": "v" * value, **more}


def section(length: int) -> Json:
    """A section with mrkdwn of a length."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def actions(*elements: Json) -> Json:
    """An actions block."""
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain(5), **more}


def menu(kind: str, **more: Any) -> Json:
    """An element of a kind."""
    return {"type": kind, **more}


def field(element: Json, **more: Any) -> Json:
    """An input block."""
    return {"type": "input", "label": plain(5), "element": element, **more}


def fields(length: int, count: int = 1) -> Json:
    """A section of fields."""
    return {"type": "section", "fields": [plain(length)] * count}


def boxes(count: int) -> Json:
    """An input of checkboxes."""
    return field(menu("checkboxes", options=[option(value=n + 1) for n in range(count)]))


def static(count: int) -> Json:
    """An input with a static menu."""
    return field(menu("static_select", options=[option() for _ in range(count)]))


def overflow(count: int) -> Json:
    """An overflow menu."""
    return actions(menu("overflow", options=[option() for _ in range(count)]))


def confirm(**lengths: int) -> Json:
    """A button with a confirm dialog."""
    parts = {"title": 5, "text": 5, "confirm": 5, "deny": 5} | lengths
    return actions(button(confirm={key: plain(length) for key, length in parts.items()}))


def groups(count: int, label: int = 5) -> Json:
    """An input with grouped options."""
    group = {"label": plain(label), "options": [option()]}
    return field(menu("static_select", option_groups=[group] * count))


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a submit button."""
    top = {"type": "modal", "title": plain(5), "submit": plain(5)}
    return {**top, "blocks": list(blocks), **more}


Made = Callable[[int], Json]

# What is made from a number, the most that fits, and the pointer below the block.
EDGES: list[tuple[Made, int, str]] = [
    (section, 3000, "/text/text"),
    (fields, 2000, "/fields/0/text"),
    (lambda n: fields(5, n), 10, "/fields"),
    (lambda n: {"type": "header", "text": plain(n)}, 150, "/text/text"),
    (lambda n: {"type": "divider", "block_id": "b" * n}, 255, "/block_id"),
    (lambda n: {"type": "context", "elements": [plain(5)] * n}, 10, "/elements"),
    (lambda n: actions(*[button() for _ in range(n)]), 25, "/elements"),
    (lambda n: actions(button(text=plain(n))), 75, "/elements/0/text/text"),
    (lambda n: actions(button(value="v" * n)), 2000, "/elements/0/value"),
    (lambda n: actions(button(url="u" * n)), 3000, "/elements/0/url"),
    (lambda n: actions(button(action_id="a" * n)), 255, "/elements/0/action_id"),
    (lambda n: actions(button(accessibility_label="a" * n)), 75, "/elements/0/accessibility_label"),
    (overflow, 5, "/elements/0/options"),
    (boxes, 10, "/element/options"),
    (static, 100, "/element/options"),
    (groups, 100, "/element/option_groups"),
    (lambda n: groups(1, n), 75, "/element/option_groups/0/label/text"),
    (
        lambda n: field(menu("static_select", options=[option(text=n)])),
        75,
        "/element/options/0/text/text",
    ),
    (
        lambda n: field(menu("static_select", options=[option(value=n)])),
        150,
        "/element/options/0/value",
    ),
    (
        lambda n: field(menu("static_select", options=[option(description=plain(n))])),
        75,
        "/element/options/0/description/text",
    ),
    (lambda n: field(menu("datepicker", placeholder=plain(n))), 150, "/element/placeholder/text"),
    (lambda n: field(menu("datepicker"), label=plain(n)), 2000, "/label/text"),
    (lambda n: field(menu("datepicker"), hint=plain(n)), 2000, "/hint/text"),
    (lambda n: field(menu("plain_text_input", max_length=n)), 3000, "/element/max_length"),
    (lambda n: field(menu("file_input", max_files=n)), 10, "/element/max_files"),
    (lambda n: confirm(title=n), 100, "/elements/0/confirm/title/text"),
    (lambda n: confirm(text=n), 300, "/elements/0/confirm/text/text"),
    (lambda n: confirm(confirm=n), 30, "/elements/0/confirm/confirm/text"),
    (lambda n: confirm(deny=n), 30, "/elements/0/confirm/deny/text"),
    (lambda n: {"type": "image", "image_url": "u" * n, "alt_text": "a"}, 3000, "/image_url"),
    (lambda n: {"type": "image", "image_url": "u", "alt_text": "a" * n}, 2000, "/alt_text"),
]


@pytest.mark.parametrize(("make", "most", "pointer"), EDGES)
def test_a_limit_holds_at_its_edge(make: Made, most: int, pointer: str) -> None:
    """At the edge all is well, one beyond it is refused at that very place."""
    assert [] == check_view(modal(make(most)), "modal")

    messages = check_view(modal(make(most + 1)), "modal")

    assert [f"[json-pointer:/view/blocks/0{pointer}]"] == [m.split(" ")[-1] for m in messages]
    assert str(most) in messages[0] or str(most + 1) in messages[0]


VIEW_EDGES: list[tuple[str, int]] = [
    ("private_metadata", 3000),
    ("callback_id", 255),
    ("external_id", 255),
]


@pytest.mark.parametrize(("key", "most"), VIEW_EDGES)
def test_a_views_own_strings_have_limits(key: str, most: int) -> None:
    """At the edge all is well, one beyond is not."""
    assert [] == check_view(modal(**{key: "x" * most}), "modal")
    assert [f"[ERROR] must be less than {most + 1} characters [json-pointer:/view/{key}]"] == (
        check_view(modal(**{key: "x" * (most + 1)}), "modal")
    )


@pytest.mark.parametrize("key", ["title", "submit", "close"])
def test_a_modals_captions_have_24_characters_of_plain_text(key: str) -> None:
    """25 characters and mrkdwn are refused."""
    assert [] == check_view(modal(**{key: plain(24)}), "modal")
    assert check_view(modal(**{key: plain(25)}), "modal")
    assert check_view(modal(**{key: {"type": "mrkdwn", "text": "x"}}), "modal")


def test_a_view_has_100_blocks_and_a_message_50() -> None:
    """One more is refused."""
    many = [section(1) for _ in range(101)]
    assert [] == check_view(modal(*many[:100]), "modal")
    assert ["[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]"] == check_view(
        modal(*many), "modal"
    )
    assert [] == check_message(many[:50])
    assert ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"] == check_message(
        many[:51]
    )


def test_text_is_measured_after_escaping() -> None:
    """An ampersand in plain text weighs five, an entity too, an angle bracket four."""
    for text, fits in (
        ("&" * 30, True),
        ("&" * 31, False),
        ("&amp;" * 30, True),
        ("<" * 38, False),
    ):
        block = {"type": "header", "text": {"type": "plain_text", "text": text}}
        assert fits is (check_message([block]) == [])


WRONG: list[tuple[Json, str]] = [
    ({"type": "hologram"}, "unsupported type: hologram"),
    ({"type": "data_table"}, "unsupported type: data_table"),
    ({"text": plain(1)}, "missing required field: type"),
    ({"type": "section"}, "must define either text or fields"),
    ({"type": "header"}, "missing required field: text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "unsupported type: mrkdwn"),
    ({"type": "header", "text": plain(0)}, "must be more than 0 characters"),
    ({"type": "header", "text": "x"}, "must provide an object"),
    ({"type": "divider", "text": plain(1)}, "invalid additional property: text"),
    ({"type": "actions", "elements": []}, "no less than 1 items allowed"),
    (actions(menu("plain_text_input")), "unsupported type: plain_text_input"),
    (actions(menu("multi_static_select")), "unsupported type: multi_static_select"),
    (actions(button(style="loud")), "must be one of: primary, danger"),
    (field(button()), "unsupported type: button"),
    (field(menu("overflow", options=[option()])), "unsupported type: overflow"),
    (field(menu("static_select")), "must define exactly one of: options, option_groups"),
    (field(menu("datepicker", initial_date="2026-13-01")), "expected YYYY-MM-DD"),
    (field(menu("timepicker", initial_time="24:00")), "expected HH:mm"),
    (field(menu("number_input")), "missing required field: is_decimal_allowed"),
    (field(menu("number_input", is_decimal_allowed=True, min_value=1)), "must provide a string"),
    (field(menu("multi_users_select", max_selected_items=0)), "must be more than 0"),
    (
        field(menu("multi_external_select", initial_options=[])),
        "no less than 1 items allowed",
    ),
    (
        field(menu("static_select", options=[option()], initial_option=option(text=6))),
        "must exactly match one of the options",
    ),
    (
        field(menu("plain_text_input", min_length=5, max_length=4)),
        "min_length must not be greater than max_length",
    ),
    (
        {
            "type": "section",
            "text": plain(1),
            "accessory": menu("conversations_select", response_url_enabled=True),
        },
        "response_url_enabled needs an input block",
    ),
]


@pytest.mark.parametrize(("block", "words"), WRONG)
def test_a_wrong_block_is_refused_with_its_reason(block: Json, words: str) -> None:
    """The messages name the fault."""
    messages = check_view(modal(block), "modal")

    assert [True] == [words in message for message in messages]


def test_ids_are_unique() -> None:
    """block_id in a view, action_id in a block."""
    double = [dict(section(1), block_id="b") for _ in range(2)]
    twice = actions(button(action_id="a"), button(action_id="a"))
    apart = [actions(button(action_id="a")), actions(button(action_id="a"))]

    assert ["[ERROR] `block_id` `b` already exists [json-pointer:/blocks/1/block_id]"] == (
        check_message(double)
    )
    assert "already exists" in check_message([twice])[0]
    assert [] == check_message(apart)


def test_an_input_needs_a_submit_button_in_a_modal_only() -> None:
    """Messages and Home tabs have none."""
    view = modal(field(menu("datepicker")))
    del view["submit"]
    words = "must define `submit` to use an `input` block in modals"
    assert [f"[ERROR] {words} [json-pointer:/view]"] == check_view(view, "modal")

    home = {"type": "home", "blocks": view["blocks"]}
    assert [] == check_view(home, "home")
    assert [] == check_message(view["blocks"])
    assert check_view(modal(), "home")
    assert ["[ERROR] invalid additional property: title [json-pointer:/view]"] == check_view(
        {**home, "title": plain(5)}, "home"
    )


def test_response_urls_are_for_modals() -> None:
    """Elsewhere response_url_enabled is refused."""
    block = field(menu("conversations_select", response_url_enabled=True))
    assert [] == check_view(modal(block), "modal")
    assert "only allowed in modals" in check_message([block])[0]
    assert "only allowed in modals" in check_view({"type": "home", "blocks": [block]}, "home")[0]


def test_only_one_element_takes_the_focus() -> None:
    """A second focus_on_load is refused."""
    one = field(menu("datepicker", focus_on_load=True))
    assert [] == check_view(modal(one), "modal")
    assert check_view(modal(one, copy.deepcopy(one)), "modal")


def test_markdown_and_tables_are_for_messages() -> None:
    """12,000 characters in all, one table, 100 rows of 20 cells."""
    cell = {"type": "raw_text", "text": "x"}
    table = {"type": "table", "rows": [[cell] * 20] * 100}
    half = {"type": "markdown", "text": "x" * 6000}

    assert [] == check_message([half, dict(half), table])
    assert check_message([half, half, {"type": "markdown", "text": "x"}])
    assert check_message([table, table])
    assert check_message([{"type": "table", "rows": [[cell]] * 101}])
    assert check_message([{"type": "table", "rows": [[cell] * 21]}])
    for block in (table, half):
        assert "unsupported type" in check_view(modal(block), "modal")[0]


def test_the_web_api_answers_with_the_messages(stage: Any) -> None:
    """invalid_blocks for messages, invalid_arguments for views, each with its pointers."""
    post = stage.api("chat.postMessage", channel="U0ADA", blocks=[section(3001)])
    assert (
        "invalid_blocks",
        ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"],
    ) == (
        post["error"],
        post["response_metadata"]["messages"],
    )
    view = stage.api("views.publish", user_id="U0ADA", view={"type": "home"})
    assert (
        "invalid_arguments",
        ["[ERROR] missing required field: blocks [json-pointer:/view]"],
    ) == (
        view["error"],
        view["response_metadata"]["messages"],
    )
