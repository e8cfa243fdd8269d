"""An export from its start to its told end, whatever the CRM and Slack do in between."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from bot.crm.accounts import SCOPES
from bot.domain.connection import DataCenter, GrantState, Owner
from bot.domain.export import Query
from bot.domain.export_job import ExportJob, ExportState
from bot.errors import Gone
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from handlers.sandbox.slack.steering import steer
from tests.journeys.exports.export_bench import CREATE, HOURS, LOOK, RESULT, Bench
from tests.journeys.exports.export_killable import OWNER
from tests.journeys.steps import agrees, answer, calls, later, link_of


def test_two_pages_become_one_file_told_by_one_message_and_one_notice(bench: Bench) -> None:
    """The message shows each state in turn; the notice comes once, in its thread."""
    leads = len(bench.sandbox.crm.world.records("Leads"))
    job_id = bench.starts()
    seen: list[str] = []

    def news() -> bool:
        text = bench.texts()[0] if bench.texts() else ""
        if text not in seen:
            seen.append(text)
        return bench.job(job_id).noticed

    bench.life.until(news)
    job = bench.ends(job_id)
    message, notice = bench.dev.messages()

    shown = "\n".join(seen)
    for words in ("queued page 1", "queued page 2 (127 rows so far)", "Ready: 254 rows"):
        assert words in shown
    assert (leads, leads, 2) == (job.progress.rows, job.progress.told_rows, job.page)
    assert notice["raw"]["thread_ts"] == message["ts"]
    safe, raw = job.progress.files
    assert safe.sha256 in message["text"]
    assert raw.sha256 in notice["text"]
    assert f"Your export of Leads is ready: {leads} rows" in notice["text"]
    assert ["Open the download page"] == notice["buttons"]
    content = (bench.life.folder / "exports" / f"{job_id}.safe.csv").read_bytes()
    assert safe.sha256 == sha256(content).hexdigest()
    assert leads + 1 == content.count(b"\n")


def test_nothing_found_is_a_success_without_a_file(bench: Bench) -> None:
    """Nothing is downloaded either."""
    for record in list(bench.sandbox.crm.world.records("Leads")):
        del bench.sandbox.crm.world.records("Leads")[record]
    job = bench.ends(bench.starts())

    assert (ExportState.DONE, ()) == (job.state, job.progress.files)
    assert 0 == bench.asked("GET", RESULT)
    assert "no record fits" in bench.texts()[0]
    assert "no record fits" in bench.texts()[1]


def test_a_failure_is_told_with_the_crms_reason(bench: Bench) -> None:
    """In the message and in one notice; nothing stays on disk."""
    bench.turn(fails=True)
    job_id = bench.starts()
    job = bench.ends(job_id)

    assert ExportState.FAILED is job.state
    message, notice = bench.texts()
    assert "“Internal server error occurred.”" in message
    assert "Your export of Leads failed" in notice
    assert [] == list((bench.life.folder / "exports").iterdir())


def test_a_lost_create_is_adopted_by_its_callback(bench: Bench) -> None:
    """The id in the callback is asked about at the CRM; the page is asked for once."""
    bench.arm("cut_after", "POST", CREATE)
    job_id = bench.starts()
    bench.becomes(job_id, ExportState.CREATING)
    crm_job = bench.sandbox.crm.queue.jobs()[0].id
    bench.life.advance(60)
    token, body = bench.callback(), json.dumps({"data": [{"id": crm_job}]}).encode()
    assert bench.life.export.called_back(token, body, bench.life.now())
    bench.becomes(job_id, ExportState.RUNNING)

    assert crm_job == bench.job(job_id).crm_job
    assert ExportState.DONE is bench.ends(job_id).state
    assert 2 == bench.asked("POST", CREATE)


def test_a_callback_that_names_another_job_is_not_believed(bench: Bench) -> None:
    """One the CRM doesn't know: the page is asked for again after a quarter of an hour."""
    bench.arm("cut_after", "POST", CREATE)
    job_id = bench.starts()
    bench.becomes(job_id, ExportState.CREATING)
    bench.life.advance(60)
    body = b'{"data": [{"id": "5876012000009999999"}]}'
    before = bench.life.now()
    assert bench.life.export.called_back(bench.callback(), body, before)
    bench.becomes(job_id, ExportState.RUNNING)

    assert timedelta(minutes=15) <= bench.life.now() - before < timedelta(minutes=16)
    orphan = bench.callback()
    assert ExportState.DONE is bench.ends(job_id).state
    assert 3 == bench.asked("POST", CREATE)
    assert not bench.life.export.called_back(orphan, b"", bench.life.now())


