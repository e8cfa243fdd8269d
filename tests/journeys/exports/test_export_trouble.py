"""Exports in trouble that is ours, or that nobody expects: told, and never made worse."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from bot.domain.connection import DataCenter, GrantState, Owner, Secret
from bot.domain.export import Query
from bot.domain.export_job import ExportState
from bot.errors import TryLater
from handlers.bells import Bell
from handlers.slack.exports.telling import ExportTeller
from handlers.slack.ids import Commands
from handlers.web.downloads import DownloadPages
from handlers.web.http import Request
from store.backup import back_up
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring
from store.sealing.rotation import rotate
from tests.journeys.exports.export_bench import CREATE, HOURS, LOOK, RESULT, Bench
from tests.journeys.exports.export_killable import KEY, OWNER


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Content-Type": "text/html"}, "body": "<html>Please sign in</html>"},
        {"headers": {"Content-Type": "application/json"}, "body": "{}"},
        {"headers": {"Content-Type": "application/zip"}, "body": ""},
    ],
)
def test_what_is_no_archive_is_fetched_again(bench: Bench, sent: dict[str, object]) -> None:
    """As one that arrives broken: again, then made anew, and then told."""
    bench.arm("answer", "GET", RESULT, status=200, **sent)
    assert ExportState.DONE is bench.ends(bench.starts()).state
    before = bench.asked("POST", CREATE)
    bench.arm("answer", "GET", RESULT, status=200, times=None, **sent)
    job = bench.ends(bench.starts(seed="second"))

    assert ("failed", "export_broken") == (job.state, job.progress.why)
    assert 2 == bench.asked("POST", CREATE) - before


def test_a_full_disk_is_told_at_once_and_at_the_end(bench: Bench) -> None:
    """It isn't the CRM that didn't get on; with room again the export goes on."""
    job_id = bench.starts()
    bench.reaches(job_id, ExportState.FETCHING)
    others = bench.life.folder / "exports" / "others.raw.zip"
    with others.open("wb") as file:
        file.truncate(6 << 30)  # no byte of it is on the disk
    bench.life.until(lambda: "Parley has no room" in bench.texts()[0])
    assert 1 == bench.job(job_id).progress.tries
    others.rename(bench.life.folder / "elsewhere")
    assert ExportState.DONE is bench.ends(job_id).state

    second = bench.starts(seed="second")
    bench.reaches(second, ExportState.FETCHING)
    (bench.life.folder / "elsewhere").rename(others)
    job = bench.ends(second)
    assert ("failed", "export_no_room") == (job.state, job.progress.why)
    assert "no room for its files" in bench.texts()[-1]
    assert "six hours" in bench.texts()[-1]


def test_a_page_the_crm_took_hours_for_has_hours_to_be_fetched(bench: Bench) -> None:
    """Six hours are those in which nothing comes of it: a page that is ready is something."""
    bench.turn(job_seconds=5.9 * HOURS)
    bench.arm("throttle", "GET", RESULT, times=20)
    job_id = bench.starts()
    bench.reaches(job_id, ExportState.FETCHING)
    bench.turn(job_seconds=1.0)

    assert ExportState.DONE is bench.ends(job_id).state


def test_a_long_wait_is_told_when_it_begins(bench: Bench) -> None:
    """A CRM whose credits are used up, and which names an hour, isn't waited for in silence."""
    bench.arm("throttle", "GET", LOOK, headers={"Retry-After": "3600"})
    job_id = bench.starts()
    bench.life.until(lambda: bench.job(job_id).progress.tries == 1)
    bench.life.until(lambda: bench.life.memory.export_tellings.next_due() is None)

    assert "asks to wait" in bench.texts()[0]
    assert ExportState.DONE is bench.ends(job_id).state
    assert 2 == len(bench.texts())


def test_what_it_waited_for_to_the_end_is_named(bench: Bench) -> None:
    """Six hours of used-up credits aren't told as a CRM that didn't get on."""
    bench.arm("throttle", "GET", LOOK, times=None)
    job = bench.ends(bench.starts())

    assert ExportState.FAILED is job.state
    for text in bench.texts():
        assert "daily credits are used up" in text
        assert "six hours" in text


def test_a_lost_answer_is_told_while_it_is_waited_for(bench: Bench) -> None:
    """A quarter of an hour isn't "about to be asked"."""
    bench.arm("cut_after", "POST", CREATE)
    job_id = bench.starts()
    bench.becomes(job_id, ExportState.CREATING)
    assert "answer was lost" in bench.texts()[0]
    assert "goes on by itself" in bench.texts()[0]
    job = bench.ends(job_id)

    assert (ExportState.DONE, "") == (job.state, job.progress.why)
    assert 2 == len(bench.texts())


