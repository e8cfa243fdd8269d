"""Keys and sealing: what opens, what doesn't, and where keys come from."""

import base64
import stat
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.connection import Account, DataCenter, GrantState, Owner, Tokens
from bot.errors import Fault
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring, find_keys, new_key
from store.sealing.rotation import Rotated, rotate
from store.sealing.vault import Vault

Child = Callable[..., "subprocess.Popen[str]"]
OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(), st.text(), st.text())
def test_what_is_sealed_opens_for_its_table_and_owner(plain: bytes, table: str, owner: str) -> None:
    """Whatever the bytes and names."""
    vault = Vault(Keyring([OLD]))

    assert plain == vault.open(table, owner, vault.seal(table, owner, plain))


@pytest.mark.parametrize(
    ("table", "owner"), [("grants", "T1/UBOB"), ("drafts", "T1/UADA"), ("grantsT", "1/UADA")]
)
def test_a_value_moved_elsewhere_does_not_open(table: str, owner: str) -> None:
    """Another owner, another table, or the same letters parted otherwise."""
    vault = Vault(Keyring([OLD]))
    sealed = vault.seal("grants", "T1/UADA", b"token")

    with pytest.raises(Fault, match="unreadable"):
        vault.open(table, owner, sealed)


def test_every_changed_byte_is_noticed() -> None:
    """Each byte of nonce, text and tag is flipped once."""
    vault = Vault(Keyring([OLD]))
    head, body = vault.seal("t", "o", b"token").rsplit(".", 1)
    raw = base64.b64decode(body)

    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(Fault, match="unreadable"):
            vault.open("t", "o", f"{head}.{base64.b64encode(changed).decode()}")


@pytest.mark.parametrize(
    "text", ["", "v1", "v1.x", "v2.00000000.AAAA", "v1.00000000.AAAA", "é.é.é"]
)
def test_what_was_never_sealed_is_unreadable(text: str) -> None:
    """Any other text is a Fault of ours, not a crash."""
    with pytest.raises(Fault, match="unreadable"):
        Vault(Keyring([OLD])).open("t", "o", text)


def test_a_short_body_under_a_known_key_is_unreadable() -> None:
    """Cut anywhere, a sealed text is refused."""
    vault = Vault(Keyring([OLD]))
    sealed = vault.seal("t", "o", b"token")

    for length in range(len(sealed)):
        with pytest.raises(Fault, match="unreadable"):
            vault.open("t", "o", sealed[:length])


def test_the_first_key_seals_and_all_open() -> None:
    """After a new key is put first, what the old one sealed still opens."""
    old, both = Vault(Keyring([OLD])), Vault(Keyring([NEW, OLD]))

    assert b"x" == both.open("t", "o", old.seal("t", "o", b"x"))
    with pytest.raises(Fault, match="unreadable"):
        old.open("t", "o", both.seal("t", "o", b"x"))


def test_keys_are_read_from_base64_and_hex_by_comma_or_line() -> None:
    """Four spellings of two keys make the same ring, in order."""
    first, second = base64.b64encode(OLD).decode(), base64.urlsafe_b64encode(b"\xff" * 32).decode()

    expected = Keyring([OLD, b"\xff" * 32]).ids
    assert expected == Keyring.parse(f"{first},{second}").ids
    assert expected == Keyring.parse(f"\n{OLD.hex()}\n {second} \n").ids


@pytest.mark.parametrize("text", ["", "password123", "AAAA", "é" * 32, "A" * 43, "%" * 44])
def test_a_bad_key_is_refused_and_never_shown(text: str) -> None:
    """Not even in the chain of causes."""
    with pytest.raises(Fault, match="key_malformed") as caught:
        Keyring.parse(text)
    assert caught.value.__cause__ is None
    assert caught.value.values == {}


def test_a_keyring_shows_ids_alone() -> None:
    """Neither the key nor its base64 is in the repr."""
    shown = repr(Keyring([OLD]))

    assert "oooo" not in shown
    assert base64.b64encode(OLD).decode()[:8] not in shown


def test_the_first_place_with_keys_wins(tmp_path: Path) -> None:
    """Credential, then file, then text, then the file beside the database."""
    database = tmp_path / "parley.db"
    credentials, key_file = tmp_path / "credentials", tmp_path / "keys"
    credentials.mkdir()
    (credentials / "parley-key").write_text(new_key())
    key_file.write_text(new_key())
    key_file.chmod(0o600)
    places = {"credentials": credentials, "key_file": key_file}

    assert find_keys(database, **places, text=new_key()).source == "credential"
    assert find_keys(database, key_file=key_file, text=new_key()).source == "file"
    assert find_keys(database, text=new_key()).source == "text"
    assert not (tmp_path / "parley.key").exists()
    assert find_keys(database).source == "generated"


