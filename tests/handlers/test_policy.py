"""How long and how much: the defaults, what may be said instead, and what is refused."""

from datetime import timedelta

import pytest

from handlers.policy import NAMES, Policy, policy
from tests.handlers.test_settings import given


def test_nothing_said_means_the_defaults() -> None:
    """A day, a week, ninety days, two hundred."""
    assert Policy() == policy({}) == given().policy
    assert (200, 90, frozenset()) == (Policy().invitations, Policy().unused_days, Policy().admins)


def test_everything_can_be_said_otherwise() -> None:
    """Each setting changes its own value."""
    said = policy(
        {
            "PARLEY_ADMINS": "U012ABC, W034DEF U056GHI",
            "PARLEY_KEEP_HOURS": "48",
            "PARLEY_KEEP_CONTENT_DAYS": "1",
            "PARLEY_KEEP_AUDIT_DAYS": "400",
            "PARLEY_INVITATIONS_A_DAY": "20",
            "PARLEY_UNUSED_DAYS": "0",
        }
    )
    assert (
        Policy(
            admins=frozenset({"U012ABC", "W034DEF", "U056GHI"}),
            kept=timedelta(hours=48),
            kept_content=timedelta(days=1),
            kept_audit=timedelta(days=400),
            invitations=20,
            unused_days=0,
        )
        == said
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARLEY_ADMINS", "ada@example.com"),
        ("PARLEY_ADMINS", "*"),
        ("PARLEY_KEEP_HOURS", "23"),
        ("PARLEY_KEEP_HOURS", "-24"),
        ("PARLEY_KEEP_HOURS", "1e3"),
        ("PARLEY_KEEP_CONTENT_DAYS", "0"),
        ("PARLEY_KEEP_AUDIT_DAYS", "29"),
        ("PARLEY_KEEP_AUDIT_DAYS", "401"),
        ("PARLEY_INVITATIONS_A_DAY", "0"),
        ("PARLEY_INVITATIONS_A_DAY", "٣"),
        ("PARLEY_UNUSED_DAYS", "7"),
        ("PARLEY_UNUSED_DAYS", "forever"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: str) -> None:
    """And the setting is named, with what it takes."""
    assert name in NAMES
    with pytest.raises(ValueError, match=name):
        policy({name: value})
