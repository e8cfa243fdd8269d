"""kill -9 anywhere leaves no half file under its name, and the work can be done again."""

from pathlib import Path

import pytest

from tests.processes import running


@pytest.mark.slow
def test_whatever_is_killed_leaves_whole_files_alone(memory_folder: Path, soak: bool) -> None:
    """At random moments of receiving and finishing; done again it makes the same files."""
    times = 5_000 if soak else 200
    arguments = ["tests.store.archives.killed_archives", str(memory_folder / "exports"), str(times)]
    with running(*arguments, folder=memory_folder) as process:
        assert process.said, process.log.read_text()
        killed, states = map(int, process.said.split())
    assert times == killed
    assert states >= 4, "kills came early and late"