def test_a_hundred_callbacks_at_once_are_one_look_and_one_notice(bench: Bench) -> None:
    """They come while the next look is three seconds off, and after the end again."""
    bench.turn(csv_rows=1000)
    job_id = bench.starts()
    bench.life.until(lambda: bench.job(job_id).progress.looks == 1)
    bench.life.advance(2.5)
    token, known = bench.callback(), []

    def calls_back() -> None:
        known.append(bench.life.export.called_back(token, b"{}", bench.life.now()))

    for _ in range(2):
        threads = [threading.Thread(target=calls_back) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        job = bench.ends(job_id)

    assert [True] * 200 == known
    assert (ExportState.DONE, 2) == (job.state, bench.asked("GET", LOOK))
    assert 2 == len(bench.texts())


def test_a_create_that_is_never_answered_ends_told(bench: Bench) -> None:
    """After four tries, a quarter of an hour apart."""
    bench.arm("cut_before", "POST", CREATE, times=None)
    job = bench.ends(bench.starts())

    assert ("failed", "export_unanswered") == (job.state, job.progress.why)
    assert "asked four times and never answered" in bench.texts()[-1]


def test_a_refused_query_is_told_at_once(bench: Bench) -> None:
    """What the CRM refuses isn't tried again."""
    job = bench.ends(bench.starts(Query(module="Leads", fields=("No_Such_Field",))))

    assert ExportState.FAILED is job.state
    assert 1 == bench.asked("POST", CREATE)
    assert "No_Such_Field" in bench.texts()[-1]


def test_a_crm_that_asks_to_wait_is_waited_for_and_said(bench: Bench) -> None:
    """Used-up credits, or too many calls: after three the message says so, then it goes on."""
    bench.arm("throttle", "GET", LOOK, times=4)
    job_id = bench.starts()
    bench.life.until(lambda: any("asks to wait" in text for text in bench.texts()))
    job = bench.ends(job_id)

    assert ExportState.DONE is job.state
    assert "Ready" in bench.texts()[0]
    assert 2 == len(bench.texts())


def test_after_six_hours_without_getting_on_it_is_given_up(bench: Bench) -> None:
    """Looks come further and further apart, a minute at most; the end is told."""
    bench.turn(job_seconds=100 * HOURS)
    began = bench.life.now()
    job_id = bench.starts()
    waits = []
    for looks in range(1, 14):
        bench.life.until(lambda looks=looks: bench.job(job_id).progress.looks == looks)  # type: ignore[misc]  # bound now
        job = bench.job(job_id)
        assert job.due is not None
        waits.append(round((job.due - job.updated_at).total_seconds(), 1))
    bench.life.advance(5.99 * HOURS)
    job = bench.ends(job_id)

    assert [3.0, 4.5, 6.8, 10.1, 15.2, 22.8, 34.2, 51.3, 60.0] == waits[:9]
    assert {60.0} == set(waits[8:])
    assert ("failed", "export_stuck") == (job.state, job.progress.why)
    assert timedelta(hours=6) <= bench.life.now() - began < timedelta(hours=6, minutes=9)
    assert "six hours" in bench.texts()[-1]


def test_a_result_that_is_gone_is_made_anew_once(bench: Bench) -> None:
    """The second time it has failed."""
    gone = {"code": "RESOURCE_NOT_FOUND", "message": "no", "details": {}, "status": "error"}
    bench.arm("answer", "GET", RESULT, status=404, body=gone)
    first = bench.ends(bench.starts())
    assert (ExportState.DONE, 3) == (first.state, bench.asked("POST", CREATE))
    bench.arm("answer", "GET", RESULT, status=404, body=gone, times=2)
    second = bench.ends(bench.starts(seed="second"))
    assert ("failed", "export_gone") == (second.state, second.progress.why)


def test_a_broken_download_is_repeated_and_then_made_anew(bench: Bench) -> None:
    """Four downloads of one result, one new result, four of that: then it has failed."""
    half = {"headers": {"Content-Type": "application/zip"}, "body": "PK half an archive"}
    bench.arm("answer", "GET", RESULT, status=200, **half)
    assert ExportState.DONE is bench.ends(bench.starts()).state
    before = bench.asked("POST", CREATE)
    bench.arm("answer", "GET", RESULT, status=200, times=None, **half)
    job_id = bench.starts(seed="second")
    job = bench.ends(job_id)

    assert ("failed", "export_broken") == (job.state, job.progress.why)
    assert 2 == bench.asked("POST", CREATE) - before
    assert [] == [p for p in (bench.life.folder / "exports").iterdir() if job_id in p.name]


def test_a_shorter_file_than_promised_is_said_loudly(bench: Bench) -> None:
    """The rows are counted; what is missing stands in the message and in the notice."""
    job_id = bench.starts()
    promised = bench.reaches(job_id, ExportState.FETCHING)
    more = replace(promised.progress, promised=promised.progress.promised + 40)
    bench.life.memory.exports.keep(promised, replace(promised, progress=more), now=bench.life.now())
    job = bench.ends(job_id)

    assert (254, 294, True) == (job.progress.rows, job.progress.told_rows, job.progress.short)
    for text in bench.texts():
        assert "Not everything is in it: the CRM spoke of 294 rows, and the file has 254" in text


def test_a_page_damaged_on_disk_is_never_handed_out(bench: Bench) -> None:
    """What was kept is checked again when the file is made of it."""
    job_id = bench.starts()
    bench.reaches(job_id, ExportState.FINISHING)
    page = bench.life.folder / "exports" / f"{job_id}.1.zip"
    content = bytearray(page.read_bytes())
    content[len(content) // 2] ^= 1
    page.write_bytes(content)
    job = bench.ends(job_id)

    assert ("failed", "archive_gone") == (job.state, job.progress.why)
    assert [] == list((bench.life.folder / "exports").iterdir())


def test_nothing_of_somebody_who_left_stays(bench: Bench) -> None:
    """Their exports go with the rest of them, under way or done; a late worker clears up."""
    bench.ends(bench.starts())
    running = bench.starts(seed="second")
    bench.reaches(running, ExportState.FETCHING)
    in_hand = bench.life.memory.exports.claim(bench.life.now(), 60)
    assert in_hand is not None
    bench.life.memory.remains.of_person(OWNER)
    bench.life.steps.step(in_hand)
    bench.life.archives.sweep(bench.life.memory.exports.known)

    assert () == bench.life.export.jobs(OWNER)
    assert [] == list((bench.life.folder / "exports").iterdir())


def test_downloads_keep_to_ten_a_minute(bench: Bench) -> None:
    """Twelve pages wait for their turn; the CRM never has to refuse one."""
    bench.turn(csv_rows=22, job_seconds=0.1)
    job = bench.ends(bench.starts())

    assert (ExportState.DONE, 12) == (job.state, job.page)
    statuses = [
        one["status"]
        for one in bench.sandbox.crm.traffic.listing(method="GET")
        if one["path"].endswith("/result")
    ]
    assert [200] * 12 == statuses


def test_a_file_is_deleted_when_its_time_is_over(bench: Bench) -> None:
    """And the message says so, once; no second notice."""
    job_id = bench.starts()
    bench.ends(job_id)
    bench.life.advance(31 * 24 * HOURS)
    job = bench.ends(job_id)

    assert ExportState.EXPIRED is job.state
    assert [] == list((bench.life.folder / "exports").iterdir())
    assert 2 == len(bench.texts())
    assert "Its time is over" in bench.texts()[0]


def test_a_cancelled_export_ends_at_once_and_leaves_nothing(bench: Bench) -> None:
    """Whoever has it in hand is too late; somebody else's can't be cancelled."""
    job_id = bench.starts()
    bench.reaches(job_id, ExportState.FETCHING)
    in_hand = bench.life.memory.exports.claim(bench.life.now(), 60)
    assert in_hand is not None
    with pytest.raises(Gone, match="export"):
        bench.life.export.cancel(Owner("T0PARLEY", "U0BEN"), job_id, bench.life.now())
    bench.life.export.cancel(OWNER, job_id.upper(), bench.life.now())
    bench.life.steps.step(in_hand)
    job = bench.ends(job_id)

    assert ExportState.CANCELLED is job.state
    assert [] == list((bench.life.folder / "exports").iterdir())
    assert 1 == len(bench.texts())
    assert "Cancelled" in bench.texts()[0]
    with pytest.raises(Gone, match="export_ended"):
        bench.life.export.cancel(OWNER, job_id, bench.life.now())


def test_again_asks_for_the_same(bench: Bench) -> None:
    """With the account in use; the list has both, the newest first."""
    bench.turn(fails=True)
    first = bench.starts()
    bench.ends(first)
    bench.turn(fails=False)
    again = bench.life.export.again(OWNER, first, seed="again", now=bench.life.now())

    assert ExportState.DONE is bench.ends(again.id).state
    assert bench.job(first).query == again.query
    assert [again.id, first] == [job.id for job in bench.life.export.jobs(OWNER)]


def test_a_request_done_twice_is_one_export(bench: Bench) -> None:
    """Its worker was killed before it was marked done."""
    assert bench.starts() == bench.starts()
    assert 1 == len(bench.life.export.jobs(OWNER))


def test_an_export_of_another_crm_user_is_never_carried_on(bench: Bench) -> None:
    """The connection is somebody else's account by now: it is paused, and nothing is asked."""
    job_id = bench.starts()
    job = bench.job(job_id)
    grant = bench.life.memory.grants.get(job.grant_id)
    assert grant is not None
    other = replace(grant.account, user_id="77", email="other@example.com")
    bench.life.memory.grants.keep(
        OWNER, DataCenter.US, other, grant.tokens, state=GrantState.ACTIVE, now=bench.life.now()
    )
    paused = bench.becomes(job_id, ExportState.PAUSED)

    assert "other_account" == paused.progress.why
    assert 0 == bench.asked("POST", CREATE)
    assert "Another CRM account" in bench.texts()[0]
    bench.life.memory.grants.keep(
        OWNER,
        DataCenter.US,
        grant.account,
        grant.tokens,
        state=GrantState.ACTIVE,
        now=bench.life.now(),
    )
    assert ExportState.DONE is bench.ends(job_id).state


def test_a_pause_ends_after_a_week(bench: Bench) -> None:
    """Told, like every end."""
    job_id = bench.starts()
    bench.life.memory.grants.forget(bench.job(job_id).grant_id)
    bench.becomes(job_id, ExportState.PAUSED)
    bench.life.advance(7 * 24 * HOURS)
    job = bench.ends(job_id)

    assert ("failed", "export_not_resumed") == (job.state, job.progress.why)
    assert "Nobody connected the account again" in bench.texts()[-1]


@pytest.mark.parametrize("scope", ["im:history", "none"])
def test_lost_answers_of_slack_double_nothing(bench: Bench, scope: str) -> None:
    """Without ``im:history`` the notice comes at most once, and the message is right always."""
    if scope == "im:history":
        for method in ("conversations.history", "conversations.replies"):
            steer(bench.control_url, "faults", method=method, error="missing_scope", times=99)
    job_id = bench.starts()
    bench.becomes(job_id, ExportState.FETCHING)
    steer(bench.control_url, "faults", method="chat.postMessage", cut_after=True)
    steer(bench.control_url, "faults", method="chat.update", cut_after=True)
    bench.ends(job_id)
    texts = bench.texts()

    assert "Ready: 254 rows" in texts[0]
    assert 2 == len(texts)
    assert "Your export of Leads is ready" in texts[1]


def test_the_workspace_sees_it_all_by_itself(place: Workplace, dev: Person) -> None:
    """The bot as it is served: its threads, the CRM's own callback, and one that is forged."""
    place.control("/control/switches", {"bulk.job_seconds": 0.5})
    begun(place, dev)
    dev.wait_for(lambda: "Your export of Contacts is ready" in dev.dm_text(), seconds=20)

    assert 1 == dev.dm_text().count("Export of Contacts")
    assert 1 == dev.dm_text().count("Your export of Contacts is ready")
    callback = next(one for one in calls(place, CREATE))["body"]["callback"]["url"]
    assert callback.startswith(place.house.settings.public_url)
    assert [200, 404, 413] == [
        posted(callback, b"{}"),
        posted(f"{callback[:-4]}AAAA", b"{}"),
        posted(callback, b"x" * 70_000),
    ]


def test_a_revoked_connection_pauses_it_until_the_same_account_is_back(
    place: Workplace, dev: Person
) -> None:
    """Told once, and in its message; it goes on where it was."""
    place.control("/control/switches", {"bulk.job_seconds": 600.0, "bulk.callbacks": "never"})
    job = begun(place, dev)
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    later(place, minutes=5)
    dev.wait_for(lambda: "Paused. Your CRM no longer accepts" in dev.dm_text())
    dev.wait_for(lambda: "The CRM no longer accepts the link" in dev.dm_text())
    later(place, minutes=5)
    agrees(link_of(dev), "dev@example.com")
    later(place, minutes=1)
    dev.wait_for(lambda: "Your export of Contacts is ready" in dev.dm_text(), seconds=20)

    assert 1 == dev.dm_text().count("The CRM no longer accepts the link")
    assert 1 == len(calls(place, CREATE))
    assert 1 == len([one for one in dev.messages() if job.id in one["text"]])


def test_whoever_disconnects_ends_their_exports(place: Workplace, dev: Person) -> None:
    """The one that runs is cancelled; the files of the other one are gone at once."""
    place.control("/control/switches", {"bulk.job_seconds": 0.5})
    done = begun(place, dev)
    dev.wait_for(lambda: "Your export of Contacts is ready" in dev.dm_text(), seconds=20)
    place.control("/control/switches", {"bulk.job_seconds": 600.0})
    running = begun(place, dev, module="Leads")
    dev.types("/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: dev.dm_text().count("Ended, since you disconnected") == 2)

    memory = place.house.memory
    states = {job.id: job.state for job in memory.exports.of(OWNER)}
    assert {done.id: ExportState.EXPIRED, running.id: ExportState.CANCELLED} == states
    dev.wait_for(lambda: not list((place.house.settings.data_dir / "exports").iterdir()))


def test_who_connected_before_there_were_own_modules_is_told(place: Workplace, dev: Person) -> None:
    """Without their permission such a module isn't exported, and all others are."""
    less = [scope for scope in SCOPES if "modules.custom" not in scope]
    place.control("/control/crm/users/dev@example.com", {"scopes": less})
    assert "lacks the permission to export" in answer(dev, "/export Site_Visits")
    assert "has started" in answer(dev, "/export Leads")


def test_again_waits_for_a_connection(place: Workplace, dev: Person) -> None:
    """Who disconnected and presses “Again” connects, and then has just that export."""
    place.control("/control/switches", {"bulk.job_seconds": 0.5})
    begun(place, dev)
    dev.wait_for(lambda: "Your export of Contacts is ready" in dev.dm_text(), seconds=20)
    dev.types("/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Ended, since you disconnected" in dev.dm_text())
    assert "Export of Contacts" in answer(dev, "/export list")
    dev.press("Again")
    dev.wait_for(lambda: "isn't linked yet" in dev.messages("C0GENERAL")[-1]["text"])
    agrees(str(dev.press("Connect Zoho CRM")), "dev@example.com")
    dev.press("Export now")
    dev.wait_for(lambda: "has started" in dev.messages("C0GENERAL")[-1]["text"])
    dev.wait_for(lambda: 2 == len(calls(place, CREATE)))

    first, again = (one["body"]["query"] for one in calls(place, CREATE))
    assert first == again


def begun(place: Workplace, dev: Person, module: str = "Contacts") -> ExportJob:
    """Start an export as Dev; return it once its message is there."""
    memory = place.house.memory
    grant = memory.grants.in_use(OWNER)
    assert grant is not None
    export, query = place.house.exporting.journey, Query(module=module)
    job = export.start(OWNER, grant, query, seed=module, now=place.house.clock())
    dev.wait_for(lambda: job.id in dev.dm_text())
    return job


def posted(url: str, body: bytes) -> int:
    """POST as anybody could; return the status."""
    parts = urlsplit(url)
    line = HTTPConnection(parts.netloc, timeout=10)
    line.request("POST", parts.path, body)
    status = line.getresponse().status
    line.close()
    return status
