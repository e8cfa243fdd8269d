"""A meeting that stands is opened, changed and undone."""

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import advance, told
from tests.journeys.form_steps import ends, sees, starts, tidy
from tests.journeys.series.series_steps import ONCE, asks_for, opens, shows, stands
from tests.journeys.steps import answer, events


def test_the_created_message_opens_the_meeting(place: Workplace, dev: Person) -> None:
    """When Dev presses Change, the window shows the meeting with its series."""
    stands(place, dev)
    window = opens(dev)

    assert "Mon 19 Jan 2026, 10:00-11:00" in window
    assert "5 meetings from Mon 19 Jan 2026 to Mon 16 Feb 2026." in window
    assert "With guest@example.com (outside the CRM)." in window
    assert "Place: Room 1" in window


def test_this_and_all_after_it_change_as_shown(place: Workplace, dev: Person) -> None:
    """When Dev changes title and time of all, before and after are shown, then true."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Title", "Forecast")
    dev.fill("Starts at", "15:00")
    dev.fill("Which meetings", "This and all after it")
    preview = shows(dev, "5 meetings will change")

    assert "Title: “Pipeline review” → “Forecast”" in preview
    assert "• Mon 19 Jan 2026, 10:00-11:00 → Mon 19 Jan 2026, 15:00-16:00" in preview
    assert "Your CRM mails nobody about it." in preview
    assert {"Pipeline review"} == {str(one["Event_Title"]) for one in events(place)}
    before = told(dev, "is changed: 5 meetings")
    dev.press("Change 5 meetings", where="modal")
    said = sees(dev, "“Forecast” is changed: 5 meetings.")
    assert "15:00-16:00" in said
    assert {"Forecast"} == {str(one["Event_Title"]) for one in events(place)}
    assert "2026-01-19 15:00" == starts(place)[0]
    dev.close(whole=True)
    dev.wait_for(lambda: told(dev, "is changed: 5 meetings") > before)
    undone = told(dev, "is as before")
    dev.press("Undo", where="messages")
    dev.press("Undo", where="messages")
    dev.wait_for(lambda: told(dev, "is as before") > undone)
    assert "2026-01-19 10:00" == starts(place)[0]
    assert undone + 1 == told(dev, "is as before")


def test_undo_in_the_window_answers_in_the_window(place: Workplace, dev: Person) -> None:
    """Pressed where the answer stood, it answers there: no button is left that did its work."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Title", "Forecast")
    shows(dev, "1 meeting will change")
    dev.press("Change it", where="modal")
    sees(dev, "“Forecast” is changed: 1 meeting.")
    dev.press("Undo", where="modal")
    sees(dev, "“Sync” is as before: 1 meeting.")
    assert ["Sync"] == [one["Event_Title"] for one in events(place)]


def test_an_undo_that_comes_too_late_is_said_in_the_window(place: Workplace, dev: Person) -> None:
    """After ten minutes the window says what to do instead."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Title", "Forecast")
    shows(dev, "1 meeting will change")
    dev.press("Change it", where="modal")
    sees(dev, "“Forecast” is changed: 1 meeting.")
    advance(place, 700)
    dev.press("Undo", where="modal")
    sees(dev, "A change can be undone for ten minutes.")


def test_only_this_one_is_changed_and_a_listed_meeting_opens(place: Workplace, dev: Person) -> None:
    """When Dev opens a list's row and moves one by words, the rest stays."""
    stands(place, dev)
    answer(dev, "/meet list")
    dev.press("Open", where="messages")
    sees(dev, "5 meetings from")
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Or move it in words", "Tuesday 3pm")
    preview = shows(dev, "1 meeting will change")
    assert "• Mon 19 Jan 2026, 10:00-11:00 → Tue 20 Jan 2026, 15:00-16:00" in preview
    dev.press("Change it", where="modal")
    sees(dev, "“Pipeline review” is changed: 1 meeting.")
    assert ["2026-01-20 15:00", "2026-01-26 10:00"] == starts(place)[:2]


def test_what_was_changed_singly_is_named_before_it_is_written_over(
    place: Workplace, dev: Person
) -> None:
    """When one was moved by itself, the window says so, and so does the change of all."""
    stands(place, dev)
    window = opens(dev)
    assert "Changed singly" not in window
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Or move it in words", "3pm")
    shows(dev, "1 meeting will change")
    dev.press("Change it", where="modal")
    sees(dev, "is changed")
    dev.close(whole=True)
    assert "Changed singly:\n• Mon 19 Jan 2026: time" in opens(dev)
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Starts at", "16:00")
    dev.fill("Which meetings", "This and all after it")
    preview = shows(dev, "5 meetings will change")
    assert "⚠ Changed singly before, and written over now:\n• Mon 19 Jan 2026: time" in preview


