"""The command line: ``parley serve | sandbox | demo | read | check | migrate | manifest``."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.connection import Secret
from bot.domain.zones import zone
from bot.errors import Fault, ParleyError
from handlers.settings import Settings, SettingsError, environment, load

DOTENV = Path(".env")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 well, 1 told why not, 2 misused."""
    parser = _parser()
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except SettingsError as error:
        print(f"parley: {error}", file=sys.stderr)
    except Fault as error:
        print(f"parley: {_FAULTS.get(error.code, str(error))}", file=sys.stderr)
    except ParleyError as error:
        print(f"parley: {error}", file=sys.stderr)
    except BrokenPipeError:
        # The reader of a pipe went away; nothing is left to say.
        sys.stderr.close()
    except OSError as error:
        print(f"parley: {error.strerror or error}", file=sys.stderr)
    return 1


_FAULTS = {
    "database_in_use": "Another Parley has the database open. Stop it first; one process may use it.",
    "schema_newer": "The database was written by a newer Parley. Install that version again.",
    "key_wrong": "The key isn't the one this database was sealed with. Give the right PARLEY_KEY or PARLEY_KEY_FILE.",
    "key_missing": "The database is sealed and its key isn't there. Put the key back; without it, connections are lost.",
    "key_malformed": "The key isn't 32 bytes in base64. Copy it again, whole.",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parley", description="Slack meets Zoho CRM.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        return one

    command("serve", _serve, "Serve Slack and the web with the settings given.")
    sandbox = command("sandbox", _sandbox, "Run the made-up Slack and CRM on this machine.")
    sandbox.add_argument("--port", type=int, default=0, help="the CRM's port; 0 takes a free one")
    sandbox.add_argument("--slack-port", type=int, default=0, help="Slack's port; 0 as above")
    command("demo", _demo, "Tell the main job as a conversation, against the sandbox.")
    read = command("read", _read, "Say what Parley understands of a phrase.")
    read.add_argument("text", nargs="?", help="the phrase")
    read.add_argument("--now", help="the moment it was typed, ISO 8601; now by default")
    read.add_argument("--tz", default="UTC", help="the person's zone (IANA); UTC by default")
    read.add_argument("--json", action="store_true", help="print the whole reading")
    read.add_argument("--jsonl", action="store_true", help="read one JSON object a line from stdin")
    command("check", _check, "Check settings, key, database, clock, Slack and the CRM.")
    command("migrate", _migrate, "Bring the database up to date.")
    command("manifest", _manifest, "Print the Slack app manifest, filled in.")
    return parser


def _settings() -> Settings:
    return load(environment(DOTENV))


def _serve(_options: argparse.Namespace) -> int:
    from handlers.logs import configure
    from handlers.wiring import House, Server

    settings = _settings()
    configure(
        "INFO",
        sys.stderr,
        secrets=[settings.slack_token, *settings.slack_secrets, *_client_secrets(settings)],
    )
    house = House(settings)
    server = Server(house)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    house.start()
    server.start()
    print(f"Parley serves {settings.public_url} on {settings.host}:{server.port}", flush=True)
    if house.keys.warning:
        logging.getLogger("parley").warning("key %s", house.keys.warning)
    stop.wait()
    server.stop()
    house.stop()
    return 0


def _client_secrets(settings: Settings) -> list[Secret]:
    return [client.secret for client in settings.clients.values()]


def _sandbox(options: argparse.Namespace) -> int:
    from handlers.sandbox.run import Sandbox

    sandbox = Sandbox.start(options.port, options.slack_port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print(json.dumps(sandbox.announcement()), flush=True)
    stop.wait()
    sandbox.stop()
    return 0


def _demo(_options: argparse.Namespace) -> int:
    from handlers.demo import demo

    return demo()


def _read(options: argparse.Namespace) -> int:
    from bot.language import read

    if options.jsonl:
        for line in sys.stdin:
            asked = json.loads(line)
            now = datetime.fromisoformat(asked["now"])
            reading = read(asked["text"], now=now, tz=asked["tz"])
            print(json.dumps(reading.as_dict(), ensure_ascii=False), flush=True)
        return 0
    if options.text is None:
        print("parley: say a phrase, such as: parley read 'every Monday at 10'", file=sys.stderr)
        return 2
    where = zone(options.tz)
    now = datetime.fromisoformat(options.now) if options.now else datetime.now(UTC)
    reading = read(
        options.text, now=now if now.tzinfo else now.replace(tzinfo=where), tz=options.tz
    )
    if options.json:
        print(json.dumps(reading.as_dict(), ensure_ascii=False, indent=2))
        return 0
    print("\n".join(_told(reading.as_dict())))
    return 0


def _told(reading: dict[str, object]) -> list[str]:
    lines = []
    for name, value in reading.items():
        if value not in (None, [], False, ""):
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"{name:14}{shown}")
    return lines or ["Nothing in it is a meeting. Try: every Monday at 10 with ada@example.com"]


def _check(_options: argparse.Namespace) -> int:
    from handlers.checks import checks

    well = True
    for result in checks(_settings()):
        print(f"{'ok  ' if result.ok else 'BAD '} {result.name}: {result.told}")
        well = well and result.ok
    return 0 if well else 1


def _migrate(_options: argparse.Namespace) -> int:
    from store.database import Database
    from store.schema import migrate

    settings = _settings()
    database = Database(settings.data_dir / "parley.db")
    try:
        applied = migrate(database)
    finally:
        database.close()
    print("\n".join(applied) or "Nothing to do: the database is up to date.")
    return 0


def _manifest(_options: argparse.Namespace) -> int:
    from handlers.manifest import manifest

    found = environment(DOTENV)
    print(
        manifest(found.get("PARLEY_PUBLIC_URL", ""), found.get("PARLEY_COMMAND_PREFIX", "")), end=""
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
