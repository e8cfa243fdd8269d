"""People: once each, and nobody lost by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.participants import MAX_PARTICIPANTS, Kind, Participant, address, merged, unique
from bot.errors import Refused

PEOPLE = st.builds(
    lambda kind, ref, place: Participant(
        kind=kind, ref=ref, name=ref, participation_id=place and f"P{place}"
    ),
    st.sampled_from(Kind),
    st.sampled_from(["1", "2", "3", "a@example.com", "A@example.com"]),
    st.none() | st.integers(1, 9),
)
LISTS = st.lists(PEOPLE, max_size=12)


def someone(ref: str, place: str | None = None) -> Participant:
    """Return a contact, perhaps already in the event."""
    return Participant(kind=Kind.CONTACT, ref=ref, name=ref, participation_id=place)


def test_who_is_there_stays_there_with_their_place() -> None:
    """Kaizen #8, 2.1: whoever is written without their id is dropped and added anew."""
    there = someone("1", "P1")
    assert (there, someone("2")) == merged([there], add=[someone("1"), someone("2", "old")])


def test_removal_wins_over_addition() -> None:
    """Who shall go, goes."""
    assert (someone("2", "P2"),) == merged(
        [someone("1", "P1"), someone("2", "P2")], add=[someone("1")], remove=[someone("1")]
    )


@given(current=LISTS, add=LISTS, remove=LISTS)
def test_nobody_is_lost_and_nobody_is_invented(
    current: list[Participant], add: list[Participant], remove: list[Participant]
) -> None:
    """The merge law: who was there or was added, minus who was removed, once each."""
    after = merged(current, add=add, remove=remove)
    keys = [person.key for person in after]
    assert len(set(keys)) == len(keys)
    wanted = {one.key for one in (*current, *add)} - {one.key for one in remove}
    assert wanted == set(keys)
    places = {one.key: one.participation_id for one in reversed(current)}
    assert all(places.get(one.key) == one.participation_id for one in after)


@given(current=LISTS, add=LISTS)
def test_merging_twice_changes_nothing(current: list[Participant], add: list[Participant]) -> None:
    """The list to write is stable."""
    once = merged(current, add=add)
    assert once == merged(once, add=add)


def test_more_than_fifty_are_refused_and_fifty_are_not() -> None:
    """Zoho CRM, Insert Records: only 50 participants can be added to an event."""
    fifty = [someone(str(n)) for n in range(MAX_PARTICIPANTS)]
    assert MAX_PARTICIPANTS == len(unique([*fifty, someone("1")]))
    with pytest.raises(Refused, match="people_limit") as refused:
        unique([*fifty, someone("x")])
    assert 51 == refused.value.values["found"]


def test_addresses_differ_by_more_than_case() -> None:
    """Ann and ann are one person."""
    people = unique(
        [Participant.by_email("Ann@example.com"), Participant.by_email("ann@example.com")]
    )
    assert ["Ann@example.com"] == [one.ref for one in people]
    assert all(one.outside for one in people)


@pytest.mark.parametrize(
    "text",
    ["", "ann", "ann@", "@example.com", "ann@example", "a b@example.com", "ann@exa mple.com",
     "ann@@example.com", "<ann@example.com>", "ann@example.com, bob@example.com",
     "x" * 65 + "@example.com", "ann@" + "a." * 130 + "com",
     "x" * 60 + "@" + "y" * 40 + ".example"],
)  # fmt: skip
def test_a_bad_address_is_refused(text: str) -> None:
    """One bad address makes the CRM refuse the whole meeting."""
    with pytest.raises(Refused, match="email_invalid"):
        address(text)
