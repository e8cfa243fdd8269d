"""Exports as they are asked for in Slack, wired together."""

from collections.abc import Callable
from datetime import datetime

from bot.crm.bulk import Bulk
from bot.crm.directory import Directory
from bot.crm.fields import Fields
from bot.crm.transport import Transport
from bot.journeys.access import CrmAccess
from bot.journeys.connect import Connect
from bot.journeys.export_asking import Asking
from bot.journeys.export_catalogues import Catalogues
from handlers.exporting import Exporting
from handlers.slack.exports.area import ExportArea
from handlers.slack.ids import Commands
from handlers.slack.voice import SlackVoice
from store.memory import Memory


def export_area(
    *,
    exporting: Exporting,
    memory: Memory,
    transport: Transport,
    access: CrmAccess,
    connect: Connect,
    voice: SlackVoice,
    commands: Commands,
    clock: Callable[[], datetime],
) -> ExportArea:
    """Return what plugs exports into Slack."""
    catalogues = Catalogues(
        access=access,
        fields=Fields(transport),
        bulk=Bulk(transport),
        crm=Directory(transport),
        met=memory.directory,
        organizations=memory.organizations,
        now=clock,
    )
    return ExportArea(
        journey=exporting.journey,
        asking=Asking(catalogues=catalogues, voice=voice, now=clock),
        connect=connect,
        link_for=exporting.pages.link,
        memory=memory,
        voice=voice,
        commands=commands,
        clock=clock,
    )
