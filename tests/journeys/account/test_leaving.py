"""Leaving: disconnecting, the app uninstalled, people gone, connections nobody uses."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.connection import GrantState, Owner, Secret
from handlers.demo import Workplace
from handlers.sandbox.browser import Browser
from handlers.sandbox.person import Person
from handlers.sandbox.slack import payloads
from tests.journeys.steps import agrees, answer, asks, calls, creates, later, link_of

REVOKE = "/oauth/v2/token/revoke"
DEV = Owner("T0PARLEY", "U0DEV")
BEN = Owner("T0PARLEY", "U0BEN")
UNINSTALLED: dict[str, object] = {"type": "app_uninstalled"}
REVOKED: dict[str, object] = {"type": "tokens_revoked"}


@pytest.fixture
def ben(place: Workplace) -> Person:
    """Ben, connected too."""
    person = place.person("U0BEN")
    agrees(link_of(person), "ben@example.com")
    person.wait_for(lambda: "Connected" in person.dm_text())
    return person


def announced(place: Workplace, event: dict[str, object]) -> None:
    """Let Slack announce something; Parley acknowledges it."""
    assert None is place.control("/control/slack/event", event)["error"]


def kept_of(place: Workplace, owner: Owner) -> list[str]:
    """Return the tables in which anything of a person is kept, but the audit."""
    db = place.house.memory.db
    tables = [
        row["name"]
        for row in db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if " person TEXT" in row["sql"] and row["name"] != "audit"
    ]
    return [
        table
        for table in tables
        if db.row(f"SELECT 1 FROM {table} WHERE team = ? AND person = ?", [owner.team, owner.user])  # noqa: S608 - names from the schema
    ]


def acts(place: Workplace) -> list[tuple[str, str, str]]:
    """Return the audit's lines, oldest first: act, whose, by whom."""
    lines = place.house.memory.audit.lines(limit=99)
    return [(line.act, line.owner.user, line.actor) for line in reversed(lines)]


def on_disk(place: Workplace, *texts: str) -> list[str]:
    """Return which of these texts are in the database's files."""
    folder: Path = place.house.settings.data_dir
    bytes_ = b"".join(path.read_bytes() for path in sorted(folder.glob("parley.db*")))
    return [text for text in texts if text.encode() in bytes_]


def secrets_of(place: Workplace, owner: Owner) -> tuple[str, ...]:
    """Return the person's tokens, and the text they are sealed in."""
    grant = place.house.memory.grants.in_use(owner)
    assert grant is not None
    row = place.house.memory.db.row("SELECT tokens FROM grants WHERE id = ?", [grant.id])
    assert row is not None
    return grant.tokens.access.reveal(), grant.tokens.refresh.reveal(), row["tokens"]


def night(place: Workplace) -> None:
    """Let the nightly look happen."""
    later(place, minutes=24 * 60)
    place.house.sweeper.sweep()


# -- disconnecting -----------------------------------------------------------------------


def test_disconnecting_leaves_no_byte_of_the_tokens(place: Workplace, dev: Person) -> None:
    """When Dev disconnects, neither plain nor sealed tokens are on the disk, log included."""
    asks(dev, "Review tomorrow 10am")
    access, refresh, sealed = secrets_of(place, DEV)
    assert [sealed] == on_disk(place, access, refresh, sealed)
    dev.close()
    answer(dev, "/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected: dev@example.com" in str(dev.messages("*")[-1]["text"]))

    dev.wait_for(lambda: [] == on_disk(place, access, refresh, sealed))
    assert 1 == len(calls(place, REVOKE))
    assert ["connected", "disconnected"] == [act for act, *_ in acts(place)]
    assert kept_of(place, DEV) == ["inbox", "outbox", "profiles"]


def test_what_goes_by_a_grant_is_ended_with_it(place: Workplace, dev: Person) -> None:
    """When a grant goes, whoever keeps jobs by it is told in the same transaction."""
    told: list[tuple[Owner, str]] = []
    found = place.house.memory.grants.in_use(DEV)
    assert found is not None
    leaving = type(place.house.leaving)(
        place.house.departures._kept,
        place.house.connect._accounts,
        ends=[lambda owner, grant_id, _now: told.append((owner, grant_id))],
    )
    leaving.disconnect(DEV, place.house.clock(), actor="U0DEV")

    assert [(DEV, found.id)] == told


