"""Everything about meetings, wired together; the composition root makes it once."""

import time
from collections.abc import Callable
from datetime import datetime

from bot.crm.directory import Directory
from bot.crm.events import Events
from bot.crm.metadata import Metadata
from bot.crm.transport import Transport
from bot.journeys.account.access import CrmAccess
from bot.journeys.account.connect import Connect
from bot.journeys.meeting.allowance import Allowance
from bot.journeys.meeting.create import Creation
from bot.journeys.meeting.lookups import Lookups
from bot.journeys.meeting.meet import Meet
from handlers.bells import Bell
from handlers.settings import Settings
from handlers.slack.home import Home, Sections
from handlers.slack.ids import Commands
from handlers.slack.meeting.creating import CreationDesk
from handlers.slack.meeting.desk import MeetDesk
from handlers.slack.meeting.typeahead import TypeAhead
from handlers.slack.series.area import SeriesArea
from handlers.slack.series.overlaps import Overlaps
from handlers.slack.series.place import chosen_module
from handlers.slack.shortcuts import Shortcuts
from handlers.slack.voice import SlackVoice
from handlers.wiring.series import series_journeys
from store.memory import Memory


class MeetingRooms:
    """The journeys of meetings, and what wakes them in Slack.

    Attributes:
        meet: Up to the durable operation.
        creation: From there to the CRM.
        series: What can be done with a meeting that stands.
        desk: The form's work.
        creating: The work of creating.
        typeahead: Answers the form's menus.
        home: The Home tab.
        areas: What plugs itself into Slack.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        memory: Memory,
        access: CrmAccess,
        transport: Transport,
        connect: Connect,
        voice: SlackVoice,
        bell: Bell,
        clock: Callable[[], datetime],
        sections: tuple[Sections, ...],
    ) -> None:
        """Make every part.

        Args:
            settings: What Parley was told.
            memory: What is remembered.
            access: To the CRM.
            transport: The wire.
            connect: The journey of connecting.
            voice: To Slack.
            bell: Wakes the lane of slower work.
            clock: Aware now.
            sections: What other parts show on the Home tab.
        """
        commands, loopback = Commands(settings.prefix), settings.zoho_loopback
        events = Events(transport, workspace=loopback[1] if loopback else None)
        directory = Directory(transport)
        allowance = Allowance(memory.invitations, settings.policy.invitations)
        self.creation = Creation(
            operations=memory.operations,
            drafts=memory.drafts,
            grants=memory.grants,
            organizations=memory.organizations,
            access=access,
            events=events,
            now=clock,
        )
        self.series = series_journeys(
            memory=memory,
            access=access,
            transport=transport,
            events=events,
            creation=self.creation,
            allowance=allowance,
            now=clock,
            sleep=time.sleep,
        )
        self.meet = Meet(
            drafts=memory.drafts,
            operations=memory.operations,
            grants=memory.grants,
            work=memory.inbox,
            memory=memory,
            allowance=allowance,
        )
        self.desk = MeetDesk(
            meet=self.meet,
            lookups=Lookups(
                access=access,
                crm=directory,
                metadata=Metadata(transport),
                met=memory.directory,
                organizations=memory.organizations,
                voice=voice,
            ),
            connect=connect,
            memory=memory,
            voice=voice,
            commands=commands,
            bell=bell,
            clock=clock,
        )
        self.creating = CreationDesk(
            meet=self.meet,
            creation=self.creation,
            memory=memory,
            voice=voice,
            commands=commands,
            bell=bell,
            clock=clock,
        )
        self.typeahead = TypeAhead(
            access=access,
            crm=directory,
            transport=transport,
            memory=memory,
            module_of=lambda view, owner: chosen_module(view) or self.desk.module_of(view, owner),
            clock=clock,
        )
        self.home = Home(
            connect=connect,
            meetings=self.series.meetings,
            sections=sections,
            voice=voice,
            commands=commands,
            memory=memory,
            clock=clock,
        )
        self.areas = (
            # Before the shortcuts: of those on messages it takes the ones on Parley's own.
            SeriesArea(
                journeys=self.series,
                memory=memory,
                voice=voice,
                commands=commands,
                bell=bell,
                clock=clock,
            ),
            Shortcuts(self.desk),
            Overlaps(
                meet=self.meet,
                meetings=self.series.meetings,
                shows=self.desk.show,
                clock=clock,
            ),
            self.home,
        )
