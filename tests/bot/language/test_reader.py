"""Small truths of the reader, one row each: Wednesday 14 January 2026, 10:20 in Chennai."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.meeting import ParentModule
from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.reminder import Period, Reminder
from bot.errors import Refused
from bot.language import (
    Named,
    Reading,
    read,
)

TZ = "Asia/Kolkata"
NOW = datetime(2026, 1, 14, 10, 20, tzinfo=ZoneInfo(TZ))


def parley(text: str) -> Reading:
    """Read *text* here and now."""
    return read(text, now=NOW, tz=TZ)


RULES = [
    ("every sunday until mar 15", "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU;UNTIL=2026-03-15"),
    ("every other sunday 10-11am until Mar 15", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2026-03-15"),
    ("every 2 weeks on Sunday until 15 March 2026",
     "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2026-03-15"),
    ("second Wednesday of every month, 3 times",
     "FREQ=MONTHLY;INTERVAL=1;COUNT=3;BYDAY=WE;BYSETPOS=2"),
    ("on the 14th of every 2 months, 3 times", "FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTHDAY=14"),
    ("every day", "FREQ=DAILY;INTERVAL=1"),
    ("every weekday", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR"),
    ("every weekend", "FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,SU"),
    ("daily except weekends", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR"),
    ("every day but sunday", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR,SA"),
    ("fri-mon every week", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR,SA,SU"),
    ("M/W/F at 9am", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE,FR"),
    ("mondays and thursdays", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH"),
    ("every alternate tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
    ("fortnightly on friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
    ("every eighteen months on the 1st", "FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=1"),
    ("quarterly on the 15th", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15"),
    ("half-yearly on the 5th", "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=5"),
    ("last friday of each month", "FREQ=MONTHLY;INTERVAL=1;BYDAY=FR;BYSETPOS=-1"),
    ("first of each month", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1"),
    ("every month on the twenty-first", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=21"),
    ("every year on 5 june", "FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=5"),
    ("every fourth thursday in november", "FREQ=YEARLY;INTERVAL=1;BYDAY=TH;BYSETPOS=4"),
    ("every monday for 3 weeks", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;UNTIL=2026-02-08"),
    ("the next 4 saturdays", "FREQ=WEEKLY;INTERVAL=1;COUNT=4;BYDAY=SA"),
    ("every friday x5", "FREQ=WEEKLY;INTERVAL=1;COUNT=5;BYDAY=FR"),
    ("every monday next month", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;UNTIL=2026-02-28"),
    ("3 times a week on mon, wed and fri", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE,FR"),
    ("every 3rd friday starting 16 jan", "FREQ=WEEKLY;INTERVAL=3;BYDAY=FR"),
    ("evry wednsday", "FREQ=WEEKLY;INTERVAL=1;BYDAY=WE"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for text, rule in RULES])
def test_a_sentence_is_read_into_its_rule(rule: str, text: str) -> None:
    """The rule, in its one form."""
    reading = parley(text)
    assert reading.rule is not None, reading.unsupported
    assert rule == reading.rule.text()


STARTS = [
    ("tomorrow at 3", "2026-01-15T15:00"),
    ("friday noon", "2026-01-16T12:00"),
    ("next tuesday 11-1pm", "2026-01-20T11:00"),
    ("monday 9-5", "2026-01-19T09:00"),
    ("friday at half past four pm", "2026-01-16T16:30"),
    ("friday at quarter to five", "2026-01-16T16:45"),
    ("1400 tomorrow", "2026-01-15T14:00"),
    ("20/01/2026 16h30", "2026-01-20T16:30"),
    ("Tue, Jan 20, 4:00 PM", "2026-01-20T16:00"),
    ("2026-01-20T15:00", "2026-01-20T15:00"),
    ("in two weeks at 9am", "2026-01-28T09:00"),
    ("in 2 and a half hours", "2026-01-14T12:50"),
    ("3 fridays from now at 9am", "2026-01-30T09:00"),
    ("a week from monday at 10", "2026-01-26T10:00"),
    ("friday next week 10am", "2026-01-23T10:00"),
    ("20th of next month at 4pm", "2026-02-20T16:00"),
    ("last monday of march at 4pm", "2026-03-30T16:00"),
    ("in four business days at 9am", "2026-01-20T09:00"),
    ("Intro 3pm", "2026-01-14T15:00"),
    ("Intro 9am", "2026-01-15T09:00"),
    ("every day at 10:20 am", "2026-01-15T10:20"),
    ("every day at 10:21 am", "2026-01-14T10:21"),
]


@pytest.mark.parametrize(("start", "text"), [(start, text) for text, start in STARTS])
def test_a_time_is_read_into_its_start(start: str, text: str) -> None:
    """The first start, on the person's wall clock."""
    reading = parley(text)
    assert reading.start is not None, reading
    assert start == reading.start.isoformat(timespec="minutes")[:16]