# -- the app uninstalled --------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations([UNINSTALLED, REVOKED])))
def test_uninstalling_ends_everybodys_connection(
    place: Workplace, dev: Person, ben: Person, order: tuple[dict[str, object], ...]
) -> None:
    """When the app is uninstalled, in whatever order Slack tells it, nothing of anybody stays."""
    asks(dev, "Review tomorrow 10am with @ben")
    creates(dev)
    secret = [*secrets_of(place, DEV), *secrets_of(place, BEN)]
    for event in (*order, *order):
        announced(place, event)
    dev.wait_for(lambda: len(calls(place, REVOKE)) == 2 and not kept_of(place, DEV))
    dev.wait_for(lambda: not kept_of(place, BEN) and not on_disk(place, *secret))

    gone = [one for one in acts(place) if one[0] == "uninstalled"]
    assert [("uninstalled", "U0BEN", "slack"), ("uninstalled", "U0DEV", "slack")] == sorted(gone)


def test_a_late_announcement_ends_nothing(place: Workplace, dev: Person) -> None:
    """When Slack tells of uninstalling after the app was installed anew, all stays."""
    event = place.control("/control/slack/event", UNINSTALLED)["delivery"]
    dev.wait_for(lambda: not kept_of(place, DEV))
    place.control("/control/slack/install", _app(place))
    agrees(link_of(dev), "dev@example.com")
    # A day later the first announcement is forgotten: this one is heard as a new one.
    later(place, minutes=25 * 60)
    place.house.sweeper.sweep()
    place.control("/control/slack/redeliver", {"delivery": event, "number": 3})
    heard = "SELECT 1 FROM inbox WHERE kind = 'departure' AND state = 'done'"
    dev.wait_for(lambda: place.house.memory.db.row(heard) is not None)

    assert "linked since" in answer(dev, "/crm status")


def _app(place: Workplace) -> dict[str, object]:
    found = place.sandbox.slack.workspace.installation
    return {"request_url": found.request_url, "manifest": found.manifest}


def test_uninstalling_while_zoho_is_away_makes_all_useless_at_once(
    place: Workplace, dev: Person
) -> None:
    """When Zoho can't be told, the tokens are useless here, and Zoho is told later."""
    fault = {"method": "*", "path": REVOKE, "kind": "answer", "status": 503, "body": ""}
    place.control("/control/faults", fault | {"times": None})
    announced(place, UNINSTALLED)
    memory = place.house.memory
    dev.wait_for(lambda: memory.grants.in_use(DEV) is None)
    dev.wait_for(lambda: kept_of(place, DEV) == ["grants"])
    assert 1 == len(memory.grants.to_revoke())
    place.sandbox.crm.faults.clear()
    place.house.sweeper.sweep()

    assert [] == kept_of(place, DEV)
    # Told once; the work that waited may find it done.
    assert 1 == [one["status"] for one in calls(place, REVOKE)].count(200)


# -- people gone -----------------------------------------------------------------------------


def test_a_deactivated_person_is_gone(place: Workplace, dev: Person, ben: Person) -> None:
    """When Slack tells that Dev was deactivated, his connection goes, and Ben's stays."""
    announced(place, {"type": "user_change", "user": "U0DEV", "changes": {"deleted": True}})
    ben.wait_for(lambda: not kept_of(place, DEV))

    assert ("deactivated", "U0DEV", "slack") in acts(place)
    assert 1 == len(calls(place, REVOKE))
    assert "linked since" in answer(ben, "/crm status")


def test_a_late_announcement_of_a_person_ends_nothing(place: Workplace, dev: Person) -> None:
    """When "deactivated" comes after Dev is active again, once or twice, his connection stays."""
    event: dict[str, object] = {"type": "user_change", "user": "U0DEV"}
    event["changes"] = {"deleted": True}
    late = place.control("/control/slack/event", event)["delivery"]
    dev.wait_for(lambda: not kept_of(place, DEV))
    now_is(place, "U0DEV", deleted=False)
    agrees(link_of(dev), "dev@example.com")
    later(place, minutes=25 * 60)
    place.house.sweeper.sweep()
    place.control("/control/slack/redeliver", {"delivery": late, "number": 3})
    place.control("/control/slack/redeliver", {"delivery": late, "number": 4})
    heard = "SELECT 1 FROM inbox WHERE kind = 'departure' AND state = 'done'"
    dev.wait_for(lambda: place.house.memory.db.row(heard) is not None)

    assert "linked since" in answer(dev, "/crm status")


def test_an_announcement_waits_while_slack_cant_be_asked(place: Workplace, dev: Person) -> None:
    """When Slack can't say whether Dev is deactivated, nothing goes until it can."""
    asks(dev, "Review tomorrow 10am")
    dev.close()
    place.control("/control/slack/faults", {"method": "users.info", "error": "fatal_error"})
    announced(place, {"type": "user_change", "user": "U0DEV", "changes": {"deleted": True}})
    dev.wait_for(lambda: put_back(place, 1))
    assert "grants" in kept_of(place, DEV)
    later(place, seconds=31)

    dev.wait_for(lambda: not kept_of(place, DEV))


