"""Settings: what is needed, what is refused, and what never shows."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.connection import DataCenter
from handlers.policy import Policy
from handlers.settings import NAMES, Settings, SettingsError, environment, load

TOP = Path(__file__).resolve().parents[2]
ENOUGH = {
    "SLACK_BOT_TOKEN": "xoxb-made-up",
    "SLACK_SIGNING_SECRET": "signing-made-up",
    "PARLEY_PUBLIC_URL": "https://parley.example.com/",
    "ZOHO_CLIENT_ID": "1000.MADEUP",
    "ZOHO_CLIENT_SECRET": "zoho-made-up",
}


def given(**more: str) -> Settings:
    """Load what is needed, and *more*."""
    return load(ENOUGH | more)


def test_five_settings_are_enough() -> None:
    """The rest has a default: US, port 8080 on this machine, the folder data."""
    settings = given()
    assert "https://parley.example.com" == settings.public_url
    assert ("127.0.0.1", 8080, "") == (settings.host, settings.port, settings.prefix)
    assert "https://slack.com/api/" == settings.slack_api
    assert DataCenter.US is settings.data_center
    assert Path("data").absolute() == settings.data_dir
    assert (None, None, None) == (settings.key, settings.key_file, settings.zoho_loopback)


@pytest.mark.parametrize("name", sorted(ENOUGH))
def test_what_is_missing_is_named(name: str) -> None:
    """Unset and empty are the same, and the sentence names the setting."""
    with pytest.raises(SettingsError, match=f"Missing: {name}"):
        load({key: value for key, value in ENOUGH.items() if key != name})
    with pytest.raises(SettingsError, match=f"Missing: {name}"):
        given(**{name: ""})


def test_a_secret_of_commas_alone_is_missing() -> None:
    """Every request of Slack's would be refused, and nobody would know why."""
    with pytest.raises(SettingsError, match="Missing: SLACK_SIGNING_SECRET"):
        given(SLACK_SIGNING_SECRET=" , ")


def test_all_that_is_missing_is_named_at_once() -> None:
    """Nobody has to come back four times."""
    with pytest.raises(SettingsError) as raised:
        load({})
    for name in ENOUGH:
        assert name in str(raised.value)


def test_a_data_centre_may_have_a_client_or_a_secret_of_its_own() -> None:
    """The names with an ending win there; elsewhere the plain ones stand."""
    settings = given(ZOHO_CLIENT_SECRET_EU="eu-secret", ZOHO_CLIENT_ID_IN="1000.INDIA")
    shown = {
        center: (client.id, client.secret.reveal()) for center, client in settings.clients.items()
    }
    assert ("1000.MADEUP", "zoho-made-up") == shown[DataCenter.US]
    assert ("1000.MADEUP", "eu-secret") == shown[DataCenter.EU]
    assert ("1000.INDIA", "zoho-made-up") == shown[DataCenter.IN]
    assert set(DataCenter) == set(shown)


