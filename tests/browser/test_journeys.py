"""The bot used through the workspace, as a newcomer would."""

import re

from playwright.sync_api import expect

from handlers.demo import Workplace
from tests.browser.seat import Seat

REVIEW = "/meet Pipeline review every other Sunday 10-11am with @ben until Mar 15"


def test_a_newcomer_connects_and_is_offered_the_kept_request(seat: Seat) -> None:
    """From the first command over the consent page back to the form."""
    seat.writes(REVIEW)
    with seat.page.expect_popup() as opened:
        seat.page.get_by_role("link", name="Connect Zoho CRM").click()
    web = opened.value
    web.get_by_role("button", name="Go on to Zoho").click()
    expect(web.get_by_label("Signed in as")).to_have_value("dev@example.com")
    seat.shot("consent", web)
    web.get_by_role("button", name="Accept").click()
    expect(web.get_by_role("heading", name="Connected")).to_be_visible()
    web.close()
    expect(seat.page.get_by_text("CRM account connected")).to_be_visible()
    seat.goes("Parley")
    seat.last_message().get_by_role("button", name="Open the form").click()
    expect(seat.form.get_by_label("Title")).to_have_value("Pipeline review")


def test_a_series_is_made_in_the_form(connected: Seat) -> None:
    """A doubt is settled, somebody is found while typing, a field is objected to, and Create."""
    seat = connected
    seat.asks("/meet Pipeline review every other Sunday at 3 with @ben until Mar 15")
    form = seat.form
    form.get_by_label("I took the time as 15:00").click()
    form.get_by_role("option", name="03:00").click()
    expect(form.get_by_label("Starts at")).to_have_value("03:00")
    expect(form).to_contain_text("03:00-03:30")
    form.get_by_label("People").press_sequentially("ad")
    form.get_by_role("option", name="Ada Moreno").click()
    expect(form.get_by_role("button", name="Remove Ada Moreno")).to_be_visible()
    form.get_by_label("Repeats").fill("every Friday 3 times")
    form.get_by_label("Repeats").press("Enter")
    expect(form).to_contain_text("3 meetings, the last on")
    seat.shot("preview")
    form.get_by_label("Title").fill("")
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_role("alert").first).to_contain_text("complete this required field")
    expect(form.get_by_label("Title")).to_be_focused()
    seat.shot("error")
    form.get_by_label("Title").fill("Renewals & <b>more</b>")
    form.get_by_role("button", name="Create").click()
    expect(form).to_contain_text("is in your CRM")
    form.get_by_role("button", name="Close", exact=True).last.click()
    seat.goes("CRM")
    expect(seat.beside.get_by_text("Renewals & <b>more</b>")).to_have_count(3)
    expect(seat.beside.get_by_text("1 of 3")).to_be_visible()


def test_a_lost_answer_doubles_nothing(connected: Seat) -> None:
    """The faults panel loses the CRM's answer after its commit; what is there stays single."""
    seat = connected
    seat.goes("Faults")
    seat.beside.get_by_role("button", name="Lost answer").click()
    expect(seat.beside.get_by_label("Under way")).to_contain_text("1 to go")
    seat.shot("armed")
    seat.asks("/meet Pipeline review on Friday 10-11am")
    seat.form.get_by_role("button", name="Create").click()
    expect(seat.beside.get_by_label("Under way")).to_contain_text("Nothing is broken")
    seat.closes()
    for _ in range(3):
        seat.beside.get_by_role("button", name="A minute later").click()
    seat.goes("Parley")
    expect(seat.last_message()).to_contain_text("is in your CRM")
    seat.goes("CRM")
    expect(seat.beside.get_by_text("Pipeline review")).to_have_count(1)


def test_the_keyboard_alone_makes_a_meeting(connected: Seat) -> None:
    """From the command's completion to the CRM page, without a mouse."""
    seat = connected
    keys = seat.page.keyboard
    seat.box.focus()
    keys.type("/me")
    expect(seat.page.get_by_role("option", name="/meet")).to_be_visible()
    keys.press("Tab")
    keys.type("Review every Friday 10-11am 2 times with @be")
    expect(seat.page.get_by_role("option", name="Ben Okoro").last).to_be_visible()
    keys.press("Enter")
    expect(seat.box).to_have_value("/meet Review every Friday 10-11am 2 times with @ben ")
    seat.shot("typed")
    keys.press("Enter")
    expect(seat.form.get_by_role("button", name="Create 2 meetings")).to_be_visible()
    expect(seat.form).not_to_contain_text("Looking up")
    expect(seat.form.get_by_label("Title")).to_be_focused()
    for _ in range(30):
        keys.press("Tab")
        if seat.form.get_by_label("People").evaluate("node => node === document.activeElement"):
            break
    keys.type("ca")
    expect(seat.form.get_by_role("option").first).to_be_visible()
    keys.press("Escape")
    expect(seat.form.get_by_role("option")).to_have_count(0)
    keys.type("carissa kid")
    expect(seat.form.get_by_role("option", name="Carissa Kidman")).to_be_visible()
    keys.press("Enter")
    expect(seat.form.get_by_role("button", name="Remove Carissa Kidman")).to_be_visible()
    expect(seat.form.get_by_label("People")).to_be_focused()
    keys.press("Control+Enter")
    expect(seat.form).to_contain_text("is in your CRM")
    keys.press("Escape")
    expect(seat.form).to_have_count(0)
    expect(seat.box).to_be_focused()