REFUSED = [
    ("every 90 minutes", "sub_daily"),
    ("every monday except 26 jan", "exdate"),
    ("every 1st and 15th", "multi_value"),
    ("mondays at 9 and fridays at 3", "multi_time"),
    ("the last day of every month", "last_day"),
    ("every 5th friday of the month", "bysetpos_range"),
    ("first working day of each month", "workday_ordinal"),
    ("every 2 weekdays", "workday_interval"),
    ("every year in week 12", "week_number"),
    ("every year on the day 100", "year_day"),
    ("every monday in march", "month_filter"),
    ("every easter", "holiday"),
    ("every! 3 days", "completion"),
    ("twice a week", "no_days"),
    ("sometimes on fridays", "vague"),
    ("every 100 days", "interval_range"),
    ("every day 100 times", "count_range"),
    ("every february 30", "invalid"),
    ("every monday until 4/5", "day_month_order"),
]


@pytest.mark.parametrize(("code", "text"), [(code, text) for text, code in REFUSED])
def test_what_cannot_be_said_is_refused_with_its_code(code: str, text: str) -> None:
    """A code, a plain reason, and no rule."""
    reading = parley(text)
    assert reading.unsupported is not None, reading.rule
    assert (code, None, None) == (reading.unsupported.code, reading.rule, reading.start)
    assert reading.unsupported.why


DOUBTS = [
    ("every second tuesday at 10am", "ordinal_weekday"),
    ("biweekly on friday", "biweekly"),
    ("bimonthly", "bimonthly"),
    ("tomorrow at 4", "am_pm_assumed"),
    ("next friday 10am", "next_weekday"),
    ("call on 04/05 at 10am", "day_month_order"),
    ("tomorrow 3pm CET", "tz_abbrev"),
    ("every monday until november", "until_month"),
    ("tomorrow 4pm-3pm", "end_before_start"),
    ("call with Jane tomorrow 3pm", "participant_type"),
    ("annual review on 15 March 2pm", "rule_in_title"),
    ("tomorrow 3pm <#C1|general>", "channel"),
    ("tomorrow 3pm <!subteam^S1|@sales>", "group"),
    ("every morning", "time_of_day"),
]


@pytest.mark.parametrize(("code", "text"), [(code, text) for text, code in DOUBTS])
def test_what_can_be_read_in_two_ways_is_said(code: str, text: str) -> None:
    """Doubts are listed with their readings, the one taken first."""
    reading = parley(text)
    assert code in reading.as_dict()["ambiguous"]  # type: ignore[operator]  # a list in JSON
    assert all(doubt.readings for doubt in reading.doubts if doubt.code == code)


def test_a_whole_request_is_read_with_all_its_parts() -> None:
    """People, place, record, reminder, rule, start and end."""
    reading = parley(
        "/meet Pipeline review every other Monday 10am-11am with <@U0PAT1234|patricia>, "
        "lead:John Butt, <mailto:carissa@example.com|carissa@example.com> until Mar 30 at "
        "Chennai, deal:Acme renewal, remind 15 minutes before"
    )
    assert "Pipeline review" == reading.title
    assert Recurrence.weekly(Weekday.MO, every=2).ending(date(2026, 3, 30)) == reading.rule
    assert datetime(2026, 1, 19, 10, tzinfo=ZoneInfo(TZ)) == reading.start
    assert timedelta(hours=1) == reading.duration
    assert ["user", "lead", "email"] == [one.kind for one in reading.people]
    assert ["U0PAT1234", None, None] == [one.slack_id for one in reading.people]
    assert "Chennai" == reading.venue
    assert Named(module=ParentModule.DEALS, name="Acme renewal") == reading.related
    assert (Reminder(unit=15, period=Period.MINUTES),) == reading.reminders
    assert ((), ()) == (reading.left_over, reading.missing)
    assert (
        "every 2 weeks on Monday starting 19 January 2026 until 30 March 2026, 6 meetings, "
        "10:00-11:00 (Asia/Kolkata)" == reading.sentence
    )