def test_an_announcement_given_up_is_said_to_nobody_and_found_in_the_night(
    place: Workplace, dev: Person
) -> None:
    """When Slack can't be asked for long, no message is owed to no one, and the night finds it."""
    place.control(
        "/control/slack/faults", {"method": "users.info", "error": "fatal_error", "times": 99}
    )
    announced(place, {"type": "user_change", "user": "U0DEV", "changes": {"deleted": True}})
    for tries in range(1, 8):
        dev.wait_for(lambda tries=tries: put_back(place, tries))  # type: ignore[misc]  # a default binds it
        later(place, seconds=31)
    dead = "SELECT 1 FROM inbox WHERE kind = 'departure' AND state = 'dead'"
    dev.wait_for(lambda: place.house.memory.db.row(dead) is not None)
    assert [] == place.house.memory.db.rows("SELECT * FROM outbox WHERE person = ''")
    place.sandbox.slack.workspace.faults.clear()
    night(place)

    dev.wait_for(lambda: not kept_of(place, DEV))


def put_back(place: Workplace, tries: int, *, kind: str = "departure") -> bool:
    """Whether such work waits to be tried again, for a minute at most."""
    row = place.house.memory.db.row(
        "SELECT (julianday(due) - julianday(?)) * 86400 AS seconds FROM inbox"
        " WHERE kind = ? AND state = 'open' AND tries = ?",
        [place.house.clock().isoformat(), kind, tries],
    )
    return row is not None and row["seconds"] < 61


def test_who_is_back_is_known_at_once(place: Workplace, dev: Person) -> None:
    """When Dev was deactivated and is back within the hour, no command calls him deactivated."""
    link = link_of(dev)
    place.house.memory.profiles.sweep(place.house.clock())
    now_is(place, "U0DEV", deleted=True)
    assert "deactivated" in Browser().open(link).text
    now_is(place, "U0DEV", deleted=False)

    assert "linked since" in answer(dev, "/crm status")


def test_the_nightly_look_asks_slack_itself(place: Workplace, dev: Person) -> None:
    """When Slack said an hour ago that Dev is active, the night asks again."""
    later(place, minutes=24 * 60)
    answer(dev, "/crm status")
    now_is(place, "U0DEV", deleted=True)
    place.house.sweeper.sweep()

    dev.wait_for(lambda: not kept_of(place, DEV))


def now_is(place: Workplace, user: str, *, deleted: bool) -> None:
    """Deactivate somebody at Slack, or take them back, without a word to the app."""
    people = place.sandbox.slack.workspace.people
    people[user] = replace(people[user], deleted=deleted)


def test_a_late_word_of_a_revoked_token_ends_nothing_newer(place: Workplace, dev: Person) -> None:
    """When "tokens_revoked" for Dev comes again after he connected anew, that stays."""
    event = {**REVOKED, "tokens": {"oauth": ["U0DEV"], "bot": []}}
    late = place.control("/control/slack/event", event)["delivery"]
    dev.wait_for(lambda: not kept_of(place, DEV))
    later(place, minutes=25 * 60)
    place.house.sweeper.sweep()
    agrees(link_of(dev), "dev@example.com")
    place.control("/control/slack/redeliver", {"delivery": late, "number": 3})
    heard = "SELECT 1 FROM inbox WHERE kind = 'departure' AND state = 'done'"
    dev.wait_for(lambda: place.house.memory.db.row(heard) is not None)

    assert "linked since" in answer(dev, "/crm status")


def test_other_changes_of_people_are_not_kept(place: Workplace, dev: Person) -> None:
    """When Dev changes his name, nothing is put into the inbox."""
    announced(place, {"type": "user_change", "user": "U0DEV", "changes": {"real_name": "D."}})

    found = place.house.memory.db.row("SELECT count(*) AS n FROM inbox WHERE kind = 'departure'")
    assert {"n": 0} == found


def test_one_persons_token_revoked_ends_theirs(place: Workplace, dev: Person, ben: Person) -> None:
    """When Slack tells that Dev revoked the app, his connection goes, and Ben's stays."""
    announced(place, {**REVOKED, "tokens": {"oauth": ["U0DEV"], "bot": []}})
    ben.wait_for(lambda: not kept_of(place, DEV))

    assert "linked since" in answer(ben, "/crm status")


def test_the_nightly_look_finds_who_is_gone(place: Workplace, dev: Person, ben: Person) -> None:
    """When the announcement was missed, Dev's connection goes in the night all the same."""
    people = place.sandbox.slack.workspace.people
    people["U0DEV"] = replace(people["U0DEV"], deleted=True)
    night(place)
    ben.wait_for(lambda: not kept_of(place, DEV))

    assert "linked since" in answer(ben, "/crm status")


