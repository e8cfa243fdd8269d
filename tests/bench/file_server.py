"""Serves the files of a folder on loopback by sendfile; its first line is its port."""

import socketserver
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any, cast


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def copyfile(self, source: Any, outputfile: Any) -> None:  # noqa: ARG002 - the base's name
        """Let the kernel copy."""
        self.connection.sendfile(cast("IO[bytes]", source))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    handler = cast(
        "type[socketserver.BaseRequestHandler]", partial(_Handler, directory=sys.argv[1])
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