def test_a_generated_key_is_private_warned_about_and_kept(tmp_path: Path) -> None:
    """Mode 0600, the same key at the next start, the warning each time."""
    first, second = (find_keys(tmp_path / "d" / "parley.db") for _ in range(2))

    assert stat.S_IMODE((tmp_path / "d" / "parley.key").stat().st_mode) == 0o600
    assert first.keyring.ids == second.keyring.ids
    assert [first.warning, second.warning] == ["key_beside_database"] * 2
    assert ["parley.key"] == [one.name for one in (tmp_path / "d").iterdir()]


def test_a_key_file_others_can_read_is_warned_about(tmp_path: Path) -> None:
    """It works, and says so."""
    named = tmp_path / "keys"
    named.write_text(new_key())
    named.chmod(0o640)

    assert find_keys(tmp_path / "p.db", key_file=named).warning == "key_readable"
    named.chmod(0o600)
    assert find_keys(tmp_path / "p.db", key_file=named).warning is None


def test_a_named_key_file_that_is_not_there_is_never_made(tmp_path: Path) -> None:
    """A typing error in a path must not become a second key."""
    with pytest.raises(Fault, match="key_missing"):
        find_keys(tmp_path / "p.db", key_file=tmp_path / "nowhere")

    assert [] == list(tmp_path.iterdir())


def test_a_lost_key_is_not_made_anew_over_sealed_values(
    memory: Memory, file: Path, keyring: Keyring
) -> None:
    """The file holds sealed values and no key is found: refused, and no key appears."""
    with pytest.raises(Fault, match="key_missing"):
        find_keys(file)

    assert not file.with_name("parley.key").exists()


def test_a_file_opens_with_its_own_key_alone(
    memory: Memory, file: Path, keyring: Keyring, now: datetime
) -> None:
    """Another key is refused at the start; an added key is not."""
    with pytest.raises(Fault, match="key_wrong"):
        open_memory(file, Keyring([NEW]), now)

    open_memory(file, Keyring([NEW, b"k" * 32]), now).close()


_START = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from store.sealing.keys import find_keys
from store.memory import open_memory
file = Path(sys.argv[1])
open_memory(file, find_keys(file).keyring, datetime.now(UTC)).close()
"""


def test_eight_first_starts_agree_on_one_key(file: Path, child: Child) -> None:
    """None is refused, and one key is left."""
    running = [child(_START, file) for _ in range(8)]

    assert [""] * 8 == [process.communicate(timeout=60)[1] for process in running]
    assert {"parley.db", "parley.key"} == {one.name for one in file.parent.iterdir()}


def test_after_rotation_the_new_key_is_enough(
    file: Path,
    now: datetime,
    ada: Owner,
    bob: Owner,
    account: Account,
    tokens: Callable[[str], Tokens],
) -> None:
    """Every sealed column of 150 people is sealed anew; the old key opens nothing."""
    before = open_memory(file, Keyring([OLD]), now)
    with before.atomically():
        for number in range(150):
            owner = Owner("T1", f"U{number}")
            before.inbox.put(
                f"k{number}", lane="work", kind="x", owner=owner, payload={"n": number}, now=now
            )
    grant = before.grants.keep(
        ada, DataCenter.EU, account, tokens("1"), state=GrantState.ACTIVE, now=now
    )
    link = before.states.issue("connect", bob, {"n": 1}, now=now)
    before.drafts.put("d", bob, None, {"n": 2}, now)
    before.operations.begin("d", ada, grant.id, "create", "f", {"n": 3}, now)
    before.operations.move("d", ("new",), "sending", now=now, note={"n": 4})
    before.outbox.owe("m", ada, channel="D1", message={"n": 5}, now=now)
    before.close()

    both = open_memory(file, Keyring([NEW, OLD]), now)
    assert Rotated(sealed=156, unreadable=0) == rotate(both.db, both.vault)
    assert Rotated(sealed=0, unreadable=0) == rotate(both.db, both.vault)
    both.close()

    with pytest.raises(Fault, match="key_wrong"):
        open_memory(file, Keyring([OLD]), now)
    after = open_memory(file, Keyring([NEW]), now)
    assert tokens("1") == after.grants.of(ada)[0].tokens
    found = after.states.take("connect", link, now)
    assert found is not None
    assert found.note == {"n": 1}
    operation = after.operations.get("d")
    assert operation is not None
    assert ({"n": 3}, {"n": 4}) == (operation.body, operation.note)
    claimed = after.inbox.claim("work", now=now, limit=200, lease_seconds=1)
    assert list(range(150)) == [item.payload["n"] for item in claimed]
    assert [{"n": 5}] == [owed.message for owed in after.outbox.claim(now, 9, 1)]
    after.close()
