"""``parley keys``, ``tokens`` and ``backup``: as people run them, beside a running server."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.connection import Owner
from handlers.cli import OLDER, main
from handlers.demo import Workplace, connect, settings_for, workplace
from handlers.wiring.house import House
from store.memory import open_memory
from store.sealing.keys import Keyring
from tests.handlers.commanding import Done, parley, running, settings_of
from tests.journeys.steps import answer, later

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
ADA = Owner("T1", "U1")


class Machine:
    """A workplace, and commands run on its machine."""

    def __init__(self, place: Workplace, folder: Path) -> None:
        """Take the workplace; commands run in *folder*."""
        self.place = place
        self.folder = folder
        self.data = place.house.settings.data_dir
        self.settings = settings_of(json.dumps(place.sandbox.announcement()), folder)
        self.settings["PARLEY_DATA_DIR"] = str(self.data)

    def parley(self, *arguments: str, largest_file: int | None = None, **instead: str) -> Done:
        """Run a command beside the server; *largest_file* in bytes is all a disk would take."""
        settings = self.settings | instead
        return parley(*arguments, folder=self.folder, settings=settings, largest_file=largest_file)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on which Dev is connected."""
    with workplace(tmp_path / "data") as place:
        dev = place.person("U0DEV")
        connect(dev, "dev@example.com")
        dev.wait_for(lambda: "Connected" in dev.dm_text())
        yield Machine(place, tmp_path)


def test_connections_are_listed_shown_and_taken_back(machine: Machine) -> None:
    """Without a token; the person is told by the running server, and the audit has it."""
    line = machine.parley("tokens", "list").said
    assert re.fullmatch(
        r"T0PARLEY/U0DEV  dev@example\.com  Parley Trading  us  since 2026-01-14"
        r"  used 2026-01-14\n",
        line,
    )
    shown = machine.parley("tokens", "show", "T0PARLEY/U0DEV").said
    assert "organisation  Parley Trading" in shown
    assert "ZohoCRM.modules.events.ALL" in shown
    done = machine.parley("tokens", "revoke", "T0PARLEY/U0DEV")
    assert (0, "Taken back: dev@example.com.\n") == (done.status, done.said)
    # The command has this machine's clock alone; the sandbox's follows it here.
    ahead = datetime.now(UTC) - machine.place.house.clock()
    later(machine.place, seconds=ahead.total_seconds() + 1)
    dev = machine.place.person("U0DEV")
    dev.wait_for(lambda: "An administrator of Parley has taken back" in dev.dm_text())
    assert "No CRM account is linked to you" in answer(dev, "/crm status")
    assert "Nobody is connected." in machine.parley("tokens", "list").said
    told = [json.loads(line) for line in machine.parley("tokens", "audit").said.splitlines()]
    assert ["connected", "cut_off"] == [one["act"] for one in told]
    assert ("T0PARLEY/U0DEV", "console") == (told[1]["owner"], told[1]["actor"])
    everything = line + shown + done.said + str(told)
    assert "1000." not in everything


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tokens", "revoke", "U0DEV"), "a Slack team and user"),
        (("tokens",), "Type `parley tokens list`, `parley tokens show T012/U034`,"),
        (("tokens", "show"), "Type `parley tokens show T012/U034`."),
        (("tokens", "revoke"), "Type `parley tokens revoke T012/U034`."),
        (("tokens", "import"), "Type `parley tokens import FILE`"),
        (("keys",), "Type `parley keys rotate`."),
        (("keys", "fly"), "Type `parley keys rotate`."),
        (("backup",), "Type `parley backup FILE`, such as `parley backup parley-2026-01-14.db`."),
    ],
)
def test_what_is_misused_is_said(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the status of a misuse; nothing is opened for it."""
    with pytest.raises(SystemExit) as misused:
        main(arguments)
    assert 2 == misused.value.code
    said, complained = capsys.readouterr()
    assert "" == said
    assert words in complained


def test_what_cant_be_done_is_said(machine: Machine) -> None:
    """With the status of a refusal."""
    for arguments, words in (
        (("tokens", "show", "T0PARLEY/U0BEN"), "That person has no connection."),
        (("tokens", "revoke", "T0PARLEY/U0BEN"), "That person has no connection."),
        (("backup", "no/such/folder/copy.db"), "no/such/folder isn't there. Make it with `mkdir"),
    ):
        done = machine.parley(*arguments)
        assert (1, "") == (done.status, done.said)
        assert words in done.complained


def test_a_backup_says_why_it_cant_be_made_and_what_to_type(
    machine: Machine, tmp_path: Path
) -> None:
    """By the name that was given, never by one of Parley's own; and nothing is left behind."""
    there = tmp_path / "copy.db"
    there.write_text("mine")
    before = sorted(tmp_path.iterdir())
    for file, words in (
        (str(there), f"{there} is there already, and a backup never replaces a file. Name another"),
        (str(tmp_path), f"{tmp_path} is a folder. Name a file in it, such as `parley backup"),
        (".", ". is a folder."),
        ("", ". is a folder."),
        ("/", "/ is a folder."),
        (f"{there}/copy.db", "can't be written: Not a directory."),
    ):
        done = machine.parley("backup", file)
        assert (1, "") == (done.status, done.said)
        assert words in done.complained
        assert not re.search("[.][0-9a-f]{16}", done.complained)
    assert before == sorted(tmp_path.iterdir())
    assert "mine" == there.read_text()


def test_a_full_disk_ends_a_backup_with_a_sentence(machine: Machine, tmp_path: Path) -> None:
    """No half copy is left, and the server goes on."""
    copy = tmp_path / "copy.db"
    done = machine.parley("backup", str(copy), largest_file=100 * 1024)
    assert (1, "") == (done.status, done.said)
    assert f"{copy} can't be written: " in done.complained
    assert [] == list(tmp_path.glob("*copy.db*"))
    assert 0 == machine.parley("backup", str(copy)).status


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "copy.db"),
        ("keys", "rotate"),
        ("tokens", "list"),
        ("tokens", "audit"),
        ("tokens", "show", "T1/U1"),
        ("tokens", "revoke", "T1/U1"),
    ],
)
def test_without_a_database_nothing_is_made_up(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """In a wrong folder nobody is told that nobody is connected, or handed an empty backup."""
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": "made-up",
        "ZOHO_CLIENT_ID": "1000.MADEUP",
        "ZOHO_CLIENT_SECRET": "made-up",
        "PARLEY_PUBLIC_URL": "https://parley.example.com",
    }
    done = parley(*arguments, folder=tmp_path, settings=settings)
    assert (1, "") == (done.status, done.said)
    assert f"There is no database at {tmp_path / 'data' / 'parley.db'}." in done.complained
    assert "PARLEY_DATA_DIR" in done.complained
    assert [] == list(tmp_path.iterdir())


