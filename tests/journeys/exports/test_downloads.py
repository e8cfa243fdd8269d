"""The link of an export: good for one person's browser, a few times, for a while."""

import hashlib
import random
import socket
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bot.domain.connection import Owner
from bot.domain.export import Query
from bot.domain.export_job import ExportJob
from bot.domain.export_link import signature
from handlers.demo import Workplace
from handlers.web.http import Request
from handlers.web.ranges import Span, Unsatisfiable, span
from store.exports.fetches import DOWNLOADS
from tests.conftest import Cases
from tests.journeys.form_steps import opened
from tests.journeys.steps import later

DEV = Owner("T0PARLEY", "U0DEV")


@dataclass(frozen=True)
class Answer:
    """What a browser was told."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Run one workplace for all tests of this file."""
    with opened(Path(tmp_path_factory.mktemp("downloads"))) as found:
        found.control("/control/switches", {"bulk.job_seconds": 0.1})
        yield found


@pytest.fixture
def job(place: Workplace, request: pytest.FixtureRequest) -> ExportJob:
    """An export of Dev's that is done."""
    grant = place.house.memory.grants.in_use(DEV)
    assert grant is not None
    started = place.house.exporting.journey.start(
        DEV, grant, Query(module="Contacts"), seed=request.node.name, now=place.house.clock()
    )

    def ready() -> ExportJob | None:
        found = place.house.memory.exports.get(started.id)
        # Settled: nobody writes to it any more before its time is over.
        if found is not None and found.progress.files and found.due == found.expires_at:
            return found
        later(place, seconds=3)
        return None

    found: ExportJob | None = place.person("U0DEV").wait_for(ready, 20)
    assert found is not None
    return found


