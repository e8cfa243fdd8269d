"""The folder of archives: results taken in, and the files that are made of them.

A file's name says whose it is: ``<job>.<page>.zip`` is a page as the CRM sent it,
``<job>.raw.zip`` and ``<job>.safe.csv`` are what can be fetched. A file stands under such a
name whole, checked and for good, or not at all; whatever is killed can be done again.
"""

import io
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Final

from bot.domain.export import FileType
from bot.domain.export_job import ExportFile, ExportPage
from bot.errors import Fault, Gone
from store.archives.calendars import merged
from store.archives.disk import PART, abandoned, need_room, part, roomy, sync
from store.archives.limits import Limits
from store.archives.names import clean_name, file_name
from store.archives.rows import MARK, Counter, CsvRows, EventRows, joined, whole_records
from store.archives.workers import made_safe
from store.archives.zips import Entry, broken, entry_of, unpacked, zipped

_KINDS: Final = {"raw": "raw.zip", "safe": "safe.csv"}
_GROWTH: Final = 1.3
"""A safe copy is longer by quotes and apostrophes; this is only the room that is asked for."""


class Archives:
    """Archives and the files made of them. Safe to share between threads and processes."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        """Use *folder*; it is made, and is its owner's alone (0700), its files too (0600)."""
        self._folder = folder
        self._limits = limits or Limits()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def path(self, job_id: str, kind: str) -> Path:
        """Return where a file of that kind (``raw``, ``safe``) is, once ``finish`` made it."""
        return self._folder / file_name(job_id, _KINDS[kind])

    def full(self) -> bool:
        """Say whether there is no room for anything new: on the disk, or in our share of it."""
        return not roomy(self._folder, self._limits, 1)

    def receive(
        self,
        job_id: str,
        number: int,
        content: Iterable[bytes],
        *,
        file_type: FileType,
        promised: int = 0,
        expect_bytes: int | None = None,
    ) -> ExportPage:
        """Take one page in: when this returns, it is whole, checked, counted and durable.

        A page that was there is replaced.

        Args:
            job_id: Our id of the export.
            number: The page, from 1.
            content: The archive's bytes, in pieces; its own errors are passed on.
            file_type: What the archive must hold.
            promised: How many rows the CRM said there are; only noted.
            expect_bytes: How long the archive is said to be, where that is known.

        Raises:
            TryLater: ``archive_broken``: it didn't arrive whole, or is no archive: a download
                may mend it. ``archive_no_room``: the disk, or our share of it, is full.
            Fault: ``archive_refused``: an archive as no CRM makes one. ``archive_too_large``.
        """
        need_room(self._folder, self._limits, 2 * (expect_bytes or 0))
        with part(self._folder, self._limits) as arriving:
            for piece in content:
                arriving.write(piece)
                if arriving.size > self._limits.archive:
                    raise Fault("archive_too_large")
            if expect_bytes is not None and arriving.size != expect_bytes:
                raise broken("length")
            rows = self._rows(arriving.file, file_type)
            digest = arriving.keep(_page(job_id, number))
        return ExportPage(
            number=number, rows=rows, promised=promised, bytes=arriving.size, sha256=digest
        )

    def finish(
        self, job_id: str, pages: Sequence[ExportPage], *, name: str, file_type: FileType
    ) -> tuple[ExportFile, ...]:
        """Make the files that can be fetched of pages that are here, the best first.

        ``raw`` is the CRM's own archive, untouched, or the pages made one, in an archive of
        ours. ``safe`` is a CSV that a spreadsheet can open without harm, in UTF-8 with its mark;
        calendars have none. Done again, it makes the same files again.

        Args:
            job_id: Our id of the export.
            pages: All its pages, in their order.
            name: What the files are called for the person, without an ending.
            file_type: What they hold.

        Returns:
            Nothing where the CRM's archives held no file.

        Raises:
            TryLater: ``archive_no_room``; ``archive_broken``: a page was damaged on disk, or
                can't be read; ``archive_worker_lost``.
            Gone: ``archive_gone``: a page isn't here.
            Fault: ``archive_pages_differ``: pages with other columns than the first.
                ``archive_too_large``.
        """
        name = clean_name(name)
        sizes = [self._measured(job_id, page, file_type) for page in pages]
        if not any(sizes):
            return ()
        copied = int(_GROWTH * sum(sizes)) if file_type is FileType.CSV else 0
        wanted = copied + sum(page.bytes for page in pages)
        if wanted > self._limits.total:
            raise Fault("archive_too_large")
        need_room(self._folder, self._limits, wanted)
        raw = self.raw(job_id, pages, name=name, file_type=file_type)
        if file_type is not FileType.CSV:
            return (raw,)
        return self.safe_copy(job_id, pages, name=name), raw

    def raw(
        self, job_id: str, pages: Sequence[ExportPage], *, name: str, file_type: FileType
    ) -> ExportFile:
        """Make ``raw``: one page handed on as it is, or several made one; see ``finish``."""
        if len(pages) == 1:
            return self._handed_on(job_id, pages[0], f"{name}.zip")
        contents = (self._content(job_id, page, file_type) for page in pages)
        one = merged(contents) if file_type is FileType.ICS else joined(contents)
        return self._written(job_id, "raw", f"{name}.zip", zipped(f"{name}.{file_type}", one))

    def safe_copy(self, job_id: str, pages: Sequence[ExportPage], *, name: str) -> ExportFile:
        """Make ``safe``; see ``finish``."""
        contents = (self._content(job_id, page, FileType.CSV) for page in pages)
        records = made_safe(whole_records(_unmarked(joined(contents))))
        return self._written(job_id, "safe", f"{name}.csv", chain((MARK,), records))

    def settle(self, job_id: str) -> None:
        """Let go of the pages of an export whose files are made and noted."""
        self._drop(job_id, keep={self.path(job_id, kind).name for kind in _KINDS})

    def remove(self, job_id: str) -> None:
        """Let go of everything of one export."""
        self._drop(job_id, keep=())

    def sweep(self, known: Callable[[], Collection[str]]) -> int:
        """Remove what killed writers left behind, and the files of exports nobody knows.

        Args:
            known: Gives the ids of the exports whose files stay. It is asked after the folder
                was looked through: an export is noted before it has a file.

        Returns:
            How many files went.
        """
        found = list(self._folder.iterdir())
        stay = known()
        gone = 0
        for path in found:
            job_id = path.name.partition(".")[0]
            if abandoned(path) if path.suffix == PART else job_id not in stay:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _drop(self, job_id: str, keep: Collection[str]) -> None:
        for path in self._folder.glob(file_name(job_id, "*")):
            if path.name not in keep:
                path.unlink(missing_ok=True)
        sync(self._folder)

    def _rows(self, file: io.FileIO, file_type: FileType) -> int:
        """Return how many rows an archive holds, having read all of it."""
        counter: Counter = CsvRows() if file_type is FileType.CSV else EventRows()
        entry = entry_of(file, f".{file_type}", self._limits)
        for piece in unpacked(file, entry) if entry else ():
            counter.feed(piece)
        return counter.rows

    @contextmanager
    def _open(self, job_id: str, number: int) -> Iterator[io.FileIO]:
        path = self._folder / _page(job_id, number)
        try:
            file = path.open("rb", buffering=0)
        except FileNotFoundError:
            raise Gone("archive_gone") from None
        with file:
            yield file

    def _entry(self, file: io.FileIO, page: ExportPage, file_type: FileType) -> Entry | None:
        if os.fstat(file.fileno()).st_size != page.bytes:
            raise broken("length")
        return entry_of(file, f".{file_type}", self._limits)

    def _measured(self, job_id: str, page: ExportPage, file_type: FileType) -> int:
        with self._open(job_id, page.number) as file:
            entry = self._entry(file, page, file_type)
        return entry.size if entry else 0

    def _content(self, job_id: str, page: ExportPage, file_type: FileType) -> Iterator[bytes]:
        with self._open(job_id, page.number) as file:
            entry = self._entry(file, page, file_type)
            if entry:
                yield from unpacked(file, entry)

    def _handed_on(self, job_id: str, page: ExportPage, name: str) -> ExportFile:
        """Give the page a second name: not a byte is copied."""
        target = self.path(job_id, "raw")
        target.unlink(missing_ok=True)
        with suppress(FileExistsError):  # another worker did the same just now
            target.hardlink_to(self._folder / _page(job_id, page.number))
        sync(self._folder)
        return ExportFile(kind="raw", name=name, bytes=page.bytes, sha256=page.sha256)

    def _written(self, job_id: str, kind: str, name: str, content: Iterable[bytes]) -> ExportFile:
        with part(self._folder, self._limits) as making:
            for piece in content:
                making.write(piece)
            digest = making.keep(self.path(job_id, kind).name)
        return ExportFile(kind=kind, name=name, bytes=making.size, sha256=digest)


def _page(job_id: str, number: int) -> str:
    return file_name(job_id, f"{number:d}.zip")


def _unmarked(content: Iterator[bytes]) -> Iterator[bytes]:
    yield next(content, b"").removeprefix(MARK)
    yield from content