def test_a_file_bears_the_day_it_is_for_its_person(bench: Bench) -> None:
    """Their account's calendar counts, where it is yesterday still, or tomorrow already."""
    grant = bench.life.memory.grants.in_use(OWNER)
    assert grant is not None
    zone = ZoneInfo(grant.account.zone)
    now = bench.life.now()
    while now.astimezone(zone).date() == now.date():
        now += timedelta(hours=1)
    bench.life.advance((now - bench.life.now()).total_seconds())
    day = now.astimezone(zone).date()
    job = bench.ends(bench.starts())

    assert [f"Leads {day}.csv", f"Leads {day}.zip"] == [one.name for one in job.progress.files]


def test_again_pressed_twice_is_one_export(bench: Bench) -> None:
    """While the same runs, nothing new begins; when it has ended, it does."""
    first = bench.starts()
    bench.ends(first)
    now = bench.life.now
    again = bench.life.export.again(OWNER, first, seed="press", now=now())
    twice = bench.life.export.again(OWNER, first, seed="another press", now=now())
    other = bench.starts(Query(module="Leads"), seed="other")
    assert again.id == twice.id
    assert other not in (first, again.id)
    bench.ends(again.id)

    assert again.id != bench.life.export.again(OWNER, first, seed="third press", now=now()).id


def test_a_connection_that_cannot_be_read_is_asked_for_again(bench: Bench) -> None:
    """As one that was lost: it is paused, and whoever connects again has the export."""
    job_id, memory = bench.starts(), bench.life.memory
    bench.reaches(job_id, ExportState.RUNNING)
    grant = memory.grants.in_use(OWNER)
    assert grant is not None
    with memory.db.writing() as transaction:
        transaction.execute("UPDATE grants SET tokens = 'v1.lost.AAAA' WHERE id = ?", [grant.id])
    bench.becomes(job_id, ExportState.PAUSED)
    assert "can no longer read your CRM connection. It goes on by itself" in bench.texts()[0]


def test_who_listens_hears_of_news_alone(bench: Bench) -> None:
    """Not each second in which Slack hasn't taken a message yet: the Home tab asks the CRM."""
    memory = bench.life.memory
    heard: list[Owner] = []
    teller = ExportTeller(
        tellings=memory.export_tellings,
        outbox=memory.outbox,
        memory=memory,
        link_for=lambda job: job.id,
        commands=Commands(),
        bell=Bell(),
        clock=bench.life.now,
        told=lambda owner, _now: heard.append(owner),
    )
    job_id = bench.starts()
    for _ in range(5):
        assert teller.round()
        bench.life.advance(1.1)
    assert [OWNER] == heard
    bench.becomes(job_id, ExportState.RUNNING)
    bench.life.export.cancel(OWNER, job_id, bench.life.now())
    assert teller.round()
    assert [OWNER, OWNER] == heard


def test_without_room_nothing_is_started(bench: Bench) -> None:
    """Said before the CRM is asked; what runs already is the same export when asked twice."""
    job_id = bench.starts()
    others = bench.life.folder / "exports" / "others.raw.zip"
    with others.open("wb") as file:
        file.truncate(6 << 30)  # no byte of it is on the disk
    with pytest.raises(TryLater, match="exports_storage_full"):
        bench.starts(seed="second")
    assert job_id == bench.starts()
    others.unlink()
    assert job_id != bench.starts(seed="second")


def test_a_later_page_the_crm_gives_up_is_asked_for_once_more(bench: Bench) -> None:
    """What was read before isn't thrown away for one fault; a second one ends it, told why."""
    failure = {"error_message": {"message": "Quota of bulk jobs reached."}}
    for seed, times, end in (("once", 1, ExportState.DONE), ("twice", 2, ExportState.FAILED)):
        job_id, before = bench.starts(seed=seed), bench.asked("POST", CREATE)
        bench.reaches(job_id, ExportState.FETCHING)
        for _ in range(times):
            crm_job = bench.reaches(job_id, ExportState.RUNNING).crm_job
            told = {"data": [{"id": crm_job, "state": "FAILURE", "result": failure}]}
            bench.arm("answer", "GET", LOOK, status=200, body=json.dumps(told))
            bench.leaves(job_id, ExportState.RUNNING)
        job = bench.ends(job_id)
        assert (end, 3) == (job.state, bench.asked("POST", CREATE) - before)
    assert "“Quota of bulk jobs reached.”" in bench.texts()[-1]