def ask(
    place: Workplace,
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Send one request to the bot, as any client could."""
    parts = urlsplit(url)
    line = HTTPConnection(urlsplit(place.house.settings.public_url).netloc, timeout=10)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    line.request(method, target, body or None, headers or {})
    said = line.getresponse()
    content = said.read()
    line.close()
    return Answer(said.status, {name.lower(): value for name, value in said.getheaders()}, content)


def clicked(
    place: Workplace, job: ExportJob, kind: str = "raw", site: str = "same-origin"
) -> Answer:
    """Press the button of a file."""
    link = place.house.exporting.pages.link(job)
    said = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
    body = urlencode({**said, "kind": kind}).encode()
    return ask(place, "POST", link, {"Sec-Fetch-Site": site}, body)


def held(answer: Answer) -> dict[str, str]:
    """Return the cookie a click left in the browser, as a header."""
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_the_page_shows_the_files_and_uses_nothing_up(place: Workplace, job: ExportJob) -> None:
    """Whoever previews or scans the link ten times takes nothing from Dev."""
    link = place.house.exporting.pages.link(job)
    shown = [ask(place, "GET", link) for _ in range(10)]

    assert {200} == {one.status for one in shown}
    assert b"5 more times" in shown[-1].body
    assert job.progress.files[0].sha256.encode() in shown[-1].body
    assert "no-store" in shown[-1].headers["cache-control"]
    assert link == place.house.exporting.pages.link(job)
    dev = place.person("U0DEV")
    dev.wait_for(lambda: link in str([one["raw"] for one in dev.messages()]))


def test_a_click_leads_to_the_whole_file(place: Workplace, job: ExportJob) -> None:
    """What comes is what was announced: its size, its checksum, its name."""
    click = clicked(place, job)
    assert (303, f"/exports/{job.id}/file?kind=raw") == (click.status, click.headers["location"])
    file = ask(place, "GET", click.headers["location"], held(click))
    known = next(one for one in job.progress.files if one.kind == "raw")

    assert (200, known.bytes) == (file.status, int(file.headers["content-length"]))
    assert known.sha256 == hashlib.sha256(file.body).hexdigest()
    assert known.name in file.headers["content-disposition"]
    with zipfile.ZipFile(BytesIO(file.body)) as archive:
        assert archive.testzip() is None
    safe = clicked(place, job, "safe")
    text = ask(place, "GET", safe.headers["location"], held(safe))
    assert text.body.startswith("\ufeff".encode())


def test_ranges_are_part_of_one_download(place: Workplace, job: ExportJob) -> None:
    """A browser that asks in pieces, and again after a break, has counted once."""
    click = clicked(place, job)
    path, cookie = click.headers["location"], held(click)
    whole = ask(place, "GET", path, cookie)
    tag = whole.headers["etag"]
    pieces = [
        ask(place, "GET", path, {"Range": wanted, "If-Range": tag, **cookie})
        for wanted in ("bytes=0-9", "bytes=10-19", "bytes=20-", "bytes=-5")
    ]

    assert [206] * 4 == [one.status for one in pieces]
    assert whole.body == b"".join(one.body for one in pieces[:3])
    assert whole.body[-5:] == pieces[3].body
    assert f"bytes 0-9/{len(whole.body)}" == pieces[0].headers["content-range"]
    assert 416 == ask(place, "GET", path, {"Range": "bytes=99999999-", **cookie}).status
    stale = ask(place, "GET", path, {"Range": "bytes=0-9", "If-Range": '"other"', **cookie})
    assert (200, whole.body) == (stale.status, stale.body)
    head = ask(place, "HEAD", path, cookie)
    assert (200, b"") == (head.status, head.body)
    assert b"4 more times" in ask(place, "GET", place.house.exporting.pages.link(job)).body


def test_two_files_of_one_browser_stay_two(place: Workplace, job: ExportJob) -> None:
    """Who fetches both goes on with the first, broken off meanwhile, and gets no other bytes."""
    clicks = {kind: clicked(place, job, kind) for kind in ("safe", "raw")}
    jar = "; ".join(held(click)["Cookie"] for click in clicks.values())
    for kind, click in clicks.items():
        known = next(one for one in job.progress.files if one.kind == kind)
        wanted = {"Range": "bytes=10-", "If-Range": f'"{known.sha256}"', "Cookie": jar}
        rest = ask(place, "GET", click.headers["location"], wanted)
        assert (206, known.bytes - 10) == (rest.status, len(rest.body)), kind
    names = {held(click)["Cookie"].partition("=")[0] for click in clicks.values()}
    assert 2 == len(names)


def test_five_downloads_and_no_sixth(place: Workplace, job: ExportJob) -> None:
    """The sixth click is told what to do instead; a browser that has clicked goes on."""
    clicks = [clicked(place, job) for _ in range(DOWNLOADS - 1)]
    page = ask(place, "GET", place.house.exporting.pages.link(job))
    assert b"fetched once more." in page.body
    clicks += [clicked(place, job) for _ in range(2)]

    assert [303] * DOWNLOADS + [410] == [one.status for one in clicks]
    assert b"list in Slack" in clicks[-1].body
    assert 200 == ask(place, "GET", clicks[0].headers["location"], held(clicks[0])).status


def test_the_file_is_for_the_browser_that_clicked(place: Workplace, job: ExportJob) -> None:
    """Without its cookie, with another export's or after ten minutes there is nothing."""
    click = clicked(place, job)
    path = click.headers["location"]
    assert "HttpOnly" in click.headers["set-cookie"]
    assert 404 == ask(place, "GET", path).status
    assert 404 == ask(place, "GET", path.replace(job.id, "another"), held(click)).status
    moved = held(click)["Cookie"].replace("_raw=", "_safe=")
    assert 404 == ask(place, "GET", path.replace("=raw", "=safe"), {"Cookie": moved}).status
    assert 404 == ask(place, "GET", path.partition("?")[0], held(click)).status
    assert 404 == clicked(place, job, site="cross-site").status
    assert 404 == clicked(place, job, "other").status
    later(place, minutes=11)
    assert 404 == ask(place, "GET", path, held(click)).status


def test_slow_readers_hold_nobody_up(place: Workplace, job: ExportJob) -> None:
    """Thirty take in nothing of a large file, more than there are threads: others are answered."""
    large = 32 << 20
    files = tuple(replace(one, bytes=large) for one in job.progress.files)
    kept = replace(job, progress=replace(job.progress, files=files))
    assert place.house.memory.exports.keep(job, kept, now=place.house.clock()) is not None
    with place.house.exporting.archives.path(job.id, "raw").open("r+b") as file:
        file.truncate(large)
    click = clicked(place, job)
    target = urlsplit(place.house.settings.public_url)
    asked = f"GET {click.headers['location']} HTTP/1.1\r\nHost: {target.netloc}\r\n"
    head = f"{asked}Cookie: {held(click)['Cookie']}\r\n\r\n".encode()
    with ExitStack() as stack:
        readers = [
            stack.enter_context(socket.create_connection((target.hostname, target.port), 10))
            for _ in range(30)
        ]
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(head)
        assert {b"HTTP/1.1 200 OK"} == {one.recv(15, socket.MSG_WAITALL) for one in readers}
        assert [200] * 20 == [
            ask(place, "GET", f"{target.geturl()}/healthz").status for _ in range(20)
        ]


def test_a_range_of_any_size_is_ignored_or_refused(place: Workplace, job: ExportJob) -> None:
    """Very many ranges, digits or letters: all of the file, or no answer but a refusal."""
    click = clicked(place, job)
    path, cookie = click.headers["location"], held(click)
    ranges = (",".join(["0-0"] * 5000), "9" * 10_000 + "-", "-" + "9" * 10_000)
    statuses = [
        ask(place, "GET", path, {"Range": f"bytes={one}", **cookie}).status for one in ranges
    ]

    assert [200] * 3 == statuses
    assert ask(place, "GET", path, {"Range": "bytes=" + "0-0," * 100_000, **cookie}).status >= 400


def test_wrong_links_answer_all_alike(place: Workplace, job: ExportJob) -> None:
    """Unknown, changed, somebody else's and expired: the same page, byte for byte."""
    link = place.house.exporting.pages.link(job)
    parts = urlsplit(link)
    said = {name: value[0] for name, value in parse_qs(parts.query).items()}
    wrong: list[dict[str, str]] = [
        {},
        {**said, "sign": said["sign"][:-1] + "_"},
        {**said, "until": str(int(said["until"]) + 1)},
        {**said, "sign": signature(replace(job, owner=Owner("T0PARLEY", "U0BEN")))},
        {**said, "sign": signature(replace(job, id="another"))},
    ]
    answers = [ask(place, "GET", f"{parts.path}?{urlencode(one)}") for one in wrong]
    answers.append(ask(place, "GET", link.replace(job.id, "another")))
    later(place, minutes=25 * 60)
    answers.append(ask(place, "GET", link))

    assert {404} == {one.status for one in answers}
    assert 1 == len({one.body for one in answers})


def test_no_changed_link_opens(place: Workplace, job: ExportJob, cases: Cases) -> None:
    """Letters swapped, dropped, added, parts exchanged: none of very many opens."""
    pages = place.house.exporting.pages
    parts = urlsplit(pages.link(job))
    said = {name: value[0] for name, value in parse_qs(parts.query).items()}
    draw = random.Random(20260114)
    good = ("sign", "until")
    for _ in range(cases(10_000, 100_000)):
        changed: dict[str, Any] = dict(said)
        name = draw.choice(good)
        changed[name] = mutated(changed[name], draw)
        if changed == said:
            continue
        answer = pages.show(
            Request(method="GET", path=parts.path, query=changed, params={"id": job.id})
        )
        assert answer.status == 404, changed
    right = Request(method="GET", path=parts.path, query=said, params={"id": job.id})
    assert pages.show(right).status == 200


def mutated(text: str, draw: random.Random) -> str:
    """Return *text* changed at random."""
    at = draw.randrange(len(text))
    letter = draw.choice("abcXYZ0189-_=+/%é\x00 ")
    match draw.randrange(5):
        case 0:
            return text[:at] + letter + text[at + 1 :]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + letter + text[at:]
        case 3:
            return text[::-1]
        case _:
            return text[:at]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=5-", Span(5, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-30", Span(0, 10)),
        ("bytes=2-99", Span(2, 10)),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(asked: str, expected: Span | None) -> None:
    """RFC 9110: what isn't one range of bytes is ignored."""
    assert expected == span(asked, 10)


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(asked: str) -> None:
    """RFC 9110: 416."""
    with pytest.raises(Unsatisfiable):
        span(asked, 10)
