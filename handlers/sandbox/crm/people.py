"""The made-up organisation the sandbox starts with. Every address ends in example.com.

Seed ids are fixed so that a person keeps theirs over a reset; records made later get higher ids.
"""

from __future__ import annotations

from typing import Any

from handlers.sandbox.crm.catalogue import ORG_PREFIX

Record = dict[str, Any]
FIRST_FREE = int(f"{ORG_PREFIX}000090000001")
_SEEDED = "2026-01-05T09:00:00+00:00"
_ADMIN, _STANDARD = "Administrator", "Standard"
_USERS = (
    # One row: first, last, zone, profile, status, offset in ms (winter)
    ("Ada", "Moreno", "America/New_York", _ADMIN, "active", -18_000_000),
    ("Ben", "Okoro", "Europe/Berlin", _STANDARD, "active", 3_600_000),
    ("Chloe", "Tan", "Asia/Singapore", _STANDARD, "active", 28_800_000),
    ("Dev", "Raman", "Asia/Kolkata", _STANDARD, "active", 19_800_000),
    ("Eva", "Lind", "Europe/Stockholm", _STANDARD, "disabled", 3_600_000),
    ("Grace", "Hill", "America/Los_Angeles", _STANDARD, "active", -28_800_000),
)


def seed_id(block: int, number: int) -> str:
    """Return the fixed id of a seed row."""
    # The steps between neighbours vary from 2 up, as they do in real dumps.
    return f"{ORG_PREFIX}{block:06d}{number * 7 + number % 3 + 1001:06d}"


def organisation() -> Record:
    """Return the organisation as `/org` answers it."""
    return {
        "id": f"{ORG_PREFIX}000000000225",
        "zgid": "823711904",
        "company_name": "Parley Trading",
        "type": "production",
        "time_zone": "America/New_York",
        "country_code": "US",
        "currency": "US Dollar - USD",
        "currency_symbol": "$",
        "iso_code": "USD",
        "domain_name": "org823711904",
        "primary_email": "ada@example.com",
        "primary_zuid": "823711001",
        "created_time": _SEEDED,
        "license_details": {
            "paid": True,
            "paid_type": "enterprise",
            "users_license_purchased": 10,
            "paid_expiry": None,
            "trial_type": None,
            "trial_expiry": None,
        },
        "hipaa_compliance_enabled": False,
    }


def users() -> dict[str, Record]:
    """Return the CRM users by id, as `/users` answers them."""
    return {seed_id(0, 1 + n): _user(n, *row) for n, row in enumerate(_USERS)}


def _user(
    number: int, first: str, last: str, zone: str, profile: str, status: str, offset: int
) -> Record:
    return {
        "id": seed_id(0, 1 + number),
        "email": f"{first.lower()}@example.com",
        "full_name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "status": status,
        "confirm": True,
        "type__s": "Regular User",
        "zuid": f"82371{1001 + number * 13}",
        "time_zone": zone,
        "offset": offset,
        "locale": "en_US",
        "language": "en_US",
        "country_locale": "en_US",
        "date_format": "MMM d, yyyy",
        "time_format": "hh:mm a",
        "profile": {"name": profile, "id": seed_id(1, 1 if profile == _ADMIN else 2)},
        "role": {
            "name": "CEO" if number == 0 else "Sales",
            "id": seed_id(2, 1 if number == 0 else 2),
        },
        "created_time": _SEEDED,
        "Modified_Time": _SEEDED,
        "Isonline": False,
        "personal_account": False,
        "microsoft": False,
        "sandboxDeveloper": False,
        "alias": None,
        "decimal_separator": "Period",
        "number_separator": "Comma",
    }
