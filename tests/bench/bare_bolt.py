"""What Bolt costs by itself: one listener that only acknowledges, on the server Parley uses.

Run as ``python -m tests.bench.bare_bolt SIGNING_SECRET``; prints its port.
"""

import socket
import sys

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from waitress.server import create_server

from handlers import server


def main(signing_secret: str) -> None:
    """Acknowledge ``/crm`` until the process is ended."""
    app = App(
        signing_secret=signing_secret,
        authorize=lambda enterprise_id, team_id: AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-bare"
        ),
        process_before_response=True,
    )

    @app.command("/crm")
    def crm(ack: Ack) -> None:
        ack()

    listener = socket.create_server(("127.0.0.1", 0))
    bare = create_server(
        SlackRequestHandler(app, path="/slack/events"),
        sockets=[listener],
        backlog=1024,
        threads=server.THREADS,
        connection_limit=server.CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=server.CHANNEL_SECONDS,
        max_request_body_size=server.MAX_BODY,
        ident=None,
    )
    print(listener.getsockname()[1], flush=True)
    bare.run()


if __name__ == "__main__":
    main(sys.argv[1])
