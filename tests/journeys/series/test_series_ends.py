"""Meetings are cancelled and deleted, and repeat anew: asked first, told after."""

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import advance, arm, created, pass_until, refusal, told
from tests.journeys.form_steps import mails, sees, starts, tell
from tests.journeys.series.series_steps import ONCE, asks_for, opens, shows, stands
from tests.journeys.steps import events


@pytest.mark.parametrize("mail", [True, False])
def test_cancelling_the_rest_asks_first(place: Workplace, dev: Person, mail: bool) -> None:
    """When Dev cancels all, with or without mails, he sees what goes before it is gone."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "Cancel…", "Which meetings")
    dev.fill("Which meetings", "This and all after it")
    if mail:
        dev.fill("Mails", ["Mail the participants about it"])
    seen = len(mails(place))
    preview = shows(dev, "5 meetings will be cancelled")
    assert "• Mon 19 Jan 2026, 10:00, 1 participant" in preview
    assert f"Your CRM mails {'the participants' if mail else 'nobody'}." in preview
    assert "can't be taken back" in preview
    assert "Times are Asia/Kolkata." in preview
    assert not any(one.get("$event_cancelled") for one in events(place))
    dev.press("Cancel 5 meetings", where="modal")
    sees(dev, "“Pipeline review”: 5 meetings cancelled.")
    assert all(one["$event_cancelled"] for one in events(place))
    assert mail == (len(mails(place)) > seen)


def test_deleting_one_leaves_the_rest_and_the_message_follows(
    place: Workplace, dev: Person
) -> None:
    """When Dev deletes only the first, four stand, and the first message says four."""
    stands(place, dev)
    seen = len(dev.messages())
    opens(dev)
    asks_for(dev, "Delete…", "Which meetings")
    preview = shows(dev, "1 meeting will be deleted")
    assert "nobody is mailed" in preview
    dev.press("Delete it", where="modal")
    sees(dev, "“Pipeline review”: 1 meeting deleted.")
    assert 4 == len(events(place))
    dev.wait_for(lambda: "in your CRM: 4 meetings" in dev.messages()[seen - 1]["text"])


def test_what_a_colleague_changed_is_asked_about_again(place: Workplace, dev: Person) -> None:
    """Ben renames one while Dev reads what goes: nothing has gone until Dev has seen it."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "Delete…", "Which meetings")
    dev.fill("Which meetings", "This and all after it")
    assert "changed meanwhile" not in shows(dev, "5 meetings will be deleted")
    record = place.sandbox.crm.world.records("Events")[events(place)[1]["id"]]
    record["Event_Title"] = "Demo for Zylker"
    dev.press("Delete 5 meetings", where="modal")
    again = sees(dev, "Somebody changed the meeting in the CRM meanwhile.", "will be deleted")
    assert "• Mon 26 Jan 2026, 10:00, 1 participant ⚠ changed meanwhile" in again
    assert 5 == len(events(place))
    dev.press("Delete 5 meetings", where="modal")
    sees(dev, "5 meetings deleted.")
    assert [] == events(place)


