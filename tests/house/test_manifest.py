"""manifest.yml says what the code does, and Slack would take it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt import App, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError

from bot.domain.connection import Secret
from handlers.demo import workplace
from handlers.manifest import EXAMPLE, manifest, scopes
from handlers.slack import app as slack_app
from handlers.slack import home, ids
from handlers.slack.account import departures
from handlers.slack.areas import Area
from handlers.slack.message import Message

TOP = Path(__file__).resolve().parents[2]
EVENTS = f"{EXAMPLE}/slack/events"

# Slack, each method's page: the scope it needs in the places where the bot calls it.
METHODS = {
    "auth_test": None,
    "views_open": None,
    "views_update": None,
    "views_publish": None,
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "users_info": "users:read",
    "conversations_history": "im:history",
    "conversations_replies": "im:history",
}
# Slack, "users:read.email" and "commands": needed for a field and a feature, not for a method.
FOR_A_FIELD = {"users:read.email": 'known.get("email")', "commands": "app.command("}

# Slack, "App manifest reference": the longest texts, by their path; "[]" stands for each item.
LENGTHS = {
    "display_information.name": 35,
    "display_information.description": 140,
    "features.bot_user.display_name": 80,
    "features.shortcuts[].name": 24,
    "features.shortcuts[].callback_id": 255,
    "features.shortcuts[].description": 150,
    "features.slash_commands[].command": 32,
    "features.slash_commands[].url": 3000,
    "features.slash_commands[].description": 2000,
    "features.slash_commands[].usage_hint": 1000,
}
# The same page: what an app without Socket Mode may write, and nothing else.
KEYS = {
    "_metadata.major_version",
    "_metadata.minor_version",
    "display_information.name",
    "display_information.description",
    "display_information.background_color",
    "features.app_home.home_tab_enabled",
    "features.app_home.messages_tab_enabled",
    "features.app_home.messages_tab_read_only_enabled",
    "features.bot_user.display_name",
    "features.bot_user.always_online",
    "features.shortcuts[].name",
    "features.shortcuts[].type",
    "features.shortcuts[].callback_id",
    "features.shortcuts[].description",
    "features.slash_commands[].command",
    "features.slash_commands[].url",
    "features.slash_commands[].description",
    "features.slash_commands[].usage_hint",
    "features.slash_commands[].should_escape",
    "oauth_config.scopes.bot[]",
    "settings.event_subscriptions.request_url",
    "settings.event_subscriptions.bot_events[]",
    "settings.interactivity.is_enabled",
    "settings.interactivity.request_url",
    "settings.interactivity.message_menu_options_url",
    "settings.org_deploy_enabled",
    "settings.socket_mode_enabled",
    "settings.token_rotation_enabled",
}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk to every value: its path and itself."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value


def faults_of(known: dict[str, Any]) -> list[str]:
    """Return what Slack would refuse in a manifest."""
    found = []
    for path, value in leaves(known):
        if path not in KEYS:
            found.append(f"{path}: no such key")
        if len(str(value)) > LENGTHS.get(path, 10_000):
            found.append(f"{path}: too long")
        if path.endswith("url") and not re.fullmatch(r"https://[^\s/]+/slack/events", value):
            found.append(f"{path}: no https address on the one path")
    commands = [one["command"] for one in known["features"]["slash_commands"]]
    found += [f"{one}: no command" for one in commands if not re.fullmatch(r"/[a-z0-9_-]+", one)]
    if len(commands) > 50 or len(commands) != len(set(commands)):
        found.append("too many commands, or one twice")
    if not re.fullmatch(r"[a-z0-9._-]+", known["features"]["bot_user"]["display_name"]):
        found.append("bot_user.display_name: a-z, 0-9, hyphen, underscore, full stop")
    if not re.fullmatch(r"#[0-9a-f]{6}", known["display_information"]["background_color"]):
        found.append("background_color: six hex digits")
    return found


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """Return manifest.yml."""
    found: dict[str, Any] = yaml.safe_load((TOP / "manifest.yml").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def areas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Area, ...]]:
    """Wire a bot, for what plugs itself into Slack."""
    with workplace(tmp_path_factory.mktemp("manifest")) as place:
        yield place.house.areas


@pytest.fixture
def app(areas: tuple[Area, ...]) -> App:
    """Return the bot's Slack app; what it keeps goes nowhere."""
    commands = ids.Commands()
    words = Message(text="Help.")
    return slack_app.build(
        token=Secret("xoxb-made-up"),
        commands=commands,
        keep=lambda _lane, _kind, _body: None,
        helps={commands.meet: words, commands.crm: words},
        submit=lambda _body: {},
        options=lambda _body: [],
        areas=areas,
    )


