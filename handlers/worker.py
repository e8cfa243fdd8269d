"""The worker: takes durable work from the inbox, lane by lane, and survives being killed.

Nothing that matters is held here: a thread claims a row under a lease, does it, and
marks it done. A worker killed in between leaves the row, which is claimed again when
the lease has run out; each kind of work is written to be done again.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import ParleyError, TryLater
from handlers.bells import Bell
from store.inbox import Inbox, Item

_log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
"""The longest sleep of an idle thread: a clock that jumps is noticed within it."""
STOP_SECONDS = 20.0
MAX_TRIES = 8
MAX_FAULTS = 3
"""A fault that came three times won't go away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A queue with threads of its own, so that slow work never holds up quick work.

    Attributes:
        name: As written into the inbox.
        threads: How many work at once.
        lease_seconds: How long a claimed row is ours; longer than the work can take.
    """

    name: str
    threads: int
    lease_seconds: float


Handle = Callable[[Item], None]
GiveUp = Callable[[Item, str], None]


class Worker:
    """Threads that empty the inbox."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        lanes: tuple[Lane, ...],
        handlers: Mapping[str, Handle],
        give_up: GiveUp,
        bells: Mapping[str, Bell],
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts.

        Args:
            inbox: Where the work lies.
            lanes: Which lanes to serve.
            handlers: Who does which kind of work.
            give_up: Told (item, incident) when work failed for good: the person must hear.
            bells: Each lane's, rung by whoever put work into it.
            clock: Aware now.
        """
        self._inbox = inbox
        self._lanes = lanes
        self._handlers = handlers
        self._give_up = give_up
        self._clock = clock
        self._stop = threading.Event()
        self._bells = bells
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every lane's threads."""
        for lane in self._lanes:
            for number in range(lane.threads):
                thread = threading.Thread(
                    target=self._run,
                    args=(lane,),
                    name=f"parley-{lane.name}-{number}",
                    daemon=True,
                )
                thread.start()
                self._threads.append(thread)

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Claim nothing more, and give what is under way *seconds* to finish.

        What doesn't finish is left as a killed worker leaves it: claimed again later.
        """
        self._stop.set()
        end = time.monotonic() + seconds
        for lane in self._lanes:
            self._bells[lane.name].ring(lane.threads)
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def alive(self) -> bool:
        """Whether every thread runs."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def _run(self, lane: Lane) -> None:
        bell = self._bells[lane.name]
        # All lanes' writes together hold up an acknowledgement by two at most.
        with self._inbox.patiently():
            while not self._stop.is_set():
                try:
                    worked = self._round(lane)
                except Exception:  # noqa: BLE001 - a busy or full database must not end the thread
                    # A row in hand stays claimed and comes again when its lease is over.
                    _log.exception("round_failed lane=%s", lane.name)
                    worked = False
                if not worked:
                    bell.sleep(IDLE_SECONDS)

    def _round(self, lane: Lane) -> bool:
        items = self._claim(lane)
        for item in items:
            self._do(item)
        return bool(items)

    def _claim(self, lane: Lane) -> list[Item]:
        # Looked at first: an idle thread takes no write lock from those who acknowledge.
        now = self._clock()
        due = self._inbox.next_due(lane.name)
        if due is None or due > now:
            return []
        return self._inbox.claim(lane.name, now=now, limit=1, lease_seconds=lane.lease_seconds)

    def _do(self, item: Item) -> None:
        try:
            self._handlers[item.kind](item)
            self._inbox.done(item)
        except TryLater as error:
            if item.tries >= MAX_TRIES:
                self._fail(item)
            else:
                self._inbox.later(item, self._clock() + timedelta(seconds=error.seconds))
        except ParleyError:
            self._fail(item)
        except Exception:  # noqa: BLE001 - a fault of ours must not end the thread
            if item.faults + 1 >= MAX_FAULTS:
                self._fail(item)
            else:
                _log.exception("work_failed kind=%s item=%s", item.kind, item.id)
                pause = timedelta(seconds=2.0 ** (item.faults + 1))
                self._inbox.later(item, self._clock() + pause, fault=True)

    def _fail(self, item: Item) -> None:
        incident = uuid.uuid4().hex[:8]
        _log.exception("work_given_up kind=%s item=%s incident=%s", item.kind, item.id, incident)
        try:
            self._give_up(item, incident)
        except Exception:  # noqa: BLE001 - the work is given up all the same
            _log.exception("giving_up_unsaid item=%s incident=%s", item.id, incident)
        self._inbox.dead(item, incident)