def test_a_crm_that_stays_away_leaves_open_how_much_is_done(place: Workplace, dev: Person) -> None:
    """Cut off half-way: nobody says that nothing is done, and one press does the rest."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "Cancel…", "Which meetings")
    dev.fill("Which meetings", "This and all after it")
    shows(dev, "5 meetings will be cancelled")
    arm(place, "throttle", "/crm/v8/Events/{id}/actions/cancel", skip=1, times=None)
    dev.press("Cancel 5 meetings", where="modal")
    pass_until(place, dev, lambda: told(dev, "how many of its 5 meetings are done"), step=61)
    assert "Ending “Pipeline review” stopped" in dev.messages()[-1]["text"]
    tell(place, "/control/faults", method="DELETE")
    dev.press("Go on", where="messages")
    pass_until(place, dev, lambda: told(dev, "“Pipeline review”: 5 meetings cancelled."), step=5)


def test_deleting_a_meeting_held_once_asks_once(place: Workplace, dev: Person) -> None:
    """A single meeting has nothing to choose: the question comes at once; then it is gone."""
    stands(place, dev, ONCE)
    seen = len(dev.messages())
    opens(dev)
    asks_for(dev, "Delete…", "1 meeting will be deleted")
    dev.press("Delete it", where="modal")
    sees(dev, "1 meeting deleted")
    assert [] == events(place)
    dev.wait_for(lambda: "is no longer in your CRM" in dev.messages()[seen - 1]["text"])


def test_meetings_of_whole_days_are_told_by_their_days(place: Workplace, dev: Person) -> None:
    """Neither a removal nor a new rule speaks of midnight."""
    stands(place, dev, "Offsite every Monday all day 3 times")
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday")
    shows(dev, "it ends like the old series. Name another end in “How it repeats”.")
    dev.close(whole=True)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 2 times")
    assert "• Mon 19 Jan 2026, all day, 0 participants" in shows(dev, "3 old meetings")
    dev.close(whole=True)
    opens(dev)
    asks_for(dev, "Delete…", "Which meetings")
    dev.fill("Which meetings", "This and all after it")
    assert "• Mon 26 Jan 2026, all day, 0 participants" in shows(dev, "3 meetings will be deleted")


def test_what_the_crm_will_not_cancel_is_explained(place: Workplace, dev: Person) -> None:
    """Without an invited participant the CRM refuses: said before, and why after."""
    stands(place, dev, "Solo tomorrow 3pm")
    opens(dev)
    asks_for(dev, "Cancel…", "Mails")
    preview = shows(dev, "1 meeting will be cancelled")
    assert "Your CRM cancels only meetings whose people were invited" in preview
    dev.press("Cancel it", where="modal")
    told_why = sees(dev, "“Solo” wasn't cancelled.")
    assert "Delete it instead." in told_why


def test_what_could_not_be_deleted_leads_to_it(place: Workplace, dev: Person) -> None:
    """Locked in the CRM: said with its reason, and one press opens the meeting that stays."""
    stands(place, dev, "Review every Monday 10am 2 times")
    opens(dev)
    asks_for(dev, "Delete…", "Which meetings")
    dev.fill("Which meetings", "This and all after it")
    shows(dev, "2 meetings will be deleted")
    stays = events(place)[1]["id"]
    fine = {"code": "SUCCESS", "details": {}, "message": "", "status": "success"}
    locked = refusal("RECORD_LOCKED", "locked")["data"][0]
    arm(place, "answer", method="DELETE", status=207, body={"data": [fine, locked]})
    del place.sandbox.crm.world.records("Events")[events(place)[0]["id"]]
    arm(place, "answer", method="DELETE", status=400, body={"data": [locked]}, times=None)
    dev.press("Delete 2 meetings", where="modal")
    sees(dev, "1 meeting deleted.", "That meeting is locked")
    dev.press("Open", where="modal")
    sees(dev, "Mon 26 Jan 2026, 10:00-10:30")
    assert [stays] == [one["id"] for one in events(place)]


def test_a_series_that_is_over_has_nothing_to_repeat(place: Workplace, dev: Person) -> None:
    """Said as that, and not as a meeting that can't be cancelled."""
    stands(place, dev, "Review every day 10am 2 times")
    advance(place, 4 * 86_400)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 2 times")
    assert "Schedule a new one with" in shows(dev, "That series is over")


def test_a_new_rule_replaces_the_rest(place: Workplace, dev: Person) -> None:
    """When Dev makes it every other Tuesday, new dates and old ones are shown, then true."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every other Tuesday 3 times")
    dev.fill("The old meetings", "Delete them, without mails")
    preview = shows(dev, "every 2 weeks on Tuesday")
    assert "• Tue 20 Jan 2026, 10:00" in preview
    assert "Then 5 old meetings are deleted:" in preview
    assert "Your CRM mails 1 person an invitation to the new series." in preview
    assert "Times are Asia/Kolkata." in preview
    assert 5 == len(events(place))
    dev.press("Change how it repeats", where="modal")
    sees(dev, "Its 5 old meetings are gone.")
    assert ["2026-01-20 10:00", "2026-02-03 10:00", "2026-02-17 10:00"] == starts(place)


def test_words_that_are_no_rule_come_back(place: Workplace, dev: Person) -> None:
    """What can't be read is said above the field, with what was typed kept."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "whenever it suits")
    shows(dev, "I don't understand")
    assert "whenever it suits" == dev.field("How it repeats")


