"""Exports as they are asked for in Slack, wired together."""

from collections.abc import Callable
from datetime import datetime

from bot.crm.bulk import Bulk
from bot.crm.directory import Directory
from bot.crm.fields import Fields
from bot.crm.transport import Transport
from bot.domain.connection import Owner
from bot.journeys.account.access import CrmAccess
from bot.journeys.account.connect import Connect
from bot.journeys.export.asking import Asking
from bot.journeys.export.catalogues import Catalogues
from bot.journeys.export.forms import ExportForms
from handlers.bells import Bell
from handlers.exporting import Exporting
from handlers.slack.exports import messages
from handlers.slack.exports.area import ExportArea
from handlers.slack.exports.desk import ExportFormDesk
from handlers.slack.exports.menus import ExportMenus
from handlers.slack.home import Sections
from handlers.slack.ids import Commands
from handlers.slack.meeting.typeahead import TypeAhead
from handlers.slack.message import Block
from handlers.slack.voice import SlackVoice
from store.memory import Memory


def home_section(exporting: Exporting, commands: Commands) -> Sections:
    """Return what the Home tab shows of a person's exports."""

    def section(owner: Owner) -> list[Block]:
        jobs = exporting.journey.jobs(owner)
        return messages.at_home(jobs, exporting.pages.link, commands)

    return section


def export_area(  # noqa: PLR0913 - made once, with its parts by keyword
    *,
    exporting: Exporting,
    memory: Memory,
    transport: Transport,
    access: CrmAccess,
    connect: Connect,
    voice: SlackVoice,
    typeahead: TypeAhead,
    bell: Bell,
    commands: Commands,
    clock: Callable[[], datetime],
) -> ExportArea:
    """Return what plugs exports into Slack; *bell* wakes the lane of slower work."""
    catalogues = Catalogues(
        access=access,
        fields=Fields(transport),
        bulk=Bulk(transport),
        crm=Directory(transport),
        met=memory.directory,
        organizations=memory.organizations,
        now=clock,
    )
    asking = Asking(catalogues=catalogues, grants=memory.grants, voice=voice, now=clock)
    forms = ExportForms(
        drafts=memory.export_forms,
        journey=exporting.journey,
        asking=asking,
        catalogues=catalogues,
        grants=memory.grants,
        memory=memory,
        now=clock,
    )
    return ExportArea(
        journey=exporting.journey,
        asking=asking,
        desk=ExportFormDesk(
            forms=forms, memory=memory, voice=voice, commands=commands, bell=bell, clock=clock
        ),
        menus=ExportMenus(forms, catalogues, memory, typeahead.records),
        connect=connect,
        link_for=exporting.pages.link,
        voice=voice,
        commands=commands,
        clock=clock,
    )
