"""The command line: what ``parley --help`` lists; the longer commands are in ``commands/``."""

import argparse
import io
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.zones import zone
from bot.errors import ParleyError
from handlers.commands import asking
from handlers.commands.asking import CantBeDone, Misused
from handlers.settings import Settings, SettingsError, environment, load, unattended

DOTENV = Path(".env")
OLDER = (
    "The database is older than the one Parley last ran with: a backup was put back, or a file "
    "of it was lost. Nothing in it is sent again without looking it up first; open forms are "
    "closed. Connections and exports made since then are to be made anew."
)
INTERRUPTED = 130
"""What a shell reports of a program ended by Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status.

    0 when all is well, 1 when the sentence on stderr says why not, 2 when the command
    was misused, 130 after Ctrl-C.
    """
    # A phrase may hold what the terminal can't show: shown escaped, never a traceback.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = options.run
        status = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the pipe went away. Python, "signal": nothing may be flushed to it later.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except Misused as error:
        return _sorry(str(error), 2)
    except (SettingsError, CantBeDone) as error:
        return _sorry(str(error), 1)
    except ParleyError as error:
        from handlers.faults import told

        return _sorry(told(error), 1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _sorry(f"{place}{error.strerror or error}. Correct that and try again.", 1)
    return status


def _sorry(text: str, status: int) -> int:
    print(f"parley: {text}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = asking.Parser(prog="parley", description="Slack meets Zoho CRM.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, such_as: str = ""
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text, such_as=such_as)
        one.set_defaults(run=run)
        return one

    command("serve", _serve, "Serve Slack and the web with the settings given.")
    sandbox = command("sandbox", _sandbox, "Run the made-up Slack and CRM on this machine.")
    sandbox.add_argument(
        "--port", type=asking.port, default=0, help="the CRM's port; 0 takes a free one"
    )
    sandbox.add_argument(
        "--slack-port", type=asking.port, default=0, help="Slack's port; 0 as above"
    )
    sandbox.add_argument("--app", metavar="URL", help="where a Parley to install there is served")
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
    told = "Seal everything anew with the first key, while serving."
    keys = command("keys", _keys, told, asking.KEYS)
    keys.add_argument("act", choices=["rotate"])
    told = "Copy the database to a file, while serving."
    backup = command("backup", _backup, told, asking.BACKUP)
    backup.add_argument("file", type=Path, help="where to; it must not be there yet")
    told = "Show who is connected, and take it back."
    asking.add_tokens(command("tokens", _tokens, told, asking.TOKENS))
    return parser


def _settings(**instead: str) -> Settings:
    try:
        return load(environment(DOTENV) | instead)
    except ValueError as error:
        # An address that is none, or a .env that is no text.
        raise SettingsError(f"A setting can't be read: {error}. Correct it.") from error


def _until_told_to_stop() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _serve(_options: argparse.Namespace) -> int:
    from handlers.logs import configure
    from handlers.server import Server
    from handlers.wiring.house import House

    settings = _settings()
    secrets = [settings.slack_token, *settings.slack_secrets]
    secrets += [client.secret for client in settings.clients.values()]
    configure("INFO", sys.stderr, secrets=secrets)
    house = House(settings)
    try:
        server = Server(house)
    except OSError as error:
        house.memory.close()
        raise SettingsError(
            f"{settings.host}:{settings.port} can't be listened on: {error.strerror}. "
            "Stop what has it, or give another PARLEY_HOST or PARLEY_PORT."
        ) from error
    stop = _until_told_to_stop()
    house.start()
    server.start()
    print(f"Parley serves {settings.public_url} on {settings.host}:{server.port}", flush=True)
    if house.older:
        print(f"parley: {OLDER}", file=sys.stderr, flush=True)
    if house.keys.warning:
        logging.getLogger("parley").warning("key %s", house.keys.warning)
    stop.wait()
    server.stop()
    house.stop()
    return 0


def _sandbox(options: argparse.Namespace) -> int:
    from handlers.demo import alone

    alone(options.port, options.slack_port, options.app, _until_told_to_stop().wait)
    return 0


def _demo(_options: argparse.Namespace) -> int:
    from handlers.demo import demo

    watched = sys.stdin.isatty() and sys.stdout.isatty() and not unattended()
    return demo(stay=(lambda: _until_told_to_stop().wait()) if watched else None)


def _read(options: argparse.Namespace) -> int:
    if options.jsonl:
        return _read_lines()
    if options.text is None:
        raise Misused("say a phrase, such as: parley read 'every Monday at 10'")
    reading = _reading(options.text, options.now, options.tz)
    if options.json:
        print(json.dumps(reading, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_told(reading)))
    return 0


def _read_lines() -> int:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            asked = json.loads(line)
            text, now, where = (str(asked[name]) for name in ("text", "now", "tz"))
        except (ValueError, KeyError, TypeError) as error:
            raise Misused(
                f'line {number}: write {{"text": ..., "now": ISO 8601, "tz": ...}} in one line'
            ) from error
        print(json.dumps(_reading(text, now, where)), flush=True)
    return 0


def _reading(text: str, now: str | None, where: str) -> dict[str, object]:
    """Return the reading of *text*, typed at *now*: a time without a zone is the person's own."""
    from bot.language import read

    home = zone(where)
    try:
        typed = datetime.now(UTC) if now is None else datetime.fromisoformat(now)
    except ValueError as error:
        raise Misused("the moment is ISO 8601, such as 2026-01-14T10:20+05:30") from error
    typed = typed if typed.tzinfo else typed.replace(tzinfo=home)
    return read(text, now=typed, tz=where).as_dict()


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
    for result in checks(_settings(), DOTENV):
        print(f"{'ok  ' if result.ok else 'BAD '} {result.name}: {result.told}", flush=True)
        well = well and result.ok
    return 0 if well else 1


def _migrate(_options: argparse.Namespace) -> int:
    from store.schema.migrations import migrate
    from store.sqlite.database import Database

    settings = _settings()
    database = Database(settings.data_dir / "parley.db")
    try:
        applied = migrate(database)
    finally:
        database.close()
    print("\n".join(applied) or "Nothing to do: the database is up to date.")
    return 0


def _keys(_options: argparse.Namespace) -> int:
    from handlers.commands.keeping import rotate_keys

    return rotate_keys(_settings())


def _backup(options: argparse.Namespace) -> int:
    from handlers.commands.keeping import backup

    return backup(_settings(), options.file)


def _tokens(options: argparse.Namespace) -> int:
    from handlers.commands import tokens

    settings = _settings()
    match options.act:
        case "list":
            return tokens.list_all(settings)
        case "show":
            return tokens.show(settings, options.person)
        case "revoke":
            return tokens.revoke(settings, options.person)
        case "import":
            return tokens.import_file(settings, options.file, options.person)
        case _:
            return tokens.audit(settings, options.count)


def _manifest(_options: argparse.Namespace) -> int:
    from handlers.manifest import manifest

    # The app is made from this: the secrets that come of it aren't known yet.
    later = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET")
    settings = _settings(**dict.fromkeys(later, "-"))
    print(manifest(settings.public_url, settings.prefix), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