def test_a_new_rule_that_the_crm_refuses_leaves_the_old_series(
    place: Workplace, dev: Person
) -> None:
    """When the new series can't be made, the old one stays whole, and that is said."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 3 times")
    shows(dev, "every week on Tuesday")
    arm(place, "answer", status=400, body=refusal("INVALID_DATA", "no", api_name="Event_Title"))
    before = created(place)
    dev.press("Change how it repeats", where="modal")
    sees(dev, "its meetings stay.")
    assert 5 == len(events(place))
    assert before + 1 == created(place)


def test_old_meetings_that_cannot_be_cancelled_leave_a_choice(
    place: Workplace, dev: Person
) -> None:
    """The new series stands, the old one can't be cancelled: delete it, or go back."""
    stands(place, dev, "Solo every Monday 10am 3 times")
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 2 times")
    shows(dev, "every week on Tuesday")
    dev.press("Change how it repeats", where="modal")
    stopped = sees(dev, "The new series of “Solo” is in your CRM.")
    assert "3 meetings are still there" in stopped
    assert 5 == len(events(place))
    dev.press("Go back", where="modal")
    sees(dev, "“Solo” is as it was: the new series is gone, the old one stays.")
    dev.wait_for(lambda: told(dev, "“Solo” is as it was"))
    assert ["2026-01-19 10:00", "2026-01-26 10:00", "2026-02-02 10:00"] == starts(place)


def test_old_meetings_that_cannot_be_cancelled_can_be_deleted(
    place: Workplace, dev: Person
) -> None:
    """One press deletes them instead, and the new series alone stands."""
    stands(place, dev, "Solo every Monday 10am 3 times")
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 2 times")
    shows(dev, "every week on Tuesday")
    dev.press("Change how it repeats", where="modal")
    sees(dev, "Delete them instead, or go back")
    dev.press("Delete instead", where="modal")
    sees(dev, "Its 3 old meetings are gone.")
    dev.wait_for(lambda: ["2026-01-20 10:00", "2026-01-27 10:00"] == starts(place))


def test_whom_a_colleague_invites_while_an_answer_is_looked_for_is_not_lost(
    place: Workplace, dev: Person
) -> None:
    """The old series isn't taken away unsaid: Dev looks, goes on, and the new one stands."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 3pm 2 times")
    dev.fill("The old meetings", "Delete them, without mails")
    assert "• Tue 20 Jan 2026, 15:00" in shows(dev, "every week on Tuesday")
    arm(place, "cut_after")
    old = events(place)[1]["id"]
    dev.press("Change how it repeats", where="modal")
    sees(dev, "nothing is sent twice")
    world = place.sandbox.crm.world
    record = world.records("Events")[old]
    late = {**record["Participants"][0], "id": world.new_id(), "participant": "late@example.com"}
    record["Participants"] = [*record["Participants"], late]
    ben = world.user_named("ben@example.com")
    assert ben is not None
    world.touch(record, ben)
    said = "Somebody changed the old series meanwhile, and the new one is without that."
    pass_until(place, dev, lambda: said in dev.modal_text(), step=31)
    assert 7 == len(events(place))
    assert "Press Go on to end the old series, or Go back to keep it." in dev.modal_text()
    dev.press("Go on", where="modal")
    sees(dev, "Its 5 old meetings are gone.")
    assert ["2026-01-20 15:00", "2026-01-27 15:00"] == starts(place)


def test_a_new_series_that_nobody_knows_of_is_asked_about(place: Workplace, dev: Person) -> None:
    """Lost twice and not found: the old series is whole; looked for again, then made anyway."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every Tuesday 2 times")
    dev.fill("The old meetings", "Delete them, without mails")
    shows(dev, "every week on Tuesday")
    arm(place, "cut_before", times=2)
    dev.press("Change how it repeats", where="modal")
    sees(dev, "nothing is sent twice")
    dev.close(whole=True)
    pass_until(place, dev, lambda: told(dev, "isn't known to be there") == 1, step=61)
    assert 5 == len(events(place))
    dev.press("Look again", where="messages")
    pass_until(place, dev, lambda: told(dev, "isn't known to be there") == 2, step=61)
    dev.press("Create anyway", where="messages")
    dev.wait_for(lambda: ["2026-01-20 10:00", "2026-01-27 10:00"] == starts(place))
