"""Rows are counted, and files parted and joined, as the csv module would, a piece at a time."""

import csv
import io
import random
from collections.abc import Iterator

import pytest

from bot.errors import Fault, TryLater
from store.archives.calendars import merged
from store.archives.rows import LONGEST, MARK, CsvRows, EventRows, joined, whole_records

_PARTS = ('"', '""', ",", "\n", "\r\n", "\n\n", "x", "ö", "=1", "", "long " * 9)


def _table(rng: random.Random) -> list[list[str]]:
    width = rng.randrange(1, 5)
    return [
        ["".join(rng.choices(_PARTS, k=rng.randrange(5))) for _ in range(width)]
        for _ in range(rng.randrange(1, 9))
    ]


def _written(rng: random.Random, table: list[list[str]], *, always: bool = False) -> bytes:
    out = io.StringIO(newline="")
    end = rng.choice(("\n", "\r\n"))
    everything = rng.random() < 0.5 or always
    plain = csv.writer(out, lineterminator=end)
    quoted = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    (quoted if everything else plain).writerows(table)
    text = out.getvalue()
    return (rng.choice(("", "\ufeff")) + (text if rng.random() < 0.8 else text.rstrip())).encode()


def _read(content: bytes) -> list[list[str]]:
    text = content.removeprefix(MARK).decode()
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


def _pieces(rng: random.Random, content: bytes) -> Iterator[bytes]:
    while content:
        size = rng.randrange(1, 40)
        yield content[:size]
        content = content[size:]


def test_rows_are_counted_as_the_csv_module_reads_them(soak: bool) -> None:
    """However cells are quoted, lines ended and pieces cut; the header is no row."""
    rng = random.Random(5)
    for _ in range(100_000 if soak else 10_000):
        content = _written(rng, _table(rng))
        counter = CsvRows()
        for piece in _pieces(rng, content):
            counter.feed(piece)
        assert max(0, len(_read(content)) - 1) == counter.rows, content


def test_an_empty_file_a_bare_header_and_empty_lines_are_no_rows() -> None:
    """What comes before the first record and after the last doesn't count."""
    for expected, content in (
        (0, b""),
        (0, b"Id,Name"),
        (0, b"Id,Name\r\n"),
        (0, MARK + b"Id\n\r\n\n"),
        (2, b"Id\n1\n2\n\n\n"),
    ):
        counter = CsvRows()
        counter.feed(content)
        assert expected == counter.rows, content


def test_pieces_end_where_records_end(soak: bool) -> None:
    """Nothing is lost, and each piece reads alone as it does in its place."""
    rng = random.Random(6)
    for _ in range(50_000 if soak else 5_000):
        content = _written(rng, _table(rng)).removeprefix(MARK)
        pieces = list(whole_records(_pieces(rng, content), rng.randrange(1, 90)))
        assert content == b"".join(pieces)
        assert _read(content) == [row for piece in pieces for row in _read(piece)]


def test_a_quote_that_never_closes_holds_little_in_memory() -> None:
    """The rest of the file would be one record: it is parted at a line's end instead."""
    line = b'1,"never closed\n'
    content = line + (b"2,%s\n" % (b"x" * 60)) * (3 * LONGEST // 64)
    step = 1 << 20
    pieces = list(
        whole_records(content[start : start + step] for start in range(0, len(content), step))
    )
    assert content == b"".join(pieces)
    assert max(map(len, pieces)) <= 2 * LONGEST
    with pytest.raises(TryLater, match="archive_broken"):
        list(whole_records(iter([b"x" * step] * 20)))


def test_pages_are_joined_under_one_header() -> None:
    """Whatever their marks and line ends, and where the last line of one isn't ended."""
    rng = random.Random(7)
    for _ in range(3_000):
        head = ["Id", 'A "name",\nin two lines']
        tables = [
            [head] + [[str(rng.randrange(99)), rng.choice(("", "a\nb", '"'))] for _ in range(size)]
            for size in rng.choices(range(4), k=3)
        ]
        contents = [_written(rng, table, always=True) for table in tables] + [b""]
        rng.shuffle(contents)
        one = b"".join(joined(_pieces(rng, content) for content in contents))
        read = [_read(content) for content in contents if content]
        assert read[0] + [row for rows in read[1:] for row in rows[1:]] == _read(one)


def test_pages_with_other_columns_are_not_joined() -> None:
    """A field that was renamed meanwhile would stand in the wrong column."""
    with pytest.raises(Fault, match="archive_pages_differ"):
        list(joined([iter([b"Id,Name\n1,x\n"]), iter([b"Id,Title\n2,y\n"])]))


def _calendar(zone: str, *names: str) -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nSUMMARY:{name}\r\nDESCRIPTION:BEGIN:VEVENT\r\nEND:VEVENT\r\n"
        for name in names
    )
    zones = f"BEGIN:VTIMEZONE\r\nTZID:{zone}\r\nEND:VTIMEZONE\r\n"
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\n{zones}{events}END:VCALENDAR\r\n"
    ).encode()


def test_events_are_counted_wherever_a_piece_is_cut() -> None:
    """A line that only speaks of an event isn't one."""
    content = _calendar("Europe/Rome", "one", "two", "three")
    for size in range(1, len(content)):
        counter = EventRows()
        for start in range(0, len(content), size):
            counter.feed(content[start : start + size])
        assert 3 == counter.rows


def test_calendars_become_one_with_each_zone_once() -> None:
    """One head and end, every event, in order."""
    rng = random.Random(8)
    pages = [
        _calendar("Europe/Rome", "one"),
        _calendar("Europe/Rome", "two"),
        _calendar("Asia/Tokyo", "three").rstrip(),
    ]
    text = b"".join(merged(_pieces(rng, page) for page in pages)).decode()
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nBEGIN:VTIMEZONE")
    assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")
    for word, times in (("BEGIN:VCALENDAR", 1), ("END:VCALENDAR", 1), ("VERSION:", 1)):
        assert times == text.count(word)
    assert [1, 1] == [text.count(f"TZID:{zone}") for zone in ("Europe/Rome", "Asia/Tokyo")]
    assert ["one", "two", "three"] == [
        line[8:] for line in text.splitlines() if line.startswith("SUMMARY:")
    ]


@pytest.mark.parametrize("endless", [b"x" * 100_000, b"BEGIN:VTIMEZONE\r\n" + b"A:1\r\n" * 20_000])
def test_a_line_or_zone_that_never_ends_is_broken(endless: bytes) -> None:
    """Memory stays small."""
    with pytest.raises(TryLater, match="archive_broken"):
        list(merged([iter([b"BEGIN:VCALENDAR\r\n", *([endless] * 30)])]))
