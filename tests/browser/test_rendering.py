"""Block Kit in the page, with an app of the test's own."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from handlers.sandbox.web import Answer
from tests.browser.app import App, field, options, plain, section
from tests.browser.seat import Seat

CONFIRM = {
    "title": plain("Sure?"),
    "text": plain("It can't be undone."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}


@pytest.fixture
def app() -> Iterator[App]:
    """Run a sandbox with a small app on it."""
    made = App()
    yield made
    made.stop()


@pytest.fixture
def seat(app: App, sit: Callable[[str], Seat]) -> Seat:
    """Sit down as Dev, in Kolkata, before the app's workspace."""
    return sit(app.told["workspace_url"])


def sent(app: App, kind: str) -> list[Any]:
    """Return the payloads of one kind that the app got."""
    return [payload for payload in app.payloads if payload["type"] == kind]


def test_messages_have_every_block(app: App, seat: Seat) -> None:
    """Text, fields, context, tables and pictures that aren't loaded; the viewer's own time zone."""
    unix = 1768726800  # 2026-01-18 09:00 UTC
    app.posts(
        "all",
        {"type": "header", "text": plain("A header & more")},
        section("*Bold*, _slanted_, ~gone~, `code`, <https://a.example/x|a link>, <@U0BEN>"),
        section("*Sent `4*2*1` off* and _`so`_"),
        section(
            f"At <!date^{unix}^{{date_num}} {{time}}|some time>, <!channel>\n> quoted\n```a < b```"
        ),
        {"type": "section", "fields": [plain("one"), plain("two")]},
        {"type": "divider"},
        {"type": "image", "image_url": "https://b.example/i.png", "alt_text": "a cat"},
        {"type": "context", "elements": [plain("small print")]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]},
        {"type": "markdown", "text": "*as it is*"},
    )
    message = seat.last_message()
    expect(message.get_by_role("heading")).to_have_text("A header & more")
    expect(message.locator("strong", has_text="Bold")).to_be_visible()
    expect(message.locator("strong", has_text="Sent 4*2*1 off").locator("code")).to_have_text(
        "4*2*1"
    )
    expect(message.locator("em code")).to_have_text("so")
    expect(message.get_by_role("link", name="a link")).to_have_attribute(
        "href", "https://a.example/x"
    )
    expect(message).to_contain_text("@Ben Okoro")
    expect(message.locator("time")).to_have_text("2026-01-18 2:30 PM")
    expect(message.locator("pre")).to_have_text("a < b")
    expect(message.get_by_role("img")).to_have_attribute("aria-label", "a cat")
    expect(message.get_by_role("cell")).to_have_text("cell")


def test_hostile_text_stays_text(app: App, seat: Seat) -> None:
    """Markup, scripts and addresses that run are shown, never obeyed."""
    bad = "<img src=x onerror=alert(1)> &lt;script&gt;alert(2)&lt;/script&gt;"
    app.posts(
        bad,
        section(bad),
        section("<javascript:alert(3)|press me>"),
        {"type": "header", "text": plain(bad)},
    )
    message = seat.last_message()
    expect(message).to_contain_text("<script>alert(2)</script>")
    expect(message.locator("img, script")).to_have_count(0)
    expect(message.get_by_text("press me")).to_be_visible()
    expect(message.get_by_role("link")).to_have_count(0)


def test_buttons_menus_and_questions_reach_the_app(app: App, seat: Seat) -> None:
    """A confirmation can be declined; an overflow menu and a menu for several send their values."""
    app.posts(
        "press",
        section(
            "With a menu",
            accessory={"type": "overflow", "action_id": "more", "options": options("Copy", "Move")},
        ),
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "drop",
                    "text": plain("Drop"),
                    "style": "danger",
                    "confirm": CONFIRM,
                },
                {
                    "type": "static_select",
                    "action_id": "one",
                    "options": options("Red", "Green"),
                    "placeholder": plain("Colour"),
                },
                {"type": "multi_users_select", "action_id": "who", "placeholder": plain("Who")},
                {"type": "datepicker", "action_id": "day"},
            ][:2],
        },
    )
    message = seat.last_message()
    message.get_by_role("button", name="Drop").click()
    seat.shot("question")
    seat.page.get_by_role("button", name="No").click()
    assert [] == sent(app, "block_actions")
    message.get_by_role("button", name="Drop").click()
    seat.page.get_by_role("button", name="Yes").click()
    message.get_by_role("button", name="More actions", exact=True).click()
    seat.page.get_by_role("menuitem", name="Move").click()
    message.get_by_label("Colour").click()
    message.get_by_role("option", name="Green").click()
    expect(message.get_by_label("Colour")).to_have_value("Green")
    seat.settles()
    chosen = [payload["actions"][0] for payload in sent(app, "block_actions")]
    assert ["drop", "more", "one"] == [action["action_id"] for action in chosen]
    assert ["Move", "Green"] == [action["selected_option"]["value"] for action in chosen[1:]]