def sources(*, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the bot's own code in handlers, by path; the sandbox plays Slack and isn't ours."""
    return {
        name: path.read_text("utf-8")
        for path in sorted((TOP / "handlers").rglob("*.py"))
        if not (name := str(path.relative_to(TOP))).startswith(("handlers/sandbox/", *without))
    }


def test_slack_would_take_it(known: dict[str, Any]) -> None:
    """Lengths, letters, https, and no key Slack doesn't know ("App manifest reference")."""
    assert [] == faults_of(known)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("display_information.name", "P" * 36),
        ("display_information.tagline", "Plan"),
        ("display_information.background_color", "navy"),
        ("features.bot_user.display_name", "Parley Bot"),
        ("settings.interactivity.request_url", "http://parley.example.com/slack/events"),
        ("settings.interactivity.request_url", f"{EXAMPLE}/elsewhere"),
    ],
)
def test_what_slack_refuses_is_found(known: dict[str, Any], path: str, value: str) -> None:
    """Each rule of our table can be broken."""
    wrong = yaml.safe_load(yaml.safe_dump(known))
    place = wrong
    *way, last = path.split(".")
    for name in way:
        place = place[name]
    place[last] = value
    assert 1 == len(faults_of(wrong))


def test_it_asks_for_the_least(known: dict[str, Any]) -> None:
    """Each scope is one that a call of the bot needs, and nothing is asked of people's own."""
    code = "\n".join(sources().values())
    called = set(re.findall(r"\.((?:auth|chat|conversations|files|users|views)_[A-Za-z]+)\(", code))
    assert set(METHODS) == called
    needed = {METHODS[name] for name in called} - {None}
    needed |= {scope for scope, use in FOR_A_FIELD.items() if use in code}
    assert {"bot"} == set(known["oauth_config"]["scopes"])
    assert needed == set(scopes())


def test_only_the_sender_reads_history() -> None:
    """``im:history`` finds a message of the bot's own again, and serves nothing else."""
    readers = [
        f"{name}:{node.lineno}"
        for name, text in sources(without=("handlers/sender.py",)).items()
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and re.search("_(history|replies)$", node.attr))
        or (
            isinstance(node, ast.Constant)
            and re.search(r"\.(history|replies)$", str(node.value).strip())
        )
    ]
    assert [] == readers
    assert "conversations_history" in sources()["handlers/sender.py"]


def test_it_lists_the_commands_the_bot_answers(known: dict[str, Any], app: App) -> None:
    """Every command in the manifest has a listener, and every listener a command."""
    listed = {one["command"] for one in known["features"]["slash_commands"]}
    usual = ids.Commands()
    assert {usual.meet, usual.export, usual.crm} == listed
    heard = {name for name in [*listed, "/other"] if answers(app, command(name))}
    assert listed == heard


def test_it_subscribes_to_the_events_the_bot_hears(known: dict[str, Any], app: App) -> None:
    """Every event in the manifest has a listener, and every listener an event."""
    listed = known["settings"]["event_subscriptions"]["bot_events"]
    assert sorted([*departures.EVENTS, home.EVENT]) == sorted(listed)
    assert listed == [name for name in [*listed, "app_rate_limited"] if answers(app, event(name))]


