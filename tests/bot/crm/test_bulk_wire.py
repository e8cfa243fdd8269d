"""A download on a bad wire: cut, slow, dripping; and what is known of modules and fields."""

import io
import socket
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bot.crm.bulk import Bulk
from bot.crm.download import PIECE
from bot.crm.fields import Fields
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.export import Query
from bot.domain.export_criteria import Comparator
from bot.domain.export_fields import COMPARATORS, USERS, Field, Kind
from bot.errors import Fault, Gone, NotConnected, ParleyError
from handlers.sandbox.web import Answer, Request, Site

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm

JOB = "5545974000000000001"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-download\r\n"


def ended(
    raw: Callable[..., str], access_to: Callable[[str], Access], reply: bytes, wire: Transport
) -> tuple[str, bytes]:
    """How a download of these bytes ends, and what was written."""
    origin = raw(lambda connection: connection.sendall(reply))
    written: list[bytes] = []
    try:
        written.extend(Bulk(wire).download(access_to(origin), JOB, max_bytes=10_000))
    except ParleyError as error:
        return error.code, b"".join(written)
    return "whole", b"".join(written)


@pytest.mark.parametrize(
    ("reply", "ending", "written"),
    [
        (HEAD + b"Content-Length: 6\r\n\r\nPK1234", "whole", b"PK1234"),
        (HEAD + b"Connection: close\r\n\r\nPK1234", "whole", b"PK1234"),
        (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nPK1234\r\n0\r\n\r\n",
            "whole",
            b"PK1234",
        ),
        (HEAD + b"Content-Length: 60\r\n\r\nPK1234", "crm_slow", b"PK1234"),
        (HEAD + b"Content-Length: 60\r\n\r\n", "crm_slow", b""),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nPK1234\r\n", "crm_slow", b"PK1234"),
        (HEAD + b"Content-Length: 10001\r\n\r\nPK", "crm_too_large", b""),
        (HEAD + b"Connection: close\r\n\r\nPK" + bytes(20_000), "crm_too_large", None),
        (HEAD + b"Content-Length: 6\r\n\r\n{12345", "crm_wrong_kind", b""),
        (b"", "crm_slow", b""),
    ],
)
def test_a_download_is_whole_or_says_why_not(
    raw: Callable[..., str],
    access_to: Callable[[str], Access],
    transport: Transport,
    reply: bytes,
    ending: str,
    written: bytes | None,
) -> None:
    """Length, size and kind are checked; a cut is a wait."""
    found, kept = ended(raw, access_to, reply, transport)
    assert ending == found
    assert written in (kept, None)
    assert len(kept) <= 10_000