def test_two_signing_secrets_stand_while_one_is_changed() -> None:
    """With a comma; spaces and an empty end don't count."""
    found = given(SLACK_SIGNING_SECRET="new , old,").slack_secrets
    assert ["new", "old"] == [one.reveal() for one in found]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARLEY_PUBLIC_URL", "http://parley.example.com"),
        ("PARLEY_PUBLIC_URL", "parley.example.com"),
        ("PARLEY_PUBLIC_URL", "https://parley.example.com/bot"),
        ("PARLEY_PUBLIC_URL", "https://parley.example.com/?a=1"),
        ("PARLEY_PUBLIC_URL", "https://me@parley.example.com"),
        ("PARLEY_PUBLIC_URL", "https://"),
        ("SLACK_API_URL", "http://slack.example.com/api/"),
        ("SLACK_API_URL", "ftp://127.0.0.1/api/"),
        ("ZOHO_ENVIRONMENT", "test"),
        ("ZOHO_DATA_CENTER", "mars"),
        ("ZOHO_ACCOUNTS_URL", "https://accounts.zoho.com"),
        ("ZOHO_API_URL", "http://192.0.2.1:80"),
        ("PARLEY_PORT", "65536"),
        ("PARLEY_PORT", "-1"),
        ("PARLEY_PORT", "http"),
        ("PARLEY_PORT", "٨٠"),
        ("PARLEY_COMMAND_PREFIX", "Acme"),
        ("PARLEY_COMMAND_PREFIX", "/acme"),
        ("PARLEY_COMMAND_PREFIX", "a" * 21),
    ],
)
def test_a_wrong_value_is_refused_and_its_setting_named(name: str, value: str) -> None:
    """Each sentence says which setting, and how it is written."""
    both = (
        {}
        if not name.endswith(("ACCOUNTS_URL", "ZOHO_API_URL"))
        else {
            "ZOHO_ACCOUNTS_URL": "http://127.0.0.1:9",
            "ZOHO_API_URL": "http://127.0.0.1:9",
        }
    )
    with pytest.raises(SettingsError, match=name):
        given(**(both | {name: value}))


def test_the_sandbox_is_taken_whole_or_not_at_all() -> None:
    """One of its two addresses alone would mix it with a real CRM."""
    both = {"ZOHO_ACCOUNTS_URL": "http://127.0.0.1:9/", "ZOHO_API_URL": "http://localhost:9"}
    assert ("http://127.0.0.1:9", "http://localhost:9") == given(**both).zoho_loopback
    for name, value in both.items():
        with pytest.raises(SettingsError, match="ZOHO_"):
            given(**{name: value})


def test_nothing_secret_is_in_what_settings_show() -> None:
    """Printing the settings shows no token, secret or key."""
    shown = repr(given(PARLEY_KEY="key-made-up", ZOHO_CLIENT_SECRET_EU="eu-made-up"))
    for secret in ("xoxb-made-up", "signing-made-up", "zoho-made-up", "key-made-up", "eu-made-up"):
        assert secret not in shown


def test_a_file_gives_settings_in_the_usual_forms(tmp_path: Path) -> None:
    """Comments, ``export`` and quotes are as in a shell."""
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# Slack\n\nexport ZOHO_CLIENT_ID='1000.A'\nZOHO_CLIENT_SECRET = \"a=b\"\n", "utf-8"
    )
    found = environment(dotenv)
    assert ("1000.A", "a=b") == (found["ZOHO_CLIENT_ID"], found["ZOHO_CLIENT_SECRET"])


@pytest.mark.parametrize("line", ["SLACK_TOKEN=x", "SLACK_BOT_TOKEN", "=x", "PATH=/bin"])
def test_a_line_that_is_no_setting_is_refused(tmp_path: Path, line: str) -> None:
    """A misspelt name is found at once; its value isn't repeated."""
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"# one\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match=r"\.env, line 2"):
        environment(dotenv)


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    """The file may be absent."""
    assert environment() == environment(tmp_path / ".env")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """And what is no setting isn't taken from it."""
    (tmp_path / ".env").write_text("PARLEY_PORT=1\nPARLEY_HOST=::1\n", "utf-8")
    code = (
        "from pathlib import Path; from handlers.settings import environment;"
        "print(sorted(environment(Path('.env')).items()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(TOP), "PARLEY_PORT": "2", "PARLEY_OTHER": "3"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "[('PARLEY_HOST', '::1'), ('PARLEY_PORT', '2')]" == done.stdout.strip()


def test_every_setting_is_told_in_the_settings_own_words() -> None:
    """The docstrings of ``Settings`` and ``Policy`` name each, and no name is listed twice."""
    told = f"{Settings.__doc__}{Policy.__doc__}"
    ends = tuple(f"_{center.name}" for center in DataCenter)
    assert [] == [name for name in NAMES if not name.endswith(ends) and f"``{name}``" not in told]
    assert len(NAMES) == len(set(NAMES))
    assert "CREDENTIALS_DIRECTORY" in told
