"""From a request in words to the query it means."""

from collections.abc import Iterator, Sequence

from bot.domain.export import EVENTS, FileType, Query
from bot.domain.export_fields import Catalogue, Module
from bot.domain.meeting import Record
from bot.language.criteria.command import ExportRequest
from bot.language.criteria.conditions import said_conditions
from bot.language.criteria.typed import Sense, field_named, nearest, people_named, typed
from bot.language.criteria.words import Words


def module_named(words: Words, modules: Sequence[Module]) -> Module:
    """Return the module that *words* name: by API name or any of its labels.

    Raises:
        NotUnderstood: ``export_module_unknown``, with those ``near`` it.
    """
    low = words.text.casefold()
    for module in modules:
        if low in module.names:
            return module
    labels = [module.label for module in modules]
    raise words.unread("export_module_unknown", near=nearest(words.text, labels) or tuple(labels))


def view_named(words: Words, views: Sequence[Record]) -> Record:
    """Return the custom view that *words* name.

    Raises:
        NotUnderstood: ``export_view_unknown``, with those ``near`` it;
            ``export_view_double`` where two have that name.
    """
    found = [view for view in views if view.name.casefold() == words.text.casefold()]
    if len(found) > 1:
        raise words.unread("export_view_double")
    if found:
        return found[0]
    names = [view.name for view in views]
    raise words.unread("export_view_unknown", near=nearest(words.text, names) or tuple(names[:3]))


def parents_named(request: ExportRequest, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the modules whose fields are still needed to read the request's dot paths."""
    found = (catalogue.missing(words.text) for words in _fields(request))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def users_named(request: ExportRequest, catalogue: Catalogue) -> tuple[Words, ...]:
    """Return the words of the criteria that name CRM users, each once."""
    found = (
        words
        for condition in said_conditions(request.where)
        for words in people_named(condition, catalogue)
    )
    return tuple({words.text.casefold(): words for words in found}.values())


def query_of(request: ExportRequest, module: str, sense: Sense, view: Record | None) -> Query:
    """Return the query; meetings come as ICS unless fields or another type are named.

    Args:
        request: As read.
        module: The module's API name.
        sense: Its fields, the people named, and the day.
        view: The view named, or None.

    Raises:
        NotUnderstood: With the place of what can't be.
        Refused: The CRM couldn't do it.
    """
    calendar = module == EVENTS and not request.fields
    usual = FileType.ICS if calendar else FileType.CSV
    return Query(
        module=module,
        fields=tuple(_column(words, sense.catalogue) for words in request.fields),
        criteria=typed(request.where, sense) if request.where is not None else None,
        view=view,
        file_type=request.file_type or usual,
    )


def _column(words: Words, catalogue: Catalogue) -> str:
    path, field = field_named(words, catalogue)
    if not field.exportable:
        raise words.unread("export_field_unread")
    return path


def _fields(request: ExportRequest) -> Iterator[Words]:
    yield from request.fields
    for condition in said_conditions(request.where):
        yield condition.field