def test_a_new_key_is_put_first_served_and_rotated_to(tmp_path: Path) -> None:
    """As the README tells it: before the restart refused, after it done, then the new is enough."""
    with workplace(tmp_path / "sandbox") as place:
        settings = settings_of(json.dumps(place.sandbox.announcement()), tmp_path)
        data = Path(settings["PARLEY_DATA_DIR"])
        with running("serve", folder=tmp_path, settings=settings | {"PARLEY_KEY": OLD}):
            early = parley(
                "keys",
                "rotate",
                folder=tmp_path,
                settings=settings | {"PARLEY_KEY": f"{NEW},{OLD}"},
            )
            assert (1, "") == (early.status, early.said)
            assert "Restart it, then rotate." in early.complained
        both = settings | {"PARLEY_KEY": f"{NEW},{OLD}"}
        memory = open_memory(data / "parley.db", Keyring.parse(OLD), datetime.now(UTC))
        memory.drafts.put("d", ADA, None, {"n": 1}, datetime.now(UTC))
        memory.close()
        with running("serve", folder=tmp_path, settings=both):
            done = parley("keys", "rotate", folder=tmp_path, settings=both)
        new = Keyring.parse(NEW).first
        assert (0, "") == (done.status, done.complained)
        assert f"Sealed 1 values anew with the key {new}." in done.said
        assert f"The older key ({Keyring.parse(OLD).first}) is needed by older backups" in done.said
        after = open_memory(data / "parley.db", Keyring.parse(NEW), datetime.now(UTC))
        assert {"n": 1} == after.drafts.get("d", ADA).data  # type: ignore[union-attr]  # it is there
        assert "keys_rotated" == after.audit.lines(limit=1)[0].act
        after.close()
        wrong = parley("keys", "rotate", folder=tmp_path, settings=settings | {"PARLEY_KEY": OLD})
        assert "The key isn't the one the database was sealed with." in wrong.complained


