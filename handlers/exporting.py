"""Exports, carried on: threads that take due steps, and one that tells of them.

Nothing that matters is held here: a job is claimed under a lease, which is renewed while a
thread has it in hand. Killed, a job is claimed again when its lease has run out.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final

from bot.crm.bulk import Bulk
from bot.crm.transport import Transport
from bot.domain.connection import Owner
from bot.domain.export_job import ExportJob
from bot.journeys.account.access import CrmAccess
from bot.journeys.export.jobs import Export, ExportLimits
from bot.journeys.export.steps import ExportSteps
from bot.journeys.export.tools import ExportTools
from handlers.bells import Bell
from handlers.settings import Settings
from handlers.slack.exports.telling import ExportTeller
from handlers.slack.ids import Commands
from handlers.web.bulk import BulkCallback
from handlers.web.downloads import DownloadPages
from handlers.web.router import Route
from store.archives import Archives, Limits
from store.exports.jobs import Exports
from store.memory import Memory

_log = logging.getLogger(__name__)

THREADS: Final = 4
LEASE_SECONDS: Final = 60.0
RENEW_SECONDS: Final = 15.0
SWEEP_SECONDS: Final = 60.0
IDLE_SECONDS: Final = 0.25
STOP_SECONDS: Final = 20.0
KEPT: Final = timedelta(days=7)
"""How long what was asked for stays known after an export has ended."""


class ExportDispatcher:
    """Threads that take due steps of exports, and one that tells of them."""

    def __init__(
        self,
        *,
        exports: Exports,
        steps: ExportSteps,
        teller: ExportTeller,
        bell: Bell,
        sweep: Callable[[], object],
        patiently: Callable[[], AbstractContextManager[None]],
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts.

        Args:
            exports: The jobs.
            steps: Who takes their steps.
            teller: Who tells of them.
            bell: Rung when there is something to do.
            sweep: Forgets what is over.
            patiently: Lets those who acknowledge write first.
            clock: Aware now.
        """
        self._exports = exports
        self._steps = steps
        self._teller = teller
        self._bell = bell
        self._sweep = sweep
        self._patiently = patiently
        self._clock = clock
        self._stop = threading.Event()
        self._threads = [
            *(self._thread(self._work, f"parley-export-{number}") for number in range(THREADS)),
            self._thread(self._tell, "parley-export-teller"),
        ]
        self._in_hand: dict[str, ExportJob] = {}
        self._renew_at = time.monotonic() + RENEW_SECONDS
        self._sweep_at = 0.0

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Claim nothing more, and give what is under way a while to finish.

        What doesn't finish is left as a killed process leaves it: claimed again later.
        """
        self._stop.set()
        end = time.monotonic() + STOP_SECONDS
        self._bell.ring(len(self._threads))
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def alive(self) -> bool:
        """Whether every thread runs."""
        return all(thread.is_alive() for thread in self._threads)

    def _thread(self, round_: Callable[[], bool], name: str) -> threading.Thread:
        return threading.Thread(target=self._run, args=(round_,), name=name, daemon=True)

    def _run(self, round_: Callable[[], bool]) -> None:
        with self._patiently():
            while not self._stop.is_set():
                try:
                    worked = round_()
                except Exception:  # noqa: BLE001 - a busy or full database must not end the thread
                    _log.exception("export_round_failed")
                    worked = False
                if not worked:
                    self._bell.sleep(IDLE_SECONDS)

    def _work(self) -> bool:
        now = self._clock()
        due = self._exports.next_due()
        if due is None or due > now:
            return False
        job = self._exports.claim(now, LEASE_SECONDS)
        if job is None:
            return True
        self._in_hand[job.id] = job
        try:
            self._steps.step(job)
        except Exception:  # noqa: BLE001 - a fault of ours must not end the thread
            incident = uuid.uuid4().hex[:8]
            _log.exception("export_step_failed export=%s incident=%s", job.id, incident)
            self._steps.failed(job, incident)
        finally:
            self._in_hand.pop(job.id, None)
        return True

    def _tell(self) -> bool:
        now = time.monotonic()
        if now >= self._renew_at:
            self._renew_at = now + RENEW_SECONDS
            until = self._clock() + timedelta(seconds=LEASE_SECONDS)
            for job in tuple(self._in_hand.values()):
                self._exports.hold(job, until)
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            self._sweep()
        return self._teller.round()


class Exporting:
    """Everything of exports, wired."""

    def __init__(
        self,
        *,
        settings: Settings,
        memory: Memory,
        transport: Transport,
        access: CrmAccess,
        commands: Commands,
        sender_bell: Bell,
        changed: Callable[[Owner, datetime], None],
        clock: Callable[[], datetime],
    ) -> None:
        """Make the parts; nothing runs yet.

        Args:
            settings: What Parley was told.
            memory: What is remembered.
            transport: The wire to the CRM.
            access: Fresh tokens.
            commands: The slash commands' names.
            sender_bell: Wakes who posts messages.
            changed: Hears of everybody whose export has something new to say.
            clock: Aware now.
        """
        self._memory = memory
        self._clock = clock
        told = settings.exports
        self.archives = Archives(
            settings.data_dir / "exports", Limits(total=told.bytes, free=told.free)
        )
        bell = Bell()
        self.journey = Export(
            exports=memory.exports,
            archives=self.archives,
            grants=memory.grants,
            memory=memory,
            limits=ExportLimits(per_person=told.per_person, running=told.running),
            wake=bell.ring,
        )
        tools = ExportTools(
            exports=memory.exports,
            downloads=memory.downloads,
            archives=self.archives,
            bulk=Bulk(transport),
            grants=memory.grants,
            access=access,
            public_url=settings.public_url,
            link_life=told.life,
            now=clock,
        )
        self.pages = DownloadPages(
            memory=memory,
            archives=self.archives,
            public_url=settings.public_url,
            export_command=commands.export,
            clock=clock,
        )
        teller = ExportTeller(
            tellings=memory.export_tellings,
            outbox=memory.outbox,
            memory=memory,
            link_for=self.pages.link,
            commands=commands,
            bell=sender_bell,
            told=changed,
            clock=clock,
        )
        self.dispatcher = ExportDispatcher(
            exports=memory.exports,
            steps=ExportSteps(tools),
            teller=teller,
            bell=bell,
            sweep=self.sweep,
            patiently=memory.inbox.patiently,
            clock=clock,
        )

    def routes(self) -> tuple[Route, ...]:
        """Return what the CRM calls, and where the files are fetched."""
        return (*BulkCallback(self.journey, self._clock).routes(), *self.pages.routes())

    def sweep(self) -> None:
        """Forget what ended long ago, and delete files that nobody knows."""
        self._memory.exports.sweep(self._clock() - KEPT)
        self.archives.sweep(self._memory.exports.known)
