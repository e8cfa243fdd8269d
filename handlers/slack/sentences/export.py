"""What a person reads about their exports; every sentence ends with the next step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.domain.export import JobState
from bot.domain.export_job import ExportJob, ExportState, Progress
from handlers.slack.ids import Commands
from handlers.slack.sentences import apologies

TITLE: Final = "Export of {module} ({id})"
OPEN: Final = "Open the download page"

QUEUED: Final = "The CRM is about to be asked. There is nothing to do: this message changes."
STATES: Final[Mapping[str, str]] = {
    JobState.ADDED.value: "The CRM has queued {page}{so_far}. There is nothing to do: wait here.",
    JobState.QUEUED.value: "The CRM has queued {page}{so_far}. There is nothing to do: wait here.",
    JobState.IN_PROGRESS.value: "The CRM is reading {page}{so_far}. There is nothing to do: wait here.",
}
"""By the CRM's own word."""
FETCHING: Final = "Fetching {page}: {rows}{so_far}. There is nothing to do: wait here."
FINISHING: Final = "Making the file: {rows}. There is nothing to do: wait here."
WAITING: Final = "{why} There is nothing to do: Parley goes on by itself."
PAUSED: Final = (
    "Paused. {why} It goes on by itself as soon as you connect {account} again: "
    "type `{crm} connect`."
)
DONE: Final = "Ready: {rows}, {size}. It is yours alone until {until}, and is deleted then. Press “Open the download page”."
EMPTY: Final = "Done: no record fits, so there is no file. Ask for others with `{export}`."
SHORT: Final = (
    "Not everything is in it: the CRM spoke of {promised}{more}, and the file has {rows}. "
    "Check it before you rely on it, or export again with `{export}`."
)
MORE: Final = " and of further pages"
CANCELLED: Final = "Cancelled; what there was of it is deleted. Start another with `{export}`."
DISCONNECTED: Final = (
    "Ended, since you disconnected; what there was of it is deleted. "
    "Type `{crm} connect`, then `{export}`, to start anew."
)
OLDER: Final = (
    "Ended, since Parley had to go back to an older copy of what it remembers. "
    "If there was a link, it no longer opens. Export again with `{export}`."
)
EXPIRED: Final = "Its time is over, and the file is deleted. Export again with `{export}`."
FAILED: Final = "Failed. {why}"
NOTICE_DONE: Final = "Your export of {module} is ready: {rows}, {size}, until {until}. Press “Open the download page”."
NOTICE_EMPTY: Final = (
    "Your export of {module} is done: no record fits, so there is no file. "
    "Ask for others with `{export}`."
)
NOTICE_FAILED: Final = "Your export of {module} failed. {why}"
CHECKSUM: Final = "SHA-256 of {name} ({size}): `{sha256}`"

ERRORS: Final[Mapping[str, str]] = {
    # Starting
    "exports_yours_full": "You have {limit} exports running. Wait for one, or type `{export} list` to stop one.",
    "exports_full": "{limit} exports are running in your workspace. Try again when one is done.",
    "exports_storage_full": "There is no room for another export just now. Try again when older files have gone.",
    "export": "There is no such export of yours. Type `{export} list` to see them.",
    "export_form": "This form was sent before, or is too old. Type `{export}` to open a new one.",
    "export_ended": "That export has ended already. Type `{export} list` to see yours.",
    # Ends
    "export_failed": "The CRM gave it up and says: “{reason}”. Export again with `{export}`.",
    "export_stuck": "The CRM didn't get on with it for six hours. Export again later with `{export}`.",
    "export_waited": "{late} It stayed so for six hours. Export again later with `{export}`.",
    "export_no_room": "Parley had no room for its files for six hours. Tell your administrator, and export again later with `{export}`.",
    "export_unanswered": "The CRM was asked four times and never answered. Export again later with `{export}`.",
    "export_gone": "The CRM deleted its result twice before it could be fetched. Export again with `{export}`.",
    "export_broken": "What the CRM sends is broken each time it is fetched. Export again later with `{export}`.",
    "export_pages": "The CRM gave the same page twice. Narrow it with “where”, and export again with `{export}`.",
    "archive_refused": "The CRM's result isn't an archive I trust ({why}). Give your administrator this message.",
    "archive_too_large": "It is larger than I may keep. Narrow it with “where”, and export again with `{export}`.",
    "archive_pages_differ": "Its fields changed in your CRM between two pages. Export again with `{export}`.",
    "archive_gone": "A part of it was deleted here before the file was made. Export again with `{export}`.",
    "export_not_resumed": "Nobody connected the account again for a week. Type `{crm} connect`, then `{export}`.",
    "incident": "Something went wrong on Parley's side (incident {incident}). Try `{export}` again; if it stays, give your administrator that number.",
    "crm_refused": "Your CRM refuses it ({crm_code}) and says: “{message}”. Change what you ask for, and export again with `{export}`.",
    "crm_too_large": "Your CRM's answer is larger than I may keep. Narrow it with “where”, and export again with `{export}`.",
    "crm_permission": "Your CRM account may not read that. Ask your CRM administrator for the right to export.",
    # Waits and pauses
    "crm_answer_lost": "The CRM's answer was lost. It is asked again in a quarter of an hour, if it doesn't call first.",
    "crm_unreachable": "Your CRM can't be reached just now.",
    "crm_down": "Your CRM has a fault just now.",
    "crm_slow": "Your CRM is slow to answer just now.",
    "crm_limit": "Your CRM asks to wait: it was asked too often, or its daily credits are used up.",
    "token_limit": "Your CRM gave out too many sign-ins in ten minutes.",
    "token_busy": "Your CRM connection is being renewed.",
    "storage_busy": "Parley's memory is busy just now.",
    "archive_broken": "The CRM's result arrives broken.",
    "archive_no_room": "Parley has no room for its files just now.",
    "archive_worker_lost": "Parley's machine is short of memory just now.",
    "other_account": "Another CRM account is connected in its place.",
    "none": "Your CRM account isn't connected any more.",
    "pending": "Your CRM account waits for its code.",
    "revoked": "Your CRM no longer accepts the connection.",
    "unreadable": "Parley can no longer read your CRM connection.",
    "scope": "Your CRM connection lacks the permission to export.",
}
"""By error code; the codes that aren't here are told as everywhere."""
UNSAID: Final[Mapping[str, tuple[str, str]]] = {
    "export_failed": (
        "reason",
        "The CRM gave it up and doesn't say why. Export again with `{export}`.",
    ),
    "crm_refused": (
        "message",
        "Your CRM refuses it ({crm_code}) and doesn't say why. Ask for something else with `{export}`.",
    ),
    "export_field_refused": (
        "name",
        "Your CRM doesn't export one of the fields, and doesn't say which. Choose fewer.",
    ),
    "export_where_refused": (
        "name",
        "Your CRM doesn't take one of the conditions, and doesn't say which. Change them.",
    ),
}
"""By error code: the value that the CRM may leave empty, and what is said then."""