def test_a_form_has_every_field(app: App, seat: Seat) -> None:
    """What is entered arrives in Slack's shapes; a kind that isn't rendered says so."""
    app.opens(
        field("Words", "plain_text_input"),
        field("Story", "plain_text_input", multiline=True),
        field("Count", "number_input", is_decimal_allowed=False),
        field("Mail", "email_text_input"),
        field("Day", "datepicker"),
        field("Hour", "timepicker"),
        field("Tick", "checkboxes", options=options("A", "B")),
        field("Pick", "radio_buttons", options=options("C", "D")),
        field("Many", "multi_static_select", options=options("E", "F", "G")),
        field("Person", "users_select"),
        field("Channel", "conversations_select"),
        field("Rich", "rich_text_input"),
    )
    app.replies["view_submission"] = lambda _: Answer.json(
        {"response_action": "errors", "errors": {"count": "Too few."}}
    )
    seat.writes("/try")
    form = seat.form
    for label, text in {
        "Words": "a & b",
        "Story": "1\n2",
        "Count": "3",
        "Mail": "a@example.com",
    }.items():
        form.get_by_label(label).fill(text)
    form.get_by_label("Day").fill("2026-02-03")
    form.get_by_label("Hour").fill("14:30")
    form.get_by_label("B", exact=True).check()
    form.get_by_label("C", exact=True).check()
    for label, choices in {
        "Many": ["E", "G"],
        "Person": ["Ben Okoro"],
        "Channel": ["#sales"],
    }.items():
        for choice in choices:
            form.get_by_label(label).click()
            form.get_by_role("option", name=choice).click()
    expect(form.get_by_text("Not rendered here: rich_text_input element")).to_be_visible()
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert").first).to_have_text("Too few.")
    expect(form.get_by_label("Words")).to_have_value("a & b")
    values = sent(app, "view_submission")[0]["view"]["state"]["values"]
    bare = {name: next(iter(one.values())) for name, one in values.items()}
    assert "a & b" == bare["words"]["value"]
    assert "1\n2" == bare["story"]["value"]
    assert ("3", "2026-02-03") == (bare["count"]["value"], bare["day"]["selected_date"])
    assert "14:30" == bare["hour"]["selected_time"]
    assert ["B"] == [one["value"] for one in bare["tick"]["selected_options"]]
    assert "C" == bare["pick"]["selected_option"]["value"]
    assert ["E", "G"] == [one["value"] for one in bare["many"]["selected_options"]]
    assert ("U0BEN", "C0SALES") == (
        bare["person"]["selected_user"],
        bare["channel"]["selected_conversation"],
    )


def test_typed_text_outlives_an_update_of_the_form(app: App, seat: Seat) -> None:
    """An update while somebody types keeps field, focus and what was typed, as Slack does."""
    title, words = plain("Form"), field("Words", "plain_text_input")
    app.opens(words)
    seat.writes("/try")
    seat.form.get_by_label("Words").press_sequentially("half a sen")
    view = app.sandbox.slack.views.top("U0DEV")
    assert view is not None
    more = {
        "type": "modal",
        "title": title,
        "submit": plain("Go"),
        "blocks": [section("Loaded."), words],
    }
    assert app.calls("views.update", view_id=view.id, view=more)["ok"]
    expect(seat.form).to_contain_text("Loaded.")
    expect(seat.form.get_by_label("Words")).to_be_focused()
    seat.page.keyboard.type("tence")
    expect(seat.form.get_by_label("Words")).to_have_value("half a sentence")
    seat.page.keyboard.type("!")
    seat.page.keyboard.press("Control+Enter")
    expect(seat.form).to_have_count(0)
    state = sent(app, "view_submission")[0]["view"]["state"]["values"]
    assert "half a sentence!" == state["words"]["words"]["value"]