def test_the_nightly_look_finds_the_app_gone(place: Workplace, dev: Person) -> None:
    """When the announcement of uninstalling was missed, everybody goes in the night."""
    slack = place.sandbox.slack.workspace
    slack.installation = replace(slack.installation, revoked="account_inactive")
    night(place)

    dev.wait_for(lambda: not kept_of(place, DEV))


def test_a_token_slack_doesnt_know_ends_nothing(place: Workplace, dev: Person) -> None:
    """When SLACK_BOT_TOKEN is wrong, or this address isn't allowed, the night takes nobody's."""
    slack = place.sandbox.slack.workspace
    slack.installation = replace(slack.installation, revoked="invalid_auth")
    night(place)
    tried = "SELECT 1 FROM inbox WHERE kind = 'reconcile' AND tries > 0"
    dev.wait_for(lambda: place.house.memory.db.row(tried) is not None)
    dev.wait_for(lambda: put_back(place, 1, kind="reconcile"))

    assert [] == calls(place, REVOKE)
    assert "grants" in kept_of(place, DEV)


def test_uninstalling_is_believed_of_a_token_slack_doesnt_know(
    place: Workplace, dev: Person
) -> None:
    """When Slack has told of it, such a token is no doubt any more."""
    slack = place.sandbox.slack
    slack.workspace.installation = replace(slack.workspace.installation, revoked="invalid_auth")
    told = payloads.event(slack.workspace, {**UNINSTALLED, "event_ts": slack.workspace.make_ts()})
    slack.courier.event("app_uninstalled", told)

    dev.wait_for(lambda: not kept_of(place, DEV))


def test_a_token_of_another_workspace_ends_nothing(place: Workplace, dev: Person) -> None:
    """When the bot is put to another workspace by mistake, those it can't know there stay."""
    grant = place.house.memory.grants.in_use(DEV)
    assert grant is not None
    elsewhere = Owner("T0OTHER", "U0ELSE")
    place.house.memory.grants.keep(
        elsewhere,
        grant.data_center,
        grant.account,
        replace(grant.tokens, refresh=Secret("1000.else.where")),
        state=GrantState.ACTIVE,
        now=place.house.clock(),
    )
    night(place)
    waits = "SELECT 1 FROM inbox WHERE kind IN ('presence', 'reconcile') AND state = 'open'"
    known = "SELECT 1 FROM inbox WHERE kind = 'presence' AND team = 'T0OTHER'"
    dev.wait_for(lambda: place.house.memory.db.row(known) is not None)
    later(place, seconds=2)
    dev.wait_for(lambda: place.house.memory.db.row(waits) is None)

    assert "grants" in kept_of(place, elsewhere)
    assert [] == calls(place, REVOKE)


# -- connections nobody uses ---------------------------------------------------------------


def test_an_unused_connection_goes_after_a_weeks_warning(place: Workplace, dev: Person) -> None:
    """When Dev hasn't used his for 83 days he is warned, and after 90 it goes."""
    later(place, minutes=82 * 24 * 60)
    night(place)
    dev.wait_for(lambda: "hasn't been used since 14 January 2026" in dev.dm_text())
    assert "On 14 April 2026 Parley will give the permission back" in dev.dm_text()
    night(place)
    assert "linked since" in answer(dev, "/crm status")
    later(place, minutes=6 * 24 * 60)
    night(place)
    dev.wait_for(lambda: "Nobody used the link to dev@example.com for long" in dev.dm_text())

    assert 1 == dev.dm_text().count("hasn't been used")
    dev.wait_for(lambda: 1 == len(calls(place, REVOKE)))
    assert "No CRM account is linked to you" in answer(dev, "/crm status")
    assert ("unused", "U0DEV", "parley") in acts(place)


def test_a_use_after_the_warning_keeps_it(place: Workplace, dev: Person) -> None:
    """When Dev plans a meeting after the warning, his connection stays."""
    later(place, minutes=84 * 24 * 60)
    night(place)
    dev.wait_for(lambda: "hasn't been used" in dev.dm_text())
    asks(dev, "Review tomorrow 10am with @ben")
    later(place, minutes=8 * 24 * 60)
    night(place)

    assert "linked since" in answer(dev, "/crm status")
    assert [] == calls(place, REVOKE)


def test_nothing_goes_unwarned(place: Workplace, dev: Person) -> None:
    """When nobody looked for half a year, the warning comes first, with a week."""
    later(place, minutes=200 * 24 * 60)
    night(place)
    dev.wait_for(lambda: "hasn't been used" in dev.dm_text())

    assert "On 10 August 2026" in dev.dm_text()
    night(place)
    heard = "SELECT 1 FROM inbox WHERE key = 'reconcile:2026-08-04' AND state = 'done'"
    dev.wait_for(lambda: place.house.memory.db.row(heard) is not None)
    assert "linked since" in answer(dev, "/crm status")
    assert [] == calls(place, REVOKE)