def test_an_export_stays_with_its_organization(bench: Bench) -> None:
    """Whoever connects another organisation meanwhile, and uses that, gets what was asked for."""
    job_id = bench.starts()
    begun = bench.reaches(job_id, ExportState.FETCHING)
    grant = bench.life.memory.grants.get(begun.grant_id)
    assert grant is not None
    elsewhere = replace(grant.account, org_id="901")
    dead = replace(grant.tokens, access=Secret("of another organisation"))
    bench.life.memory.grants.keep(
        OWNER, DataCenter.US, elsewhere, dead, state=GrantState.ACTIVE, now=bench.life.now()
    )
    in_use = bench.life.memory.grants.in_use(OWNER)
    assert in_use is not None
    assert "901" == in_use.account.org_id
    job = bench.ends(job_id)

    assert (ExportState.DONE, begun.grant_id, begun.org) == (job.state, job.grant_id, job.org)


def test_a_page_token_that_comes_again_ends_the_pages(bench: Bench) -> None:
    """The CRM would give one page for ever: what there is comes, and that there is more is said."""
    job_id = bench.starts()
    first = bench.reaches(job_id, ExportState.FETCHING)
    assert first.progress.next_token is not None
    token = first.progress.next_token
    bench.life.until(lambda: bench.job(job_id).page == 2)
    second = bench.reaches(job_id, ExportState.FETCHING)
    again = replace(second.progress, more=True, next_token=token)
    bench.life.memory.exports.keep(second, replace(second, progress=again), now=bench.life.now())
    job = bench.ends(job_id)

    assert (ExportState.DONE, 2, True) == (job.state, job.page, job.progress.short)
    assert "Not everything is in it" in bench.texts()[0]


def test_a_reason_of_the_crm_is_shown_as_text(bench: Bench) -> None:
    """It can't call a channel, nor name a link as another."""
    reason = "<!channel> <https://x.example|here> *{now}*"
    job_id = bench.starts()
    crm_job = bench.reaches(job_id, ExportState.RUNNING).crm_job
    failure = {"error_message": {"message": reason}}
    told = {"data": [{"id": crm_job, "state": "FAILURE", "result": failure}]}
    bench.arm("answer", "GET", LOOK, status=200, body=json.dumps(told))
    job = bench.ends(job_id)

    assert "export_failed" == job.progress.why
    shown = "&lt;!channel&gt; &lt;https://x.example|here&gt; *{now}*"
    for one in bench.dev.messages():
        assert shown in str(one["raw"]["text"])
        assert shown in str(one["raw"]["blocks"])


def test_a_database_put_back_repeats_nothing(bench: Bench) -> None:
    """What was under way in the older one ends, said by its message; no notice comes again."""
    job_id = bench.starts()
    bench.becomes(job_id, ExportState.RUNNING)
    memory, copy = bench.life.memory, bench.life.folder / "copy.db"
    assert not memory.epoch.begin(bench.life.now())
    back_up(memory.db, memory.epoch, copy)
    bench.life.advance(HOURS)
    bench.ends(job_id)
    assert 2 == len(bench.texts())
    memory.epoch.step()
    assert bench.put_back(copy)
    asked = bench.asked("POST", CREATE)
    job = bench.ends(job_id)

    assert (ExportState.CANCELLED, "older_database") == (job.state, job.progress.why)
    assert 2 == len(bench.texts())
    assert "an older copy" in bench.texts()[0]
    assert asked == bench.asked("POST", CREATE)
    assert [] == list((bench.life.folder / "exports").iterdir())


def test_a_link_outlives_the_key_it_was_made_under(bench: Bench) -> None:
    """A new key in the middle, the old one taken out: what stands in Slack opens all the same."""
    job_id = bench.starts()
    job, new = bench.ends(job_id), b"n" * 32

    def pages(memory: Memory) -> DownloadPages:
        return DownloadPages(
            memory=memory,
            archives=bench.life.archives,
            public_url="https://parley.example.com",
            export_command="/export",
            clock=bench.life.now,
        )

    link = urlsplit(pages(bench.life.memory).link(job))
    said = {name: value[0] for name, value in parse_qs(link.query).items()}
    asked = Request(method="GET", path=link.path, query=said, params={"id": job_id})
    file = bench.life.folder / "parley.db"
    for keys in ([new, KEY], [new]):
        memory = open_memory(file, Keyring(keys), bench.life.now())
        assert 200 == pages(memory).show(asked).status
        assert link == urlsplit(pages(memory).link(job))
        rotate(memory.db, memory.vault)
        memory.close()