def title(job: ExportJob) -> str:
    """Return what the export is called."""
    return TITLE.format(module=job.query["module"], id=job.id)


def status(job: ExportJob, commands: Commands, until: str) -> str:
    """Return how far a job is, as plain text.

    Args:
        job: Which.
        commands: The slash commands' names here.
        until: When its files go, as it is to be read.
    """
    noted = job.progress
    names = {"export": commands.export, "crm": commands.crm}
    match job.state:
        case ExportState.DONE if not noted.files:
            return EMPTY.format(**names)
        case ExportState.DONE:
            return DONE.format(rows=rows(noted.rows), size=_sizes(noted), until=until)
        case ExportState.FAILED:
            return FAILED.format(why=why(noted, commands))
        case ExportState.PAUSED:
            return PAUSED.format(why=why(noted, commands), account=noted.account, **names)
        case ExportState.CANCELLED | ExportState.EXPIRED:
            ends = {"disconnected": DISCONNECTED, "older_database": OLDER}
            usual = CANCELLED if job.state is ExportState.CANCELLED else EXPIRED
            return ends.get(noted.why, usual).format(**names)
        case _:
            return WAITING.format(why=why(noted, commands)) if noted.why else _working(job)


def notice(job: ExportJob, commands: Commands, until: str) -> str:
    """Return what is said once when a job is done or has failed, as plain text."""
    noted, module = job.progress, job.query["module"]
    if job.state is ExportState.FAILED:
        return NOTICE_FAILED.format(module=module, why=why(noted, commands))
    if not noted.files:
        return NOTICE_EMPTY.format(module=module, export=commands.export)
    return NOTICE_DONE.format(module=module, rows=rows(noted.rows), size=_sizes(noted), until=until)


def shortage(noted: Progress, commands: Commands) -> str | None:
    """Return what is said loudly when not everything is in the files; None when it is."""
    if not noted.short:
        return None
    more = MORE if noted.rows >= noted.told_rows else ""
    return SHORT.format(
        promised=rows(noted.told_rows), more=more, rows=rows(noted.rows), export=commands.export
    )


def checksums(noted: Progress) -> tuple[str, ...]:
    """Return a line for each file."""
    return tuple(
        CHECKSUM.format(name=one.name, size=size(one.bytes), sha256=one.sha256)
        for one in noted.files
    )


def why(noted: Progress, commands: Commands) -> str:
    """Return the sentence of what a job waits for or failed of, as plain text."""
    line = told(noted.why, noted.values)
    if line is None:
        return apologies.sentence(noted.why, noted.values, commands=commands)
    values = dict(noted.values)
    if "late" in values:
        values["late"] = ERRORS.get(values["late"], ERRORS["crm_slow"])
    return line.format(**values, export=commands.export, crm=commands.crm)


def told(code: str, values: Mapping[str, object]) -> str | None:
    """Return the line of an error here, its values still to be filled in; None without one."""
    empty, line = UNSAID.get(code, ("", ""))
    return ERRORS.get(code) if values.get(empty, True) else line


def moment(at: datetime | None) -> str:
    """Return a moment as Slack shows it in the reader's zone (Slack, "Formatting text")."""
    if at is None:
        return ""
    shown = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{shown}>"


def rows(count: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def size(count: int) -> str:
    """Return a number of bytes in a unit people read."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"


def _working(job: ExportJob) -> str:
    noted = job.progress
    page = f"page {job.page} of {noted.pages}" if noted.pages > 1 else f"page {job.page}"
    so_far = f" ({rows(noted.rows)} so far)" if noted.rows else ""
    match job.state:
        case ExportState.RUNNING:
            return STATES.get(noted.crm_state, QUEUED).format(page=page, so_far=so_far)
        case ExportState.FETCHING:
            return FETCHING.format(page=page, rows=rows(noted.promised), so_far=so_far)
        case ExportState.FINISHING:
            return FINISHING.format(rows=rows(noted.rows))
        case _:
            return QUEUED


def _sizes(noted: Progress) -> str:
    return size(noted.files[0].bytes)