def test_every_other_field_changes_too(place: Workplace, dev: Person) -> None:
    """Place, length, reminders, contact and record: shown before, and then so in the CRM."""
    stands(place, dev, ONCE)
    assert "meetings" not in opens(dev)
    form = asks_for(dev, "Change", "Ends at or lasts")
    assert "Which meetings" not in form
    dev.fill("Ends at or lasts", "1h")
    dev.fill("Place", "Room 2")
    dev.fill("Reminders", "1 hour before")
    dev.fill("About contact", "Simon Morasca")
    dev.fill("Belongs to", "Account")
    sees(dev, "Record")
    dev.fill("Record", "Zylker")
    dev.fill("Mails", ["Mail the participants about it"])
    preview = shows(dev, "1 meeting will change")
    for line in (
        "Place: none → Room 2",
        "About contact: none → Simon Morasca",
        "Belongs to: none → Account Zylker",
        "10:00-10:30 → Thu 15 Jan 2026, 10:00-11:00",
        "Your CRM mails the participants about it.",
    ):
        assert line in preview
    dev.press("Change it", where="modal")
    sees(dev, "“Sync” is changed: 1 meeting.")
    (one,) = events(place)
    assert "Room 2" == one["Venue"]
    assert ["2026-01-15 11:00"] == ends(place)


def test_a_wrong_field_is_said_at_the_field(place: Workplace, dev: Person) -> None:
    """Words that can't be read come back at their field; nothing is asked of the CRM."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Ends at or lasts", "a while")
    assert ["Ends at or lasts"] == list(dev.submit()["errors"])
    assert "I can't read that length." in (dev.error("Ends at or lasts") or "")
    dev.fill("Ends at or lasts", "30 min")
    dev.fill("Or move it in words", "blah")
    shows(dev, "I don't understand “blah”")
    assert "blah" == dev.field("Or move it in words")
    dev.fill("Or move it in words", "every Tuesday 3pm")
    shows(dev, "press “How it repeats”")
    dev.fill("Or move it in words", "")
    assert "The meeting is like that already." in shows(dev, "Change something first.")


def test_the_first_message_shows_how_it_stands_and_who_changed_it(
    place: Workplace, dev: Person
) -> None:
    """When Dev renames the series, the message of its creation says so, with its button."""
    stands(place, dev)
    seen = len(dev.messages())
    opens(dev)
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Title", "Forecast")
    dev.fill("Which meetings", "This and all after it")
    shows(dev, "5 meetings will change")
    dev.press("Change 5 meetings", where="modal")
    dev.wait_for(lambda: "Changed by" in dev.messages()[seen - 1]["text"])
    assert "“Forecast” is in your CRM: 5 meetings." in dev.messages()[seen - 1]["text"]
    assert ["Change", "Open in the CRM"] == dev.messages()[seen - 1]["buttons"]


def test_one_of_several_renamed_gives_its_name_to_no_other(place: Workplace, dev: Person) -> None:
    """The first message keeps the name most of them have; of two, it says both."""
    stands(place, dev)
    first = renamed(dev, "Demo")
    assert "“Pipeline review” is in your CRM: 5 meetings." in first
    assert "Changed singly:\n• Mon 19 Jan 2026: title “Demo”" in first
    tidy(place)
    stands(place, dev, "Review every Monday 10am 2 times")
    assert "“Demo” and “Review” are in your CRM: 2 meetings." in renamed(dev, "Demo")


def renamed(dev: Person, title: str) -> str:
    """Rename only the next meeting; return what the message of its creation then says."""
    seen = len(dev.messages())
    opens(dev)
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Title", title)
    shows(dev, "1 meeting will change")
    dev.press("Change it", where="modal")
    dev.wait_for(lambda: "Changed by" in dev.messages()[seen - 1]["text"])
    return str(dev.messages()[seen - 1]["text"])


def test_a_move_into_the_past_is_pointed_out(place: Workplace, dev: Person) -> None:
    """Last Monday instead of the next: said before it is confirmed."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Date", "2026-01-12")
    assert "⚠ 1 meeting would be in the past." in shows(dev, "1 meeting will change")


def test_a_shortcut_on_the_message_opens_the_meeting(place: Workplace, dev: Person) -> None:
    """“Meet about this” on Parley's own message opens that meeting, not a new form."""
    stands(place, dev, ONCE)
    told = dev.messages()[-1]
    dev.message_shortcut("meet_about", told["channel"], told["ts"])
    assert "Thu 15 Jan 2026, 10:00-10:30" in sees(dev, "With guest@example.com")


def test_an_all_day_meeting_moves_by_days(place: Workplace, dev: Person) -> None:
    """Without a time of day there is only a day to change; a time in words is refused."""
    stands(place, dev, "Offsite on 22 Jan all day")
    assert "Thu 22 Jan 2026, all day" in opens(dev)
    assert "Starts at" not in asks_for(dev, "Change", "Or move it in words")
    dev.fill("Or move it in words", "3pm")
    shows(dev, "An all-day meeting has no time of day.")
    dev.fill("Or move it in words", "tomorrow")
    shows(dev, "Thu 22 Jan 2026, all day → Thu 15 Jan 2026, all day")
    dev.press("Change it", where="modal")
    sees(dev, "“Offsite” is changed: 1 meeting.")
