"""Where Zoho lives: a closed literal table, and nothing is ever sent to a host outside it.

Hosts by Zoho CRM's page "Multi DC support" and Zoho Accounts' page of the same name
(the United Kingdom is on the latter alone). A text that comes from outside - the
callback's ``location`` and ``accounts-server``, a token answer's ``api_domain`` - only
ever picks a row, by exact equality.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.connection import DataCenter
from bot.errors import Refused


class Environment(StrEnum):
    """Which organisations are worked in; Zoho binds each token to one (Zoho CRM, "Sandbox")."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One data centre's origins, without a trailing slash.

    Attributes:
        accounts: The accounts server.
        api: The API of production organisations.
        web: What a person opens in the browser.
        sandbox: The API of sandboxes; None where Zoho names none.
        developer: The API of developer organisations; None where Zoho names none.
    """

    accounts: str
    api: str
    web: str
    sandbox: str | None = None
    developer: str | None = None

    def api_of(self, environment: Environment) -> str | None:
        """Return the API of an environment; None where Zoho names none."""
        match environment:
            case Environment.PRODUCTION:
                return self.api
            case Environment.SANDBOX:
                return self.sandbox
            case Environment.DEVELOPER:
                return self.developer


def _place(accounts: str, tail: str, web: str) -> Place:
    return Place(
        accounts=f"https://{accounts}",
        api=f"https://www.zohoapis.{tail}",
        web=f"https://{web}",
        sandbox=f"https://sandbox.zohoapis.{tail}",
        developer=f"https://developer.zohoapis.{tail}",
    )


TABLE: Final[Mapping[DataCenter, Place]] = MappingProxyType(
    {
        DataCenter.US: _place("accounts.zoho.com", "com", "crm.zoho.com"),
        DataCenter.EU: _place("accounts.zoho.eu", "eu", "crm.zoho.eu"),
        DataCenter.IN: _place("accounts.zoho.in", "in", "crm.zoho.in"),
        DataCenter.AU: _place("accounts.zoho.com.au", "com.au", "crm.zoho.com.au"),
        DataCenter.JP: _place("accounts.zoho.jp", "jp", "crm.zoho.jp"),
        DataCenter.CN: _place("accounts.zoho.com.cn", "com.cn", "crm.zoho.com.cn"),
        DataCenter.CA: _place("accounts.zohocloud.ca", "ca", "crm.zohocloud.ca"),
        DataCenter.SA: _place("accounts.zoho.sa", "sa", "crm.zoho.sa"),
        DataCenter.UK: Place(
            accounts="https://accounts.zoho.uk",
            api="https://www.zohoapis.uk",
            web="https://crm.zoho.uk",
        ),
    }
)

_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?")


def web_origin(api_origin: str) -> str | None:
    """Return where a person opens the records of *api_origin*; None off the table."""
    return next((row.web for row in TABLE.values() if row.api == api_origin), None)


class Places:
    """The rows in force: the whole table, or the one row of a sandbox on this machine."""

    def __init__(
        self,
        home: DataCenter,
        loopback: tuple[str, str] | None = None,
        environment: Environment = Environment.PRODUCTION,
    ) -> None:
        """Choose the rows.

        Args:
            home: Where consent begins, and where a callback that names no place belongs.
            environment: Which of a row's APIs is called; a local sandbox has one alone.
            loopback: The accounts and API origins of a local sandbox. They become the
                only row, called ``us``, and the table is not used at all.

        Raises:
            Refused: ``not_loopback`` unless both are http on this machine, without a path.
        """
        self.home = home
        self._environment = environment if loopback is None else Environment.PRODUCTION
        self._rows = TABLE
        if loopback is not None:
            if not all(_LOOPBACK.fullmatch(origin) for origin in loopback):
                raise Refused("not_loopback")
            accounts, api = loopback
            self.home = DataCenter.US
            self._rows = MappingProxyType(
                {DataCenter.US: Place(accounts=accounts, api=api, web=api)}
            )

    def accounts_origins(self) -> tuple[str, ...]:
        """Return every accounts server a consent may lead to."""
        return tuple(dict.fromkeys(place.accounts for place in self._rows.values()))

    def row(self, data_center: DataCenter) -> Place:
        """Return the origins of *data_center*.

        Raises:
            Refused: ``place_unknown``.
        """
        found = self._rows.get(data_center)
        if found is None:
            raise Refused("place_unknown")
        return found

    def place(self, location: str | None, accounts_server: str | None) -> tuple[DataCenter, Place]:
        """Return the row a callback names; home where it names none.

        Zoho sends both texts to clients of several data centres and neither to others.

        Raises:
            Refused: ``place_unknown`` unless both equal one row, character by character.
        """
        if location is None and accounts_server is None:
            return self.home, self.row(self.home)
        for data_center, row in self._rows.items():
            if data_center.value == location and row.accounts == accounts_server:
                return data_center, row
        raise Refused("place_unknown")

    def api_origin(self, data_center: DataCenter, told: str | None) -> str:
        """Return the API origin of an account.

        Args:
            data_center: Where the account lives.
            told: The ``api_domain`` of the token answer; None where it had none.

        Raises:
            Refused: ``place_unknown`` unless *told* equals the origin of the environment,
                or of production, which Zoho names for the others as well.
        """
        row = self.row(data_center)
        known = row.api_of(self._environment)
        if known is None or told not in (None, known, row.api):
            raise Refused("place_unknown")
        return known
