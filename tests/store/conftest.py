"""A real file in a temporary folder, and a few made-up people."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.connection import Account, DataCenter, Grant, GrantState, Owner, Secret, Tokens
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

Child = Callable[..., "subprocess.Popen[str]"]
_TOP = Path(__file__).parents[2]


@pytest.fixture
def now() -> datetime:
    """A Sunday morning."""
    return datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def keyring() -> Keyring:
    """One key that every process of a test knows."""
    return Keyring([b"k" * 32])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database shall be; nothing is there yet."""
    return tmp_path / "data" / "parley.db"


@pytest.fixture
def memory(file: Path, keyring: Keyring, now: datetime) -> Iterator[Memory]:
    """An open memory on a real file."""
    opened = open_memory(file, keyring, now)
    yield opened
    opened.close()


@pytest.fixture
def ada() -> Owner:
    """One person."""
    return Owner("T1", "UADA")


@pytest.fixture
def bob() -> Owner:
    """Another person of the same team."""
    return Owner("T1", "UBOB")


@pytest.fixture
def account() -> Account:
    """Ada's account in the CRM."""
    return Account(
        user_id="11",
        email="ada@example.com",
        name="Ada Byron",
        zone="Europe/Amsterdam",
        org_id="900",
        org_name="Example Sales",
    )


@pytest.fixture
def tokens(now: datetime) -> Callable[[str], Tokens]:
    """``tokens("x")``: tokens told apart by a word."""

    def made(word: str) -> Tokens:
        return Tokens(
            access=Secret(f"access-{word}"),
            refresh=Secret(f"refresh-{word}"),
            expires_at=now,
            api_origin="https://www.zohoapis.example",
            scopes=("ZohoCRM.modules.ALL", "ZohoCRM.bulk.READ"),
        )

    return made


@pytest.fixture
def child() -> Iterator[Child]:
    """``child(code, *arguments)`` runs Python code in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=_TOP,  # -c looks there for our packages
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def keep(
    memory: Memory, ada: Owner, account: Account, tokens: Callable[[str], Tokens], now: datetime
) -> Callable[..., Grant]:
    """``keep("word")`` keeps tokens told apart by the word; active unless a code is given."""

    def kept(
        word: str,
        *,
        owner: Owner = ada,
        org: str = account.org_id,
        code: str | None = None,
        at: datetime = now,
    ) -> Grant:
        return memory.grants.keep(
            owner,
            DataCenter.EU,
            replace(account, org_id=org),
            tokens(word),
            state=GrantState.PENDING if code else GrantState.ACTIVE,
            now=at,
            code=code,
        )

    return kept
