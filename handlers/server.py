"""The web front on a socket: waitress, set so that acknowledgements never wait for idlers."""

import socket
import threading
from typing import Any

from waitress.server import create_server

from handlers.wiring.house import House

THREADS = 16
CONNECTIONS = 1000
CHANNEL_SECONDS = 30
MAX_BODY = 1 << 20


class Server:
    """The web front on a socket, in a thread of its own."""

    def __init__(self, house: House, listener: socket.socket | None = None) -> None:
        """Bind the socket; nothing is answered before ``start``.

        Args:
            house: Who answers.
            listener: A socket that listens already; the settings' host and port where None.

        Raises:
            OSError: The port is taken.
        """
        settings = house.settings
        self._listener = listener or socket.create_server((settings.host, settings.port))
        # Any: waitress's published types don't know its trigger and connections.
        self._server: Any = create_server(
            house.wsgi,
            sockets=[self._listener],
            backlog=1024,
            threads=THREADS,
            # At waitress's own limit of 100, 101 idle connections would stop every ack.
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            channel_timeout=CHANNEL_SECONDS,
            max_request_body_size=MAX_BODY,
            ident=None,
        )
        self._thread = threading.Thread(target=self._server.run, name="parley-web")

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests under way, close every connection, and return.

        Without closing them, one connection that a client keeps open would keep the loop.
        """
        self._server.task_dispatcher.shutdown()
        woken = threading.Event()
        # In the loop's own thread, which this wakes: its sockets are nobody else's.
        self._server.trigger.pull_trigger(lambda: self._close(woken))
        woken.set()
        self._thread.join()

    def _close(self, woken: threading.Event) -> None:
        # The loop may have been awake already; what wakes it is closed with the rest.
        woken.wait()
        for connection in tuple(self._server.active_channels.values()):
            connection.handle_write()
            connection.handle_close()
        self._server.close()