def test_a_byte_at_a_time_is_read_as_it_comes(
    raw: Callable[..., str], access_to: Callable[[str], Access], transport: Transport
) -> None:
    """The kind is known by the second byte."""

    def drip(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in HEAD + b"Content-Length: 5\r\n\r\nPK123":
            connection.sendall(bytes([byte]))

    assert b"PK123" == b"".join(Bulk(transport).download(access_to(raw(drip)), JOB))


def test_a_download_that_drips_ends_at_its_deadline(
    raw: Callable[..., str], access_to: Callable[[str], Access]
) -> None:
    """Each piece may come in time; the whole doesn't."""
    ticks = iter(range(0, 10_000, 400))
    wire = Transport(monotonic=lambda: float(next(ticks)))
    reply = HEAD + b"Content-Length: 9000\r\n\r\nPK" + bytes(8_000)
    found, _ = ended(raw, access_to, reply, wire)
    wire.close()
    assert "crm_slow" == found


def test_pieces_are_small_and_whoever_takes_them_may_stop(
    raw: Callable[..., str], access_to: Callable[[str], Access], transport: Transport
) -> None:
    """A full disk ends the download where it is."""
    body = b"PK" + bytes(3 * PIECE)
    reply = HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    access = access_to(raw(lambda connection: connection.sendall(reply)))
    sizes: list[int] = []

    for piece in Bulk(transport).download(access, JOB):
        sizes.append(len(piece))
        if sum(sizes) > 2 * PIECE:
            break
    assert max(sizes) <= PIECE


def test_modules_are_those_people_let_the_bot_read(crm: "Crm", transport: Transport) -> None:
    """By every name they go by."""
    found = {one.api_name: one for one in Fields(transport).modules(crm.access)}
    assert {"events", "meetings", "meeting"} == found["Events"].names
    assert {"Leads", "Contacts", "Deals", "Sales_Orders", "Site_Visits"} <= set(found)
    assert ["Site_Visits"] == [one.api_name for one in found.values() if one.custom]
    hidden = {"api_name": "Notes", "api_supported": True, "generated_type": "default"}
    crm.fault(
        kind="answer",
        method="GET",
        path="/crm/v8/settings/modules",
        status=200,
        body={"modules": [hidden, {"api_name": "Leads", "api_supported": False}]},
    )
    assert () == Fields(transport).modules(crm.access)


def test_fields_are_read_with_type_choices_and_target(crm: "Crm", transport: Transport) -> None:
    """As conditions and columns need them."""
    found = {one.api_name: one for one in Fields(transport).of(crm.access, "Deals")}
    assert (Kind.LOOKUP, USERS) == (found["Owner"].kind, found["Owner"].module)
    assert (Kind.LOOKUP, "Accounts") == (
        found["Account_Name"].kind,
        found["Account_Name"].module,
    )
    assert Kind.NUMBER is found["Amount"].kind
    assert Kind.DATE is found["Closing_Date"].kind
    assert Kind.OTHER is found["Description"].kind
    assert found["Stage"].choices
    crm.fault(kind="answer", method="GET", path="/crm/v8/settings/fields", status=204)
    assert () == Fields(transport).of(crm.access, "Deals")


def test_the_table_of_comparators_is_the_crms() -> None:
    """Zoho CRM, Create Bulk Read Job, field type by field type."""
    same, order = {"equal", "not_equal", "in", "not_in"}, {"less_than", "less_equal"}
    order |= {"greater_than", "greater_equal"}
    span = {"between", "not_between"}
    assert {
        Kind.NUMBER: same | order,
        Kind.TEXT: same | {"contains", "not_contains", "starts_with", "ends_with"},
        Kind.DATE: same | order | span,
        Kind.DATETIME: same | order | span,
        Kind.BOOLEAN: {"equal"},
        Kind.LOOKUP: same,
        Kind.OTHER: set[str](),
    } == {kind: {one.value for one in known} for kind, known in COMPARATORS.items()}
    assert set(Comparator) == {one for known in COMPARATORS.values() for one in known}
    assert () == Field(api_name="x", label="x", data_type="text", filterable=False).comparators


@pytest.mark.parametrize(
    ("how", "ending"),
    [
        ("whole", "sound"),
        ("slow", "sound"),
        ("broken", "crm_slow"),
        ("truncated", "bad archive"),
        ("flipped", "bad archive"),
        ("page", "crm_wrong_kind"),
    ],
)
def test_each_bad_day_of_the_crm_is_told_apart(
    crm: "Crm", transport: Transport, how: str, ending: str
) -> None:
    """A cut is seen on the wire, another kind at its start, the rest by the archive itself."""
    bulk, held = Bulk(transport), io.BytesIO()
    job = bulk.create(crm.access, Query(module="Leads"))
    crm.clock.advance(4)
    crm.turn(bulk_download=how, bulk_download_pause=0.05)
    try:
        held.writelines(bulk.download(crm.access, job))
        with zipfile.ZipFile(held) as opened:
            found = "sound" if opened.testzip() is None else "bad archive"
    except zipfile.BadZipFile:
        found = "bad archive"
    except ParleyError as error:
        found = error.code
    assert ending == found


def test_a_result_is_gone_when_the_crm_says_so(crm: "Crm", transport: Transport) -> None:
    """However short it was kept."""
    crm.turn(bulk_kept_seconds=60.0)
    job = Bulk(transport).create(crm.access, Query(module="Leads"))
    crm.clock.advance(70)
    with pytest.raises(Gone) as caught:
        list(Bulk(transport).download(crm.access, job))
    assert "export_result" == caught.value.code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer.html("<html>Sign in</html>"), "crm_wrong_kind"),
        (Answer(200, b"P", (("Content-Type", "application/zip"),)), "crm_wrong_kind"),
        (Answer(200, b"", (("Content-Type", "application/zip"),)), "crm_wrong_kind"),
        (Answer(200, b'{"code":', (("Content-Type", "application/zip"),)), "crm_wrong_kind"),
        (Answer.json({"data": []}), "crm_wrong_kind"),
        (Answer(200, b"PK", (("Content-Encoding", "gzip"),)), "crm_wrong_kind"),
        (Answer(200, b"{", (("Content-Type", "application/json"),)), "crm_not_json"),
        (Answer(200, b"PK" + bytes(1000)), "crm_too_large"),
        (Answer(302, b"", (("Location", "http://127.0.0.1:9/"),)), "crm_redirect"),
    ],
)
def test_what_is_no_archive_is_never_written(
    transport: Transport,
    serve: Callable[[Site], str],
    access_to: Callable[[str], Access],
    answer: Answer,
    code: str,
) -> None:
    """Told by what it is, whatever it says it is."""
    written: list[bytes] = []
    access = access_to(serve(site(answer)))
    with pytest.raises(Fault) as caught:
        written.extend(Bulk(transport).download(access, JOB, max_bytes=1000))
    assert (code, []) == (caught.value.code, written)


def test_an_error_in_a_success_is_still_that_error(
    transport: Transport, serve: Callable[[Site], str], access_to: Callable[[str], Access]
) -> None:
    """HTTP 400 with a code of the CRM's."""
    body = {"code": "INVALID_TOKEN", "details": {}, "message": "", "status": "error"}
    with pytest.raises(NotConnected):
        list(Bulk(transport).download(access_to(serve(site(Answer.json(body, 401)))), JOB))


def site(answer: Answer) -> Site:
    """A site that answers everything alike."""
    made = Site("download")

    def reply(_: Request) -> Answer:
        return answer

    made.unknown = reply
    return made
