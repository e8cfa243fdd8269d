"""People and organisations: kept for a while, found by what is typed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.connection import Owner
from bot.domain.participants import Kind, Participant
from bot.domain.profile import Profile
from store.memory import Memory
from store.people import Directory
from store.schema.migrations import migrate
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database

ANN = Participant(kind=Kind.USER, ref="1", name="Ann Zander", email="ann.zander@example.com")
JOSE = Participant(kind=Kind.LEAD, ref="2", name="José O'Neil", email="j_one@example.com")
JEAN = Participant(kind=Kind.CONTACT, ref="3", name="Jean-Luc Ångström")
EVE = Participant.by_email("Eve@Guest.example.com")


def test_a_profile_is_good_for_as_long_as_asked(
    memory: Memory, ada: Owner, bob: Owner, now: datetime
) -> None:
    """The newest one; an older one than asked for isn't there."""
    profile = Profile(name="Ada", email=None, zone="Europe/Amsterdam", admin=True)
    memory.profiles.keep(ada, Profile(name="Old", email="a@example.com", zone="UTC"), now)
    memory.profiles.keep(ada, profile, now)

    assert profile == memory.profiles.get(ada, not_before=now)
    assert memory.profiles.get(ada, not_before=now + timedelta(microseconds=1)) is None
    assert memory.profiles.get(bob, not_before=now) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann", [ANN]),
        ("ZAND", [ANN]),
        ("ander", []),
        ("zander ann", [ANN]),
        ("ann.zander@ex", [ANN]),
        ("ann jose", []),
        ("jose", [JOSE]),
        ("JOSÉ", [JOSE]),
        ("o'n", [JOSE]),
        ("neil", [JOSE]),
        ("luc", [JEAN]),
        ("angst", [JEAN]),
        ("example", [ANN, EVE, JOSE]),
        ("guest", [EVE]),
        ("", [ANN, EVE, JEAN, JOSE]),
        ("%", []),
        ("_", []),
        ("j_o", [JOSE]),
        ("j%o", []),
        ("\\", []),
        ("' OR 1=1 --", []),
    ],
)
def test_people_are_found_by_the_beginnings_of_words(
    memory: Memory, now: datetime, text: str, expected: list[Participant]
) -> None:
    """Users first, then by name; case and accents don't count; nothing typed is a pattern."""
    memory.directory.remember("g", [JOSE, JEAN, EVE, ANN], now)

    assert expected == list(memory.directory.search("g", text, 9))
    assert expected[:1] == list(memory.directory.search("g", text, 1))
    assert () == memory.directory.search("other", text, 9)


def test_somebody_met_again_is_brought_up_to_date(memory: Memory, now: datetime) -> None:
    """One row each; a known address isn't lost; the place in an event isn't kept."""
    memory.directory.remember("g", [JOSE], now)
    newer = Participant(kind=Kind.LEAD, ref="2", name="José Neu", participation_id="77")
    memory.directory.remember("g", [newer], now)

    expected = Participant(kind=Kind.LEAD, ref="2", name="José Neu", email=JOSE.email)
    assert expected == memory.directory.get("g", Kind.LEAD, "2")
    assert (expected,) == memory.directory.search("g", "neu", 9)
    assert () == memory.directory.search("g", "neil", 9)


def test_an_address_is_the_same_in_any_case(memory: Memory, now: datetime) -> None:
    """And the same reference of another kind, or of another grant, is somebody else."""
    memory.directory.remember("g", [EVE, ANN], now)

    assert EVE == memory.directory.get("g", Kind.EMAIL, "eve@guest.EXAMPLE.com")
    assert memory.directory.get("g", Kind.LEAD, "1") is None
    assert memory.directory.get("h", Kind.USER, "1") is None


def test_a_grants_people_are_forgotten_together(memory: Memory, now: datetime) -> None:
    """Another grant's stay."""
    memory.directory.remember("g", [ANN, EVE], now)
    memory.directory.remember("h", [ANN], now)

    assert [2, 0] == [memory.directory.forget("g") for _ in range(2)]
    assert (ANN,) == memory.directory.search("h", "", 9)


@pytest.fixture(scope="module")
def directory() -> Iterator[Directory]:
    """A directory that all cases of a property share."""
    db = Database(None)
    migrate(db)
    yield Directory(db)
    db.close()


_LETTERS = st.text(st.sampled_from("abÄß%_\\' .@-"), min_size=1, max_size=8)


@settings(max_examples=2000)
@given(_LETTERS, _LETTERS)
def test_whatever_is_typed_is_taken_by_its_letters(
    directory: Directory, name: str, other: str
) -> None:
    """The beginning of each word finds its bearer; what isn't in a name never finds it."""
    directory.forget("g")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    directory.remember("g", [Participant(kind=Kind.LEAD, ref="1", name=name)], now)

    for word in name.split():
        assert 1 == len(directory.search("g", word[:3], 9))
    plain = name.casefold().replace("ä", "a")
    typed = other.casefold().replace("ä", "a").split()
    if any(word not in plain for word in typed):
        assert () == directory.search("g", other, 9)


def test_a_switch_stays_and_a_cached_answer_ages(memory: Memory, now: datetime) -> None:
    """By organisation and name; the last one set counts."""
    for value in ("yes", "no"):
        memory.organizations.set_switch("900", "sign", value, now)
    for number in (1, 2):
        memory.organizations.cache("900", "layout", {"n": number}, now)

    assert memory.organizations.switch("900", "sign") == "no"
    assert memory.organizations.switch("901", "sign") is None
    assert {"n": 2} == memory.organizations.cached("900", "layout", now)
    assert memory.organizations.cached("900", "layout", now + timedelta(seconds=1)) is None
    assert memory.organizations.cached("900", "other", now) is None


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - the zone is added below
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - the zone is added below
    st.integers(-14, 14),
)
def test_text_order_is_time_order(first: datetime, second: datetime, hours: int) -> None:
    """Whatever the zone, the same moment comes back, aware and in UTC."""
    one = first.replace(tzinfo=timezone(timedelta(hours=hours)))
    two = second.replace(tzinfo=UTC)

    assert (one < two) is (moment(one) < moment(two))
    assert one == aware(moment(one))
    assert timedelta(0) == aware(moment(one)).utcoffset()


def test_a_naive_time_is_refused() -> None:
    """It would mean another moment on another machine."""
    with pytest.raises(ValueError, match="naive"):
        moment(datetime(2026, 3, 1))  # noqa: DTZ001 - that is what is refused
