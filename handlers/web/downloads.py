"""The page behind an export's link, and its files.

Looking at the page uses nothing up, so what previews and scans links does no harm. The
click on a file binds it to that browser for ten minutes and counts as one download,
whatever ranges the browser then asks for.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import IO, Final
from urllib.parse import quote, urlencode

from bot.domain.export_job import ExportFile, ExportJob, ExportState
from bot.domain.export_link import signature, signed
from handlers.slack.sentences import downloads as words
from handlers.slack.sentences import export as say
from handlers.web import pages
from handlers.web.http import FileBody, Request, Response, cookie, form, text
from handlers.web.ranges import Span, Unsatisfiable, span
from handlers.web.router import Route
from store.archives import Archives
from store.memory import Memory

COOKIE_SECONDS: Final = 600
PURPOSE: Final = "download"
_TYPES: Final = {"zip": "application/zip", "csv": "text/csv; charset=utf-8"}


class DownloadPages:
    """Answers the three addresses of an export's files."""

    def __init__(
        self,
        *,
        memory: Memory,
        archives: Archives,
        public_url: str,
        export_command: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *export_command* is the slash command's name here."""
        self._memory = memory
        self._archives = archives
        self._public_url = public_url
        self._secure = public_url.startswith("https://")
        self._export = export_command
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Return the three routes."""
        return (
            Route("GET", "/exports/{id}", self.show),
            Route("POST", "/exports/{id}", self.click),
            Route("GET", "/exports/{id}/file", self.send),
        )

    def link(self, job: ExportJob) -> str:
        """Return the address of a job's page; the same each time it is asked for."""
        until = job.expires_at or self._clock()
        query = urlencode({"until": int(until.timestamp()), "sign": signature(job)})
        return f"{self._public_url}/exports/{job.id}?{query}"

    def show(self, request: Request) -> Response:
        """Say what can be fetched; nothing is used up."""
        job = self._job(request.params["id"], request.query)
        if job is None or job.expires_at is None:
            return self._nothing()
        left = self._memory.fetches.left(job.id)
        if left <= 0:
            return self._used_up()
        hidden = [("until", request.query["until"]), ("sign", request.query["sign"])]
        offers = [part for one in job.progress.files for part in _offer(job, one, hidden)]
        more = words.ONCE if left == 1 else words.TIMES.format(left=left)
        until = f"{job.expires_at.astimezone(UTC):%d %B %Y, %H:%M} UTC"
        told = words.SHOWN.format(
            module=job.query["module"], rows=say.rows(job.progress.rows), until=until, left=more
        )
        return pages.page(
            200, words.TITLE, pages.paragraph(told), *offers, next_step=words.SHOWN_NEXT
        )

    def click(self, request: Request) -> Response:
        """Count one download, bind it to this browser, and lead on to the file.

        Raises:
            Malformed: 400; not a form.
        """
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return self._nothing()
        said, now = form(request), self._clock()
        job, kind = self._job(request.params["id"], said), said.get("kind", "")
        if job is None or kind not in {one.kind for one in job.progress.files}:
            return self._nothing()
        with self._memory.atomically():
            if not self._memory.fetches.take(job.id, kind, now):
                return self._used_up()
            note: dict[str, object] = {"export": job.id, "kind": kind}
            token = self._memory.states.issue(
                PURPOSE, job.owner, note, now=now, seconds=COOKIE_SECONDS
            )
            self._memory.audit.note("downloaded", job.owner, "link", now, export=job.id, file=kind)
        path = f"/exports/{job.id}/file"
        # Of each file its own: who has clicked both can go on with the first.
        held = cookie(
            f"parley_export_{kind}", token, seconds=COOKIE_SECONDS, secure=self._secure, path=path
        )
        headers = (("Location", f"{path}?{urlencode({'kind': kind})}"), ("Set-Cookie", held))
        return text(303, "Go on to the file.\n", headers=headers)

    def send(self, request: Request) -> Response:
        """Send the file that this browser clicked, or the part of it that it asks for."""
        kind = request.query.get("kind", "")
        token = request.cookies.get(f"parley_export_{kind}", "")
        held = self._memory.states.look(PURPOSE, token, self._clock())
        job = self._memory.exports.get(request.params["id"])
        if held is None or held.note != {"export": request.params["id"], "kind": kind}:
            return self._nothing()
        if job is None or not self._open(job):
            return self._nothing()
        known = next((one for one in job.progress.files if one.kind == kind), None)
        if known is None:
            return self._nothing()
        try:
            file = self._archives.path(job.id, known.kind).open("rb")
        except FileNotFoundError:
            return self._nothing()
        try:
            return _sent(file, known, request)
        except BaseException:
            file.close()
            raise

    def _job(self, export_id: str, given: Mapping[str, str]) -> ExportJob | None:
        """Return the job a link is good for; None for whatever else was asked."""
        job = self._memory.exports.get(export_id)
        until = given.get("until", "")
        if job is None or job.expires_at is None or not self._open(job):
            return None
        right = until == str(int(job.expires_at.timestamp()))
        return job if right and signed(job, given.get("sign", "")) else None

    def _open(self, job: ExportJob) -> bool:
        """Say whether there are files, and for how long: whoever deletes them may be late."""
        there = job.state is ExportState.DONE and bool(job.progress.files)
        return there and job.expires_at is not None and job.expires_at > self._clock()

    def _nothing(self) -> Response:
        # Expired, unknown, somebody else's, changed: all alike.
        told = words.NOTHING_NEXT.format(export=self._export)
        return pages.page(404, words.NOTHING_TITLE, pages.paragraph(words.NOTHING), next_step=told)

    def _used_up(self) -> Response:
        told = words.USED_UP_NEXT.format(export=self._export)
        return pages.page(410, words.USED_UP_TITLE, pages.paragraph(words.USED_UP), next_step=told)


def _offer(job: ExportJob, one: ExportFile, hidden: list[tuple[str, str]]) -> tuple[str, str]:
    told = words.OFFERS.get(one.kind, words.OFFERS["raw"])
    line = told.format(name=one.name, size=say.size(one.bytes), sha256=one.sha256)
    label = words.LABELS.get(one.kind, words.LABELS["raw"]).format(name=one.name)
    fields = [*hidden, ("kind", one.kind)]
    return pages.paragraph(line), pages.form(f"/exports/{job.id}", fields, label)


def _sent(file: IO[bytes], known: ExportFile, request: Request) -> Response:
    tag = f'"{known.sha256}"'
    plain = known.name.encode("ascii", "replace").decode().replace('"', "").replace("\\", "")
    headers: tuple[tuple[str, str], ...] = (
        ("Content-Type", _TYPES.get(known.name.rpartition(".")[2], "application/octet-stream")),
        (
            "Content-Disposition",
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(known.name)}",
        ),
        ("Cache-Control", "private, no-store"),
        ("Accept-Ranges", "bytes"),
        ("ETag", tag),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
    )
    asked = request.headers.get("range", "")
    if asked and request.headers.get("if-range", tag) != tag:
        asked = ""
    try:
        part = span(asked, known.bytes)
    except Unsatisfiable:
        file.close()
        return text(416, "", headers=(("Content-Range", f"bytes */{known.bytes}"),))
    whole = Span(0, known.bytes)
    chosen = part or whole
    if part is not None:
        shown = f"bytes {part.start}-{part.end - 1}/{known.bytes}"
        headers = (*headers, ("Content-Range", shown))
    file.seek(chosen.start)
    return Response(
        status=200 if part is None else 206,
        headers=(*headers, ("Content-Length", str(chosen.size))),
        body=FileBody(file, chosen.size),
    )