TITLES = [
    ("1:1 with Dana every 2 weeks on Wednesday at 16:00", "1:1"),
    ("check-in tomorrow 3pm", "check-in"),
    ("check in w/ @dana tomorrow 3pm", "check in"),
    ("7-Eleven store visit tomorrow 10:30am", "7-Eleven store visit"),
    ("Q3 review friday 3pm", "Q3 review"),
    ("Round 2 interview 4pm tomorrow", "Round 2 interview"),
    ("review $500 budget tomorrow 3pm", "review $500 budget"),
    ("Please set up a meeting called Roadmap every monday at 10am", "Roadmap"),
    ('"Monday madness" every Friday at 5pm', "Monday madness"),
    ("title: Budget 2026, tomorrow 3pm", "Budget 2026"),
    ("Acme &amp; Globex sync tomorrow 3pm", "Acme & Globex sync"),
    ("“Exec brief” tomorrow 3pm", "Exec brief"),
    ("remind me to call Bob tomorrow at 3pm", "call Bob"),
    ("Top 10 accounts every Monday 9am", "Top 10 accounts"),
]


@pytest.mark.parametrize(("title", "text"), [(title, text) for text, title in TITLES])
def test_what_is_left_is_the_title(title: str, text: str) -> None:
    """Quotes and labels win; openers and joints fall away."""
    assert title == parley(text).title


def test_names_that_hold_date_words_stay_names() -> None:
    """Summer Day, May Fields and Tues Day-Smith are people."""
    for name in ("Summer Day", "May Fields", "Tues Day-Smith"):
        reading = parley(f"Call with contact:{name} on 19 Jan at 9:30am")
        assert [name] == [one.name for one in reading.people]
        assert "2026-01-19T09:30:00+05:30" == reading.as_dict()["start"]


def test_a_zone_in_the_text_wins_and_days_are_counted_there() -> None:
    """London's eight o'clock is a quarter past one in Chennai."""
    reading = parley("forecast every Thu 08:00 London time")
    assert "Europe/London" == reading.zone
    assert reading.start is not None
    assert datetime(2026, 1, 15, 8, tzinfo=UTC) == reading.start


def test_invitations_are_said_or_not() -> None:
    """Not said is not no."""
    assert None is parley("demo tomorrow 3pm").invitations
    assert False is parley("demo tomorrow 3pm, no invites").invitations
    assert True is parley("demo tomorrow 3pm, send invites").invitations


def test_a_channel_or_a_group_is_recognised_and_left_over() -> None:
    """The CRM knows no channels; nobody is guessed."""
    reading = parley("demo tomorrow 3pm with <#C1|general> <!subteam^S1|@sales>")
    assert ("<#C1|general>", "<!subteam^S1|@sales>") == reading.left_over
    assert () == reading.people


def test_a_link_is_the_place_when_no_other_is_named() -> None:
    """Slack wraps links in angle brackets."""
    text = "demo tomorrow 3pm <https://zoom.us/j/1|join>"
    assert "https://zoom.us/j/1" == parley(text).venue
    both = parley(f"{text} at Taj Chennai")
    assert ("Taj Chennai", "https://zoom.us/j/1") == (both.venue, both.link)


def test_what_has_to_be_asked_is_listed() -> None:
    """Date, time, title, in this order."""
    assert ("date", "time", "title") == parley("/meet").missing
    assert ("time",) == parley("Demo tomorrow").missing
    assert ("title",) == parley("tomorrow 3pm").missing
    assert ("date",) == parley("Call on 04/05 at 10am").missing


def test_a_reading_is_a_frozen_value() -> None:
    """Nobody changes it behind somebody's back."""
    with pytest.raises(FrozenInstanceError):
        parley("hello").title = "x"  # type: ignore[misc]  # that it fails is the point


def test_a_naive_now_and_an_unknown_zone_are_our_mistakes() -> None:
    """They aren't the person's words."""
    with pytest.raises(ValueError, match="aware"):
        read("tomorrow", now=NOW.replace(tzinfo=None), tz=TZ)
    with pytest.raises(Refused, match="zone_unknown"):
        read("tomorrow", now=NOW, tz="Mars/Base")