def test_people_of_a_meeting_are_changed(connected: Seat) -> None:
    """From the list: one more for this meeting and all after it, told before it is done."""
    seat = connected
    seat.asks(REVIEW)
    seat.form.get_by_role("button", name="Create").click()
    expect(seat.form).to_contain_text("is in your CRM")
    seat.closes()
    seat.writes("/meet list")
    seat.last_message().get_by_role("button", name="Open").first.click()
    seat.form.get_by_role("button", name="People").click()
    seat.form.get_by_label("People").press_sequentially("ad")
    seat.form.get_by_role("option", name="Ada Moreno").click()
    seat.form.get_by_label("This and all after it").check()
    seat.shot("people")
    seat.form.get_by_role("button", name="Show what changes").click()
    expect(seat.form).to_contain_text("Added: Ada Moreno")
    seat.shot("changes")
    seat.form.get_by_role("button", name=re.compile("^Change")).click()
    expect(seat.form).to_contain_text("changed")
    seat.closes()
    seat.goes("CRM")
    expect(seat.beside.get_by_text("Ben Okoro (user), Ada Moreno (user)")).to_have_count(5)


def test_an_export_comes_and_is_downloaded(place: Workplace, connected: Seat) -> None:
    """The job goes through its states beside the message that follows it; the link gives a file."""
    seat = connected
    seat.writes("/export Leads where Last_Name = Boyle")
    expect(seat.last_message()).to_contain_text("has started")
    seat.goes("Parley")
    seat.goes("CRM")
    expect(seat.beside.get_by_label("Bulk jobs")).to_contain_text("calls back")
    place.sandbox.clock.advance(10)
    expect(seat.beside.get_by_label("Bulk jobs")).to_contain_text("COMPLETED")
    with seat.page.expect_popup() as opened:
        seat.page.get_by_role("link", name="Open the download page").click()
    web = opened.value
    expect(web.get_by_role("heading", name="Your export")).to_be_visible()
    seat.shot("page", web)
    with web.expect_download() as saved:
        web.get_by_role("button", name=re.compile("CSV|csv")).first.click()
    assert saved.value.suggested_filename.endswith(".csv")


def test_a_message_becomes_a_meeting(connected: Seat) -> None:
    """By the shortcut in the message's own menu; the Home tab is there beside it."""
    seat = connected
    seat.writes("Shall we talk on Friday at 10, @ben?")
    message = seat.last_message()
    message.hover()
    message.get_by_role("button", name="More actions on this message").click()
    seat.page.get_by_role("menuitem", name="Meet about this").click()
    expect(seat.form.get_by_role("button", name="Create")).to_be_visible()
    expect(seat.form.get_by_role("button", name="Remove Ben Okoro")).to_be_visible()
    seat.closes()
    seat.goes("Parley Home")
    expect(seat.page.locator("#main .home .block").first).to_be_visible()


def test_two_people_see_their_own(seat: Seat) -> None:
    """What is for one person's eyes isn't shown to the other, and a reload ends it, as in Slack."""
    seat.writes("/crm status")
    expect(seat.last_message()).to_contain_text("Only visible to you")
    seat.page.get_by_label("Acting as").select_option(label="Ada Moreno")
    expect(seat.page.get_by_text("CRM account, not connected · Europe/Berlin")).to_be_visible()
    expect(seat.page.locator("#main article")).to_have_count(0)
    seat.page.get_by_label("Acting as").select_option(label="Dev Raman")
    expect(seat.last_message()).to_contain_text("Only visible to you")
    seat.page.reload()
    expect(seat.page.get_by_text("Today is Wednesday, January 14, 2026")).to_be_visible()
    expect(seat.page.locator("#main article")).to_have_count(0)