def test_a_backup_beside_the_server_is_put_back_and_noticed(
    machine: Machine, tmp_path: Path
) -> None:
    """The copy is whole; put back, the start says so, and the connection still works."""
    data = put_back(machine, tmp_path)
    place = machine.place
    checked = machine.parley("check", PARLEY_DATA_DIR=str(data)).said
    assert "it is older than the one Parley last ran with" in checked
    house = House(settings_for(place.sandbox, data, 1), clock=place.house.clock)
    house.start()
    assert house.older
    grant = house.memory.grants.in_use(house.memory.remains.holders()[0])
    assert grant is not None
    assert house.access.call(grant.id, lambda access: access.api_origin, now=house.clock)
    house.stop()
    assert "looking it up first" in OLDER


def put_back(machine: Machine, tmp_path: Path) -> Path:
    """Make a backup, and return a folder in which it is the database."""
    copy = tmp_path / "copy.db"
    done = machine.parley("backup", str(copy))
    assert (0, "") == (done.status, done.complained)
    assert "keep the key apart from it" in done.said
    assert 1 == machine.parley("backup", str(copy)).status
    data = tmp_path / "restored"
    data.mkdir(mode=0o700)
    copy.rename(data / "parley.db")
    for name in ("parley.key", "parley.epoch"):
        (data / name).write_bytes((machine.data / name).read_bytes())
        (data / name).chmod(0o600)
    return data


def test_who_left_since_the_backup_is_gone_at_once(machine: Machine, tmp_path: Path) -> None:
    """The look of that day may have been before the backup: it isn't waited for till night."""
    place = machine.place
    place.house.sweeper.sweep()
    looked = "SELECT 1 FROM inbox WHERE kind = 'presence' AND state = 'done'"
    dev = place.person("U0DEV")
    dev.wait_for(lambda: place.house.memory.db.row(looked) is not None)
    data = put_back(machine, tmp_path)
    people = place.sandbox.slack.workspace.people
    people["U0DEV"] = replace(people["U0DEV"], deleted=True)
    house = House(settings_for(place.sandbox, data, 1), clock=place.house.clock)
    house.start()
    try:
        place.person("U0ADA").wait_for(lambda: not house.memory.listing.count(None))
    finally:
        house.stop()


TOKENS = (
    "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,"
    "redirect_url,api_domain\n"
    "1,eve@example.com:900,1000.CLIENT,s3cret,1000.refresh.eve,1000.access.eve,,1,,{api}\n"
    "2,mal@example.com:901,1000.CLIENT,s3cret,1000.refresh.mal,1000.access.mal,,1,,https://e.example\n"
)


def test_tokens_of_zohos_client_are_taken_in(machine: Machine, tmp_path: Path) -> None:
    """What can't be kept is named; the bot uses none of it, and the nightly look leaves it be."""
    file = tmp_path / "sdk_tokens.txt"
    file.write_text(TOKENS.format(api=machine.settings["ZOHO_API_URL"]))
    done = machine.parley("tokens", "import", str(file))
    assert (1, "") == (done.status, done.complained)
    assert "Kept 1 of 2 tokens." in done.said
    assert "Zoho's client finds them: eve@example.com:900." in done.said
    assert "there is no token: mal@example.com:901." in done.said
    assert "refreshing fails: 1000.CLIENT." in done.said
    memory = machine.place.house.memory
    assert "imported" == memory.audit.lines(limit=1)[0].act
    assert {"T0PARLEY"} == {one.team for one in memory.remains.holders()}
    far = datetime(2099, 1, 1, tzinfo=UTC)
    assert ["U0DEV"] == [one.owner.user for one in memory.listing.unused(far)]
    assert "eve@example.com" in machine.parley("tokens", "list").said
    whose = next(
        line.split()[0]
        for line in machine.parley("tokens", "list").said.splitlines()
        if "eve@example.com" in line
    )
    assert "1000." not in machine.parley("tokens", "show", whose).said
    assert 0 == machine.parley("tokens", "revoke", whose).status
    assert [] == memory.db.rows("SELECT * FROM outbox WHERE person LIKE 'eve%'")
    bad = machine.parley("tokens", "import", str(tmp_path / "none.txt"))
    assert (1, "") == (bad.status, bad.said)
