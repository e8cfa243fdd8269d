"""The form's searching menus: answered from what is known, records by one search of the CRM."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.domain.connection import Grant
from bot.domain.export_fields import USER_FIELDS, USERS, Catalogue, Field, Kind
from bot.domain.meeting import Record
from bot.domain.participants import Kind as Person
from bot.errors import ParleyError
from bot.journeys.export.catalogues import Catalogues
from bot.journeys.export.draft import FormPage
from bot.journeys.export.forms import ExportForms
from bot.journeys.export.sheet import compared
from handlers.slack import ids, payloads
from handlers.slack.exports.rows import MENU, VALUE, field_option, value_options
from handlers.slack.exports.state import form_id
from handlers.slack.message import Block, option
from handlers.slack.sentences import export_form as say
from store.memory import Memory

Records = Callable[[Grant, str, str], tuple[Record, ...]]
"""Finds records of a module by what was typed of their name, in time or not at all."""


class ExportMenus:
    """Answers what is typed into a menu of the form."""

    def __init__(
        self, forms: ExportForms, catalogues: Catalogues, memory: Memory, records: Records
    ) -> None:
        """Take the parts."""
        self._forms = forms
        self._catalogues = catalogues
        self._memory = memory
        self._records = records

    def options(self, body: Mapping[str, Any]) -> list[Block]:
        """Return what fits what was typed so far; at most a hundred."""
        owner = payloads.owner_of(body)
        text = str(body.get("value") or "").strip()
        view = body.get("view") or {}
        try:
            page = self._forms.open(form_id(view), owner)
            grant = self._forms.grant(page.draft.id, owner)
        except ParleyError:
            return []
        if page.catalogue is None:
            return []
        match body.get("action_id"):
            case ids.EXPORT_FIELDS:
                found = self._fields(page.catalogue, text, lambda one: one.exportable)
            case ids.EXPORT_FIELD:
                found = self._fields(page.catalogue, text, lambda one: one.kind is not Kind.OTHER)
            case ids.EXPORT_VIEW:
                views = self._catalogues.known_views(grant, page.draft.sheet.module) or ()
                found = _fitting(text, (option(one.name, one.id) for one in views))
            case _:
                found = self._values(page, grant, str(body.get("block_id")), text)
        return found[:MENU]

    def _fields(
        self, catalogue: Catalogue, text: str, wanted: Callable[[Field], bool]
    ) -> list[Block]:
        own = [(one.api_name, one) for one in catalogue.fields if wanted(one)]
        through = [
            (f"{lookup.api_name}.{one.api_name}", one)
            for lookup in catalogue.fields
            for one in _behind(catalogue, lookup)
            if wanted(one)
        ]
        fit = (field_option(path, one, catalogue) for path, one in (*own, *through))
        return _fitting(text, (one for one in fit if len(one["value"]) <= VALUE))

    def _values(self, page: FormPage, grant: Grant, block_id: str, text: str) -> list[Block]:
        key = block_id.split(".")[1:2]
        row = next((one for one in page.draft.sheet.rows if [one.key] == key), None)
        field = compared(page.catalogue, row.field) if row and page.catalogue else None
        if field is None:
            return []
        if field.of_users:
            return self._people(grant, text)
        if field.module is not None:
            records = self._records(grant, field.module, text)
            return [option(one.name, one.id) for one in records]
        return _fitting(text, value_options(field))

    def _people(self, grant: Grant, text: str) -> list[Block]:
        known = self._memory.directory.search(grant.id, text, MENU)
        me = option(say.ME, f"{grant.account.user_id}:me")
        people = [
            option(f"{one.name} ({one.email})", f"{one.ref}:{one.email}")
            for one in known
            if one.kind is Person.USER and one.email
        ]
        return [*_fitting(text, [me]), *people]


def _behind(catalogue: Catalogue, lookup: Field) -> tuple[Field, ...]:
    if lookup.module == USERS:
        return USER_FIELDS
    return catalogue.parents.get(lookup.module or "", ())


def _fitting(text: str, options: Iterable[Block]) -> list[Block]:
    low = text.casefold()
    return [
        one
        for one in options
        if low in one["text"]["text"].casefold() or low in _described(one).casefold()
    ]


def _described(one: Block) -> str:
    return str((one.get("description") or {}).get("text", ""))
