"""The CRM site put together: accounts, API, controls on one origin."""

from __future__ import annotations

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm import bulk, coql, search
from handlers.sandbox.crm.accounts import Accounts
from handlers.sandbox.crm.api import problem
from handlers.sandbox.crm.bulk_jobs import Queue
from handlers.sandbox.crm.control import Control
from handlers.sandbox.crm.events import Events
from handlers.sandbox.crm.faults import Faults
from handlers.sandbox.crm.gate import Gate
from handlers.sandbox.crm.metadata import Metadata
from handlers.sandbox.crm.records import Records
from handlers.sandbox.crm.staff import Staff
from handlers.sandbox.crm.traffic import Traffic
from handlers.sandbox.crm.world import World
from handlers.sandbox.web import Answer, Cut, Handler, Request, Server, Site, compile_pattern

ALL_SCOPES = (
    "ZohoCRM.modules.ALL ZohoCRM.settings.ALL ZohoCRM.users.ALL ZohoCRM.org.ALL "
    "ZohoCRM.bulk.ALL ZohoCRM.coql.READ ZohoCRM.notifications.ALL ZohoSearch.securesearch.READ"
)
OURS = ("/control/", "/workspace/")
ADMIN = "ada@example.com"


class CrmSide:
    """The CRM half of the sandbox. `start` serves it; `site` may be extended before."""

    def __init__(self, clock: Clock) -> None:
        """Make a fresh world and its pages."""
        self.world = World(clock)
        self.site = Site("crm")
        self.faults = Faults()
        self.traffic = Traffic(clock)
        self.queue = Queue(self.world)
        self._gate = Gate(self.world)
        self.control = Control(self.world, self._gate, self.faults, self.traffic)
        self.control.all_routes = self.site.routes
        self._mount()
        self.site.unknown = self._unknown
        self.site.around = self._around

    def _mount(self) -> None:
        # Fixed paths before `{module}`: the first route that fits answers.
        pages = (
            *Accounts(self.world).routes(),
            *self.control.routes(),
            *coql.routes(self.world),
            *search.routes(self.world),
            *bulk.routes(self.world, self.queue),
            *Staff(self.world).routes(),
            *Metadata(self.world).routes(),
            *Events(self.world).routes(),
            *Records(self.world).routes(),
        )
        for method, pattern, handler in pages:
            self.site.route(method, pattern, handler)

    def _around(self, request: Request, page: Handler) -> Answer:
        """Our own pages are just shown; the CRM's meet the faults and are written down."""
        if request.path == "/" or request.path.startswith(OURS):
            return page(request)
        try:
            answer = self.faults.around(request, lambda asked: self._guarded(asked, page))
        except Cut:
            self.traffic.note(request, None)
            raise
        self.traffic.note(request, answer)
        return answer

    def _guarded(self, request: Request, page: Handler) -> Answer:
        if request.path.startswith("/crm/"):
            return self._gate.pass_on(request, page)
        return page(request)

    def _unknown(self, request: Request) -> Answer:
        known = any(
            compile_pattern(pattern).fullmatch(request.path) for _, pattern in self.site.routes()
        )
        if known:
            message = "The http request method type is not a valid one"
            return problem(400, "INVALID_REQUEST_METHOD", message)
        message = "Please check if the URL trying to access is a correct one"
        return problem(404, "INVALID_URL_PATTERN", message)

    def start(self, port: int = 0) -> Server:
        """Serve the site on 127.0.0.1:`port` (0: a free one).

        Raises:
            OSError: The port is taken.
        """
        server = Server.start(self.site, port)
        self.world.origin = server.origin
        return server

    def admin_refresh_token(self) -> str:
        """Return a refresh token of Ada with all scopes, as a self-client would have one."""
        ada = self.world.user_named(ADMIN)
        return self.world.grants.add_refresh(ada["id"] if ada else "", ALL_SCOPES)