def test_mentions_in_commands_come_with_ids(known: dict[str, Any]) -> None:
    """Without should_escape a mention would be a bare name (Slack, "Slash commands")."""
    assert all(one["should_escape"] is True for one in known["features"]["slash_commands"])


def test_every_form_the_bot_opens_is_answered(app: App) -> None:
    """A submission of each form, a click and a type-ahead find their listener; others don't."""
    assert answers(app, submission(ids.MEET_FORM))
    assert answers(app, submission(ids.CRM_CODE_FORM))
    assert not answers(app, submission("nobody's"))
    assert answers(app, click(ids.MEET_OPEN))
    assert answers(app, typed("meet_people"))


def test_every_form_the_code_names_is_listened_for() -> None:
    """A view with a callback id of ours has a listener, in the app or in an area."""
    listened = {
        name
        for text in sources().values()
        for name in re.findall(r"app\.view\(ids\.([A-Z_]+)\)", text)
    }
    named = {
        name
        for text in sources().values()
        for name in re.findall(r'callback_id(?:": |=)ids\.([A-Z_]+)', text)
    }
    assert named == listened


def test_type_ahead_has_its_address(known: dict[str, Any]) -> None:
    """The form has an external select, which Slack asks at the options address."""
    assert any("external_select" in text for text in sources().values())
    interactivity = known["settings"]["interactivity"]
    assert (EVENTS, EVENTS) == (
        interactivity["message_menu_options_url"],
        interactivity["request_url"],
    )


def test_it_is_filled_in_for_an_installation() -> None:
    """``parley manifest`` puts the public address and the prefix where they belong."""
    filled = yaml.safe_load(manifest("https://bot.acme.example/", "acme-"))
    urls = {value for path, value in leaves(filled) if path.endswith("url")}
    assert {"https://bot.acme.example/slack/events"} == urls
    names = [one["command"] for one in filled["features"]["slash_commands"]]
    assert ["/acme-meet", "/acme-export", "/acme-crm"] == names
    assert [] == faults_of(filled)


def test_the_longest_prefix_fits() -> None:
    """Twenty characters before the longest command stay within Slack's 32."""
    assert [] == faults_of(yaml.safe_load(manifest(EXAMPLE, "a" * 20)))


def answers(app: App, body: dict[str, Any]) -> bool:
    """Say whether a listener of ours takes *body*."""
    unheard: list[Exception] = []

    def note(error: Exception) -> BoltResponse:
        if not isinstance(error, BoltUnhandledRequestError):
            raise error
        unheard.append(error)
        return BoltResponse(status=200)

    app.error(note)
    slack_app.dispatcher(app)(body)
    return not unheard


def person() -> dict[str, Any]:
    """Return who sends."""
    return {
        "team": {"id": "T0ONE"},
        "user": {"id": "U0ONE", "team_id": "T0ONE"},
        "trigger_id": "1.2.3",
    }


def command(name: str) -> dict[str, Any]:
    """Return a slash command."""
    return {"command": name, "text": "", "team_id": "T0ONE", "user_id": "U0ONE"}


def event(kind: str) -> dict[str, Any]:
    """Return what Slack announces."""
    return {
        "type": "event_callback",
        "team_id": "T0ONE",
        "event_id": "Ev1",
        "event": {"type": kind, "user": {"id": "U0ONE"}},
    }


def submission(callback_id: str) -> dict[str, Any]:
    """Return a submitted form."""
    view = {"id": "V1", "type": "modal", "callback_id": callback_id, "state": {"values": {}}}
    return {**person(), "type": "view_submission", "view": view}


def click(action_id: str) -> dict[str, Any]:
    """Return a pressed button."""
    action = {"action_id": action_id, "block_id": "b", "type": "button", "action_ts": "1.0"}
    return {**person(), "type": "block_actions", "actions": [action]}


def typed(action_id: str) -> dict[str, Any]:
    """Return letters typed into an external select."""
    return {
        **person(),
        "type": "block_suggestion",
        "action_id": action_id,
        "block_id": "b",
        "value": "ca",
    }
