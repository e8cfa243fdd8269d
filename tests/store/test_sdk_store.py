"""Zoho's own Python client works on the bot's grants: one truth, whoever asks."""

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.handlers.sandbox.client import SCOPES
from tests.handlers.sandbox.crm_caller import Caller, running

TOP = Path(__file__).parents[2]
PYTHON = TOP / ".venv-sdk" / "bin" / "python"
CHAPTERS = Path(__file__).with_name("sdk_chapters.py")
TIMEOUT = 60


def chapter(name: str, scene: dict[str, Any]) -> dict[str, Any]:
    """Run a chapter in a process of its own and return what it told."""
    done = subprocess.run(
        [PYTHON, CHAPTERS], input=json.dumps({**scene, "chapter": name}), capture_output=True,
        text=True, cwd=scene["folder"], timeout=TIMEOUT, check=False,
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def renewals(crm: Caller) -> int:
    """Return how often the accounts server was asked for tokens."""
    return len(crm.control("traffic?path=/oauth/v2/token&method=POST")["traffic"])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Any]:
    """Both chapters, and what the CRM saw; of several workers of one run the first tells all."""
    if not PYTHON.exists():
        pytest.fail("Zoho's client is not installed: run `make sdk`")
    folder = tmp_path_factory.mktemp("sdk")
    if worker_id == "master":
        return both_chapters(folder)
    shared = tmp_path_factory.getbasetemp().parent / "sdk.json"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            shared.write_text(json.dumps(both_chapters(folder)))
        found: dict[str, Any] = json.loads(shared.read_text())
        return found


def both_chapters(folder: Path) -> dict[str, Any]:
    """Run both chapters against a CRM of their own."""
    with running() as crm:
        codes = {
            name: crm.control("oauth/code", {"user": f"{name}@example.com", "scope": SCOPES})[
                "code"
            ]
            for name in ("ada", "ben")
        }
        scene = {
            "origin": crm.origin, **crm.credentials(), "codes": codes, "folder": str(folder),
            "file": str(folder / "data" / "parley.db"),
        }  # fmt: skip
        before = renewals(crm)
        first = chapter("sign_in", scene)
        asked = [renewals(crm) - before]
        second = chapter("restart", scene)
        asked.append(renewals(crm) - before)
        alive = [crm.side.world.grants.has_refresh(crm.user_id(name)) for name in ("ada", "ben")]
        return {"sign_in": first, "restart": second, "asked": asked, "alive": alive}


def test_it_signs_in_calls_and_switches_users(told: dict[str, Any]) -> None:
    """Each call is made as the right person, and each code was exchanged once."""
    first = told["sign_in"]

    assert ["ada@example.com", "ada@example.com", "ben@example.com", "ada@example.com"] == (
        first["called"]
    )
    assert ["ada@example.com:823711904", "ben@example.com:823711904"] == first["names"]
    assert 2 == told["asked"][0]


def test_its_tokens_are_grants_of_their_owner(told: dict[str, Any]) -> None:
    """The bot lists them; nobody else's store has them; no secret or code is in a row."""
    first = told["sign_in"]

    assert {"ada@example.com", "ben@example.com"} == set(first["grants"])
    assert set(first["ids"]) == set(first["kept"])
    assert 0 == first["others"]
    assert [False, False] == first["secrets"]


def test_after_a_restart_it_goes_on_without_signing_in(told: dict[str, Any]) -> None:
    """The used-up grant token finds what it was exchanged for."""
    assert "ada@example.com" == told["restart"]["called"][0]


def test_what_is_over_is_renewed_once_and_kept(told: dict[str, Any]) -> None:
    """The bot's own renewal is seen; then one more is made, a generation on."""
    again = told["restart"]

    assert ["ada@example.com", "ada@example.com", "ben@example.com"] == again["called"][:3]
    assert 3 == told["asked"][1]
    assert 3 == again["generation"]


def test_a_stale_token_saved_late_is_told_the_good_one(told: dict[str, Any]) -> None:
    """The object that held it has the kept access token afterwards."""
    assert told["restart"]["stale"]


def test_it_revokes_the_right_person(told: dict[str, Any]) -> None:
    """Ben's connection is gone at the CRM and here; Ada's stands; a stranger finds neither."""
    again = told["restart"]

    assert [True, True, True] == [again["strangers"], again["revoked"], again["removed"]]
    assert [True, False] == told["alive"]
    assert "ada@example.com" == again["called"][3]
    assert ["ada@example.com:823711904"] == again["left"]