def test_a_refused_answer_to_a_form_is_told_in_the_form(app: App, seat: Seat) -> None:
    """The form stays, with Slack's error, the rule and the place; another try may do."""
    bad = {"response_action": "update", "view": {"type": "modal", "title": plain("x" * 25)}}
    app.opens(field("Words", "plain_text_input"))
    app.replies["view_submission"] = lambda _: Answer.json(bad)
    seat.writes("/try")
    seat.form.get_by_role("button", name="Send").click()
    alert = seat.form.get_by_role("alert")
    expect(alert).to_contain_text("Try again? invalid_arguments: The arguments break")
    expect(alert).to_contain_text("json-pointer:/view")
    app.replies.pop("view_submission")
    seat.form.get_by_role("button", name="Send").click()
    expect(seat.form).to_have_count(0)


def test_what_slack_refuses_is_told_with_its_rule(app: App, seat: Seat) -> None:
    """A view over its limits, and an app that fails."""
    app.replies["command"] = lambda _: Answer(500)
    seat.writes("/try")
    expect(seat.last_message()).to_contain_text('/try failed with the error "http_service_error"')
    notes = seat.page.get_by_label("What Slack refused")
    expect(notes).to_contain_text("the app answered 5xx")
    bad = {"type": "modal", "title": plain("x" * 25), "blocks": []}
    app.calls("views.open", trigger_id="1", view=bad)
    expect(notes).to_contain_text("views.open failed with invalid_arguments")
    expect(notes).to_contain_text("must be less than 25 characters")
    seat.shot("told")
    seat.goes("Traffic")
    first = seat.beside.locator("details").first
    first.get_by_text("views.open").click()
    expect(first.locator(".curl")).to_contain_text("curl -X POST http://127.0.0.1:")
    expect(first).to_contain_text("Copy as curl")
    app.posts("more traffic")
    expect(seat.beside.locator("summary", has_text="chat.postMessage")).to_be_visible()
    expect(seat.beside.locator(".curl")).to_be_visible()


def test_threads_edits_shortcuts_and_home(app: App, seat: Seat) -> None:
    """An answer in a thread, a changed message, both kinds of shortcuts, and the Home tab."""
    ts = app.posts("first words")
    app.calls("chat.update", channel="C0GENERAL", ts=ts, text="second words")
    message = seat.last_message()
    expect(message).to_contain_text(re.compile(r"second words\s*\(edited\)"))
    message.hover()
    message.get_by_role("button", name="Reply in thread").click()
    expect(seat.beside.get_by_label("Reply…")).to_be_focused()
    seat.page.keyboard.type("for @ben & <you>")
    seat.page.keyboard.press("Enter")
    expect(message.get_by_role("button", name="1 reply")).to_be_visible()
    expect(seat.beside.locator("article").last).to_contain_text("for @Ben Okoro & <you>")
    seat.shot("thread")
    message.get_by_role("button", name="More actions on this message").click()
    seat.page.get_by_role("menuitem", name="Plan from this").click()
    seat.page.locator("#main").get_by_role("button", name="Shortcuts").click()
    seat.page.get_by_role("menuitem", name="Plan").click()
    seat.settles()
    assert "second words" == sent(app, "message_action")[0]["message"]["text"]
    assert "plan" == sent(app, "shortcut")[0]["callback_id"]
    blocks = [
        section("At home", accessory={"type": "button", "action_id": "go", "text": plain("Go")})
    ]
    app.calls("views.publish", user_id="U0DEV", view={"type": "home", "blocks": blocks})
    seat.goes("Tester Home")
    seat.page.locator("#main").get_by_role("button", name="Go").click()
    seat.settles()
    assert "home" == sent(app, "block_actions")[0]["view"]["type"]
    assert 1 == len(sent(app, "event_callback"))


def test_an_address_of_nobody_leads_to_the_first_person(app: App, seat: Seat) -> None:
    """The address names who acts; a person who isn't there is no blank page."""
    seat.page.goto(f"{app.told['workspace_url']}#U0NOBODY/C0SALES")
    expect(seat.page.get_by_label("Acting as")).to_have_value("U0DEV")
    expect(seat.page.get_by_role("heading", name="# general")).to_be_visible()
