"""What a finished bulk read is downloaded as: a zip with one CSV or ICS file.

CSV: API names as header, an id column always, lookups as ids, tags and lists joined by commas
(seen in real files). ICS: a series is squashed to one VEVENT with RRULE, a changed occurrence is
one of its own with RECURRENCE-ID (Zoho's "Bulk Read API Limitations").
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.sandbox.crm.bulk_query import Wanted, exported
from handlers.sandbox.crm.columns import Column, Columns, flat, link_id
from handlers.sandbox.crm.world import Record, World, in_zone

_FOLD = 74
_STAMP = "%Y%m%dT%H%M%S"


def zipped(name: str, content: bytes) -> bytes:
    """Return a zip archive that holds one file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


def spoiled(archive: bytes, how: str) -> bytes:
    """Return an archive as a bad day leaves it: `truncated`, `flipped`, or `page` for no zip."""
    middle = len(archive) // 2
    if how == "truncated":
        return archive[:middle]
    if how == "page":
        return b"<html><body>Please sign in</body></html>"
    if how == "flipped":
        # One byte of the packed content: the archive's own checksum no longer fits.
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            held = opened.infolist()[0]
        at = held.header_offset + 30 + len(held.filename.encode()) + held.compress_size // 2
        return archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    return archive


def as_csv(world: World, wanted: Wanted, rows: Sequence[Record], user: Record) -> bytes:
    """Return `rows` as CSV text in UTF-8 (RFC 4180), times in the zone of `user`."""
    columns = Columns(world, wanted.module)
    headers, fields = wanted.headers, wanted.fields
    if not headers:
        fields = tuple(filter(exported, _all_columns(columns)))
        headers = tuple(column.path[0] for column in fields)
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow([str(world.switches["bulk.id_header"]), *headers])
    for row in rows:
        cells = [_cell(column, columns.value(row, column), user) for column in fields]
        writer.writerow([row["id"], *cells])
    mark = "utf-8-sig" if world.switches["bulk.byte_order_mark"] else "utf-8"
    return held.getvalue().encode(mark)


def _all_columns(columns: Columns) -> list[Column]:
    found = [columns.find(name) for name in columns.fields if name != "id"]
    return [column for column in found if column is not None]


def _cell(column: Column, value: Any, user: Record) -> str:
    if value is None:
        return ""
    if column.kind == "link":
        return link_id(value)
    if column.kind == "moment":
        return in_zone(value, user)
    if column.data_type == "RRULE":
        return str(value.get("RRULE", ""))
    return json.dumps(value) if isinstance(value, bool | int | float) else flat(value)


def as_ics(world: World, rows: Sequence[Record]) -> bytes:
    """Return meetings as an iCalendar file (RFC 5545) in UTF-8."""
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Zoho Corporation//Zoho CRM//EN", "VERSION:2.0"]
    series: dict[str, list[Record]] = {}
    for row in rows:
        series.setdefault(str(row.get("$u_id") or row["id"]), []).append(row)
    for uid, members in series.items():
        lines += _series(world, uid, members)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _series(world: World, uid: str, members: Sequence[Record]) -> list[str]:
    ordered = sorted(members, key=lambda row: str(row["Start_DateTime"]))
    rule = next((_rule(row) for row in ordered if _rule(row)), "")
    if not rule:
        return [line for row in ordered for line in _event(world, uid, row)]
    # Records do not say which occurrence was changed; the most common form is the series' own.
    looks = [_look(world, row) for row in ordered]
    usual = Counter(looks).most_common(1)[0][0]
    first = next(row for row, look in zip(ordered, looks, strict=True) if look == usual)
    lines = _event(world, uid, first, f"RRULE:{rule}")
    for row, look in zip(ordered, looks, strict=True):
        if look != usual:
            lines += _event(world, uid, row, _instead_of(world, row, first))
    return lines


def _instead_of(world: World, row: Record, usual: Record) -> str:
    """Return which occurrence `row` replaces: its day at the series' usual hour."""
    zone = _zone(world, row)
    at, then = (
        datetime.fromisoformat(one["Start_DateTime"]).astimezone(zone) for one in (row, usual)
    )
    slot = datetime.combine(at.date(), then.time(), zone)
    whole = bool(row.get("All_day"))
    return _time("RECURRENCE-ID", slot.isoformat(), zone, whole=whole)


def _rule(row: Record) -> str:
    """Return a meeting's rule in the form of RFC 5545: UNTIL in basic form, no DTSTART."""
    recurring = row.get("Recurring_Activity") or {}
    text = str(recurring.get("RRULE") or "") if isinstance(recurring, Mapping) else str(recurring)
    parts = [part for part in text.split(";") if part and not part.startswith("DTSTART=")]
    return ";".join(
        re.sub(r"^UNTIL=(\d{4})-(\d\d)-(\d\d)$", r"UNTIL=\1\2\3T235959Z", part) for part in parts
    )


def _look(world: World, row: Record) -> tuple[str, ...]:
    start, end = (datetime.fromisoformat(row[name]) for name in ("Start_DateTime", "End_DateTime"))
    wall = start.astimezone(_zone(world, row)).strftime("%H:%M")
    texts = (str(row.get(name) or "") for name in ("Event_Title", "Venue", "Description"))
    return (wall, str(end - start), *texts)


def _zone(world: World, row: Record) -> ZoneInfo:
    owner = world.users.get(str(row["Owner"]["id"]))
    return ZoneInfo(owner["time_zone"] if owner else world.org["time_zone"])


def _event(world: World, uid: str, row: Record, *more: str) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{uid}@zoho.example.com", f"DTSTAMP:{_utc(row['Modified_Time'])}"]
    for name, field in (("DTSTART", "Start_DateTime"), ("DTEND", "End_DateTime")):
        lines.append(_time(name, row[field], _zone(world, row), whole=bool(row.get("All_day"))))
    lines += more
    for name, field in (
        ("SUMMARY", "Event_Title"),
        ("LOCATION", "Venue"),
        ("DESCRIPTION", "Description"),
    ):
        if row.get(field):
            lines.append(f"{name}:{_escaped(str(row[field]))}")
    return [*lines, "END:VEVENT"]


def _time(name: str, moment: str, zone: ZoneInfo, *, whole: bool) -> str:
    local = datetime.fromisoformat(moment).astimezone(zone)
    if whole:
        return f"{name};VALUE=DATE:{local:%Y%m%d}"
    return f"{name};TZID={zone.key}:{local.strftime(_STAMP)}"


def _utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime(f"{_STAMP}Z")


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line broken into pieces of at most 75 octets, as RFC 5545 has it."""
    pieces: list[str] = []
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _FOLD:
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join([*pieces, piece])
