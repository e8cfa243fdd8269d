"""Results are taken in whole and checked or not at all; what is made of them is in place."""

import csv
import hashlib
import io
import os
import random
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.domain.export import FileType
from bot.domain.export_job import ExportPage
from bot.errors import Fault, Gone, ParleyError, TryLater
from store.archives import Archives, Limits
from store.archives.disk import used
from store.archives.names import clean_name
from store.archives.zips import entry_of, unpacked, zipped

CSV = b'Id,Name\n4150868000000000001,=1\n2,"two\nlines"\n'
MIB = 1024 * 1024
SMALL = Limits(archive=MIB, unpacked=4 * MIB, ratio=50, total=64 * MIB, free=0)


def archive(
    content: bytes = CSV, name: str = "415.csv", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return a zip with one entry, as the CRM makes it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        made.writestr(name, content)
    return held.getvalue()


def pieces(content: bytes, size: int = 100) -> Iterator[bytes]:
    """Give bytes as they come off a wire."""
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where archives are; not there yet."""
    return tmp_path / "data" / "exports"


@pytest.fixture
def archives(folder: Path) -> Archives:
    """A folder with small limits."""
    return Archives(folder, SMALL)


def receive(
    archives: Archives, content: bytes, number: int = 1, file_type: FileType = FileType.CSV
) -> ExportPage:
    """Take one page of export X1 in."""
    return archives.receive("X1", number, pieces(content), file_type=file_type)


def names(folder: Path) -> list[str]:
    """Return the names of all files."""
    return sorted(path.name for path in folder.iterdir())


def table(content: bytes) -> list[list[str]]:
    """Read a CSV."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def only_file(path: Path) -> tuple[str, bytes]:
    """Return the one entry of a zip, its checksums being right."""
    with zipfile.ZipFile(path) as made:
        assert made.testzip() is None
        (name,) = made.namelist()
        return name, made.read(name)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_page_is_kept_as_it_came(archives: Archives, folder: Path, method: int) -> None:
    """Counted and with its checksum, readable by this user alone; received again it is the same."""
    content = archive(method=method)
    for _ in range(2):
        page = receive(archives, content)
        digest = hashlib.sha256(content).hexdigest()
        assert ExportPage(number=1, rows=2, promised=0, bytes=len(content), sha256=digest) == page
    assert ["X1.1.zip"] == names(folder)
    assert content == (folder / "X1.1.zip").read_bytes()
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert 0o600 == stat.S_IMODE((folder / "X1.1.zip").stat().st_mode)


def test_one_page_is_handed_on_with_a_safe_copy_beside_it(archives: Archives, folder: Path) -> None:
    """The CRM's own archive, byte for byte, and a CSV with a mark that runs nothing."""
    content = archive()
    page = receive(archives, content)
    for _ in range(2):
        safe, raw = archives.finish("X1", [page], name="Leads 2026-03-01", file_type=FileType.CSV)
    assert ("raw", "Leads 2026-03-01.zip", page.sha256) == (raw.kind, raw.name, raw.sha256)
    assert content == archives.path("X1", "raw").read_bytes()
    made = archives.path("X1", "safe").read_bytes()
    assert ("safe", "Leads 2026-03-01.csv", len(made)) == (safe.kind, safe.name, safe.bytes)
    assert hashlib.sha256(made).hexdigest() == safe.sha256
    assert made.startswith(b"\xef\xbb\xbf")
    rows = [["Id", "Name"], ["'4150868000000000001", "'=1"], ["2", "two\nlines"]]
    assert rows == table(made)
    archives.settle("X1")
    assert ["X1.raw.zip", "X1.safe.csv"] == names(folder)
    assert len(content) + len(made) == used(folder)
    archives.remove("X1")
    assert [] == names(folder)


def test_many_pages_become_one_file(archives: Archives, folder: Path) -> None:
    """The header stands once; done again it makes the same bytes."""
    contents = [b"Id,Name\n1,a\n", b"\xef\xbb\xbfId,Name\r\n2,b\r\n", b"", b"Id,Name\n3,=c"]
    pages = [receive(archives, archive(one), n) for n, one in enumerate(contents, 1)]
    safe, raw = archives.finish("X1", pages, name="Leads", file_type=FileType.CSV)
    name, merged = only_file(archives.path("X1", "raw"))
    assert ("Leads.csv", "Leads.zip") == (name, raw.name)
    assert [["Id", "Name"], ["1", "a"], ["2", "b"], ["3", "=c"]] == table(merged)
    assert ["3", "'=c"] == table(archives.path("X1", "safe").read_bytes())[-1]
    again = archives.finish("X1", pages, name="Leads", file_type=FileType.CSV)
    assert (safe, raw) == again


def test_calendars_are_merged_and_have_no_safe_copy(archives: Archives, folder: Path) -> None:
    """An apostrophe has no place in a calendar."""
    event = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:=1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    pages = [receive(archives, archive(event, "4.ics"), n, FileType.ICS) for n in (1, 2)]
    assert [1, 1] == [page.rows for page in pages]
    (raw,) = archives.finish("X1", pages, name="Events", file_type=FileType.ICS)
    name, merged = only_file(archives.path("X1", "raw"))
    assert ("Events.ics", 2) == (name, merged.count(b"SUMMARY:=1\r\n"))
    (one,) = archives.finish("X1", pages[:1], name="Events", file_type=FileType.ICS)
    assert pages[0].sha256 == one.sha256
    assert raw.sha256 != one.sha256


def test_an_archive_without_a_file_is_no_row_and_no_file(archives: Archives) -> None:
    """The CRM found nothing; a bare header is a file all the same."""
    nothing = io.BytesIO()
    zipfile.ZipFile(nothing, "w").close()
    page = receive(archives, nothing.getvalue())
    assert 0 == page.rows
    assert () == archives.finish("X1", [page], name="Leads", file_type=FileType.CSV)
    bare = receive(archives, archive(b"Id,Name\n"))
    assert 0 == bare.rows
    assert 2 == len(archives.finish("X1", [bare], name="Leads", file_type=FileType.CSV))


def _two() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("1.csv", CSV)
        made.writestr("2.csv", CSV)
    return held.getvalue()


def _with_mode(mode: int) -> bytes:
    held = io.BytesIO()
    info = zipfile.ZipInfo("1.csv")
    info.create_system, info.external_attr = 3, mode << 16
    with zipfile.ZipFile(held, "w") as made:
        made.writestr(info, CSV)
    return held.getvalue()


def _patched(content: bytes, *changes: tuple[bytes, int, bytes]) -> bytes:
    """Overwrite bytes at an offset after a record's signature."""
    held = bytearray(content)
    for mark, offset, new in changes:
        start = held.index(mark) + offset
        held[start : start + len(new)] = new
    return bytes(held)


LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"


def _size(size: int, content: bytes) -> bytes:
    """Let an archive tell another unpacked size."""
    told = struct.pack("<L", size)
    return _patched(content, (LOCAL, 22, told), (CENTRAL, 24, told))


def _long_table() -> bytes:
    """A table of contents of 4,000 entries, all of them proper."""
    content = archive()
    start, end = content.index(CENTRAL), content.index(END)
    table = content[start:end] * 4000
    told = (END, 12, struct.pack("<L", len(table)))
    return content[:start] + table + _patched(content[end:], told)


ZEROS = archive(b"0" * 20 * MIB)
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a page to log in": ("archive_broken", lambda: b"<html>Sign in</html>" * 50),
    "an error in JSON": ("archive_broken", lambda: b'{"code":"INVALID_TOKEN"}'),
    "nothing": ("archive_broken", lambda: b""),
    "cut in the middle": ("archive_broken", lambda: archive(os.urandom(1000))[:900]),
    "without its end": ("archive_broken", lambda: archive()[:-1]),
    "a flipped bit": ("archive_broken", lambda: _patched(archive(), (b"415.csv", 9, b"\x7f"))),
    "another checksum": ("archive_broken", lambda: _patched(archive(), (CENTRAL, 16, b"\1\2\3"))),
    "a size too small": ("archive_broken", lambda: _size(3, archive())),
    "a size too large": ("archive_broken", lambda: _size(9999, archive())),
    "a long table of contents": ("archive_broken", _long_table),
    "two files": ("archive_refused", _two),
    "a path up": ("archive_refused", lambda: archive(name="../415.csv")),
    "a path down": ("archive_refused", lambda: archive(name="a/415.csv")),
    "a path from the top": ("archive_refused", lambda: archive(name="/etc/415.csv")),
    "a path of Windows": ("archive_refused", lambda: archive(name="C:\\415.csv")),
    "a name with NUL": (
        "archive_refused",
        lambda: archive(name="a#b.csv").replace(b"a#b.csv", b"a\0b.csv"),
    ),
    "another kind of file": ("archive_refused", lambda: archive(name="415.exe")),
    "a symbolic link": ("archive_refused", lambda: _with_mode(stat.S_IFLNK | 0o777)),
    "a device": ("archive_refused", lambda: _with_mode(stat.S_IFCHR | 0o666)),
    "encrypted": (
        "archive_refused",
        lambda: _patched(archive(), (LOCAL, 6, b"\1"), (CENTRAL, 8, b"\1")),
    ),
    "encrypted, said in one place": (
        "archive_refused",
        lambda: _patched(archive(), (LOCAL, 6, b"\1")),
    ),
    "encrypted, said in the table": (
        "archive_refused",
        lambda: _patched(archive(), (CENTRAL, 8, b"\1")),
    ),
    "bzip2": ("archive_refused", lambda: archive(method=zipfile.ZIP_BZIP2)),
    "method 99": (
        "archive_refused",
        lambda: _patched(archive(), (LOCAL, 8, b"\x63"), (CENTRAL, 10, b"\x63")),
    ),
    "two names": ("archive_refused", lambda: _patched(archive(), (LOCAL, 30, b"999.csv"))),
    "something before it": ("archive_refused", lambda: b"#!/bin/sh\n" + archive()),
    "a bomb": ("archive_too_large", lambda: ZEROS),
    "a bomb that says it is small": ("archive_broken", lambda: _size(50 * len(ZEROS) // 2, ZEROS)),
    "a flat bomb": ("archive_too_large", lambda: archive(os.urandom(100_000) * 45)),
    "a long archive": ("archive_too_large", lambda: archive(os.urandom(2 * MIB))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_not_a_result_is_not_kept(archives: Archives, folder: Path, kind: str) -> None:
    """Each is declined with its kind of error, and the page that was there stays."""
    good = archive()
    receive(archives, good)
    expected, made = HOSTILE[kind]
    with pytest.raises(ParleyError) as raised:
        receive(archives, made())
    assert expected == raised.value.code
    assert ["X1.1.zip"] == names(folder)
    assert good == (folder / "X1.1.zip").read_bytes()


def test_a_changed_archive_gives_the_same_or_an_error(soak: bool) -> None:
    """Whatever bytes are changed: never another content, never an error of another kind."""
    rng = random.Random(12)
    good = archive(CSV * 3)
    same = 0
    with io.FileIO(os.memfd_create("changed"), "r+") as file:
        for _ in range(100_000 if soak else 6_000):
            changed = bytearray(good)
            for _ in range(rng.randrange(1, 4)):
                place = rng.randrange(len(changed))
                new = rng.randbytes(rng.choice((0, 1, 4)))
                changed[place : place + rng.choice((0, 1, 1, 4))] = new
            file.truncate(0)
            file.seek(0)
            file.write(changed)
            try:
                entry = entry_of(file, ".csv", SMALL)
                content = b"".join(unpacked(file, entry)) if entry else b""
            except (TryLater, Fault):
                continue
            assert content in {CSV * 3, b""}
            same += 1
    assert same > 100


def test_a_bomb_that_says_it_is_small_is_left_where_it_lies() -> None:
    """No more is unpacked than was told, and a piece."""
    with io.FileIO(os.memfd_create("bomb"), "r+") as file:
        file.write(_size(3 * MIB // 4, ZEROS))
        entry = entry_of(file, ".csv", SMALL)
        assert entry is not None
        taken: list[bytes] = []
        with pytest.raises(TryLater, match="archive_broken"):
            taken.extend(unpacked(file, entry))
        assert sum(map(len, taken)) <= entry.size


def test_a_zip_of_ours_is_one_to_others(tmp_path: Path) -> None:
    """Read by the standard library, with its checksums; also with a name beyond ASCII."""
    rng = random.Random(13)
    for size in (0, 1, 1000, 3_000_000):
        content = rng.randbytes(size)
        path = tmp_path / "one.zip"
        path.write_bytes(b"".join(zipped("Geschäft 見込み.csv", pieces(content, 70_000))))
        assert ("Geschäft 見込み.csv", content) == only_file(path)


def test_a_download_that_breaks_off_leaves_nothing(archives: Archives, folder: Path) -> None:
    """Its error is passed on as it is; so is a length other than told."""

    def broken() -> Iterator[bytes]:
        yield archive()[:100]
        raise TryLater("crm_slow")

    with pytest.raises(TryLater, match="crm_slow"):
        archives.receive("X1", 1, broken(), file_type=FileType.CSV)
    with pytest.raises(TryLater, match="archive_broken"):
        archives.receive("X1", 1, [archive()], file_type=FileType.CSV, expect_bytes=5)
    assert [] == names(folder)


def test_it_is_full_by_its_share_or_by_the_disk(folder: Path) -> None:
    """Whichever comes first: then nothing new shall begin."""
    page = archive()
    for limits, full in (
        (Limits(free=0, total=len(page)), True),
        (Limits(free=0, total=len(page) + 1), False),
        (Limits(free=1 << 60), True),
    ):
        archives = Archives(folder, limits)
        if limits.free == 0:
            archives.path("X1", "raw").write_bytes(page)
        assert full is archives.full()


@pytest.mark.parametrize("limits", [Limits(free=2**62), Limits(free=0, total=1000)])
def test_without_room_nothing_is_begun(folder: Path, limits: Limits) -> None:
    """On the disk, or in our share of it: later there may be some."""
    with pytest.raises(TryLater, match="archive_no_room"):
        Archives(folder, limits).receive(
            "X1", 1, [archive()], file_type=FileType.CSV, expect_bytes=2000
        )
    assert [] == names(folder)


def test_a_full_disk_is_met_on_the_way(folder: Path) -> None:
    """Also where nobody said how long the download is."""
    limits = Limits(free=0, total=20 * MIB)
    endless = iter(lambda: b"x" * MIB, b"")
    with pytest.raises(TryLater, match="archive_no_room"):
        Archives(folder, limits).receive("X1", 1, endless, file_type=FileType.CSV)
    assert [] == names(folder)


def test_what_can_never_fit_is_not_waited_for(folder: Path) -> None:
    """More than our whole share is too large, not short of room."""
    archives = Archives(folder, Limits(free=0, total=300_000))
    page = receive(archives, archive(b"Id\n" + b"text \n" * 50_000))
    with pytest.raises(Fault, match="archive_too_large"):
        archives.finish("X1", [page], name="Leads", file_type=FileType.CSV)


def test_a_page_that_went_or_changed_makes_no_file(archives: Archives, folder: Path) -> None:
    """It is said which of the two: a page gone, or one damaged on disk."""
    pages = [receive(archives, archive(), number) for number in (1, 2)]
    path = folder / "X1.2.zip"
    path.write_bytes(_patched(path.read_bytes(), (b"415.csv", 9, b"\x7f")))
    with pytest.raises(TryLater, match="archive_broken"):
        archives.finish("X1", pages, name="Leads", file_type=FileType.CSV)
    path.write_bytes(b"")
    with pytest.raises(TryLater, match="archive_broken"):
        archives.finish("X1", pages, name="Leads", file_type=FileType.CSV)
    path.unlink()
    with pytest.raises(Gone, match="archive_gone"):
        archives.finish("X1", pages, name="Leads", file_type=FileType.CSV)
    assert ["X1.1.zip"] == names(folder)


def test_sweeping_spares_what_is_known_and_what_is_being_written(
    archives: Archives, folder: Path
) -> None:
    """A writer that was killed left its file without a lock; a living one holds it."""
    receive(archives, archive())
    archives.receive("X2", 1, [archive()], file_type=FileType.CSV)
    (folder / "0123456789abcdef.part").write_bytes(b"half")
    going = threading.Event()

    def slow() -> Iterator[bytes]:
        yield archive()[:50]
        assert 2 == Archives(folder).sweep(lambda: {"X1"})
        going.set()
        yield archive()[50:]

    archives.receive("X1", 2, slow(), file_type=FileType.CSV)
    assert going.is_set()
    assert ["X1.1.zip", "X1.2.zip"] == names(folder)


@pytest.mark.parametrize("job_id", ["", "../X1", "a/b", "a.b", "*", "X1\n", "x" * 65, "-x"])
def test_no_id_makes_a_path(archives: Archives, job_id: str) -> None:
    """Ids are ours, and checked all the same."""
    with pytest.raises(Fault, match="archive_id"):
        archives.path(job_id, "raw")
    with pytest.raises(Fault, match="archive_id"):
        archives.remove(job_id)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("Leads 2026-03-01", "Leads 2026-03-01"),
        ("Geschäfte 見込み", "Geschäfte 見込み"),
        ("etc passwd", "../../etc/passwd"),
        ("a b c", 'a\\b:*?"<>|c'),
        ("txt exe", "\u202etxt.exe\r\n"),
        ("export", "..."),
        ("x" * 80, "x" * 300),
    ],
)
def test_a_name_is_one_any_system_takes(expected: str, name: str) -> None:
    """No separators, dots, controls or turned text."""
    assert expected == clean_name(name)


def test_a_long_result_unpacks_whole(archives: Archives) -> None:
    """Longer than what is read, or unpacked, at once."""
    content = b"Id,Name\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(120_000))
    assert 120_000 == receive(archives, archive(content)).rows
    assert len(zlib.compress(content)) > 256 * 1024
