"""Connecting: whose account a link may bring, and everything that must bring none."""

import hashlib
import hmac
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from handlers.demo import Workplace
from handlers.sandbox.browser import Browser, Page
from handlers.sandbox.person import Person
from tests.journeys.steps import (
    agrees,
    answer,
    asks,
    calls,
    code_on,
    creates,
    crm_id,
    later,
    link_of,
)

TOKEN, REVOKE = "/oauth/v2/token", "/oauth/v2/token/revoke"
NONE_WAITED_FOR = "No code is waited for"
WRONG = "That code isn't right"
USED = "This link has been used, or is older than ten minutes."


@pytest.fixture
def newcomer(place: Workplace) -> Person:
    """Dev, who hasn't connected yet."""
    return place.person("U0DEV")


@pytest.fixture
def ben(place: Workplace) -> Person:
    """Ben, who works beside him."""
    return place.person("U0BEN")


def connected(person: Person) -> bool:
    """Whether a meeting's words open a form; the form is closed again."""
    person.types("/meet Trial tomorrow 10am")
    person.wait_for(
        lambda: (
            person.modal() is not None
            or any("is kept" in one["text"] for one in person.messages("C0GENERAL")[-1:])
        )
    )
    if person.modal() is None:
        return False
    person.close()
    return True


def forwarded(person: Person) -> str:
    """Let Ben sign in with the link of this person; return the code his browser shows."""
    code = code_on(agrees(link_of(person), "ben@example.com"))
    person.wait_for(lambda: "signed in to the CRM as ben@example.com" in person.dm_text())
    return code


def another(code: str) -> str:
    """Return a code of the same shape that isn't this one."""
    return ("A" if code[0] != "A" else "B") + code[1:]


def at_zoho(person: Person) -> tuple[Browser, Page]:
    """Go with the person's link as far as Zoho's question."""
    browser = Browser()
    return browser, browser.press(browser.open(link_of(person)), "Go on to Zoho")


def callback(place: Workplace, page: Page, **changes: str | None) -> str:
    """Return an address such as Zoho sends the browser back to, with other values in it."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    accounts = place.sandbox.announcement()["accounts_url"]
    sent: dict[str, str | None] = {"state": asked["state"], "code": "1000.a.b", "location": "us"}
    sent |= {"accounts-server": accounts} | {
        name.replace("_", "-"): value for name, value in changes.items()
    }
    query = urlencode({name: value for name, value in sent.items() if value is not None})
    return f"{asked['redirect_uri']}?{query}"


# -- a link in the wrong hands ---------------------------------------------------------


def test_the_page_names_who_is_linked(newcomer: Person) -> None:
    """When somebody opens Dev's link, the page says that it links Dev, in which workspace."""
    page = Browser().open(link_of(newcomer))

    assert "to Dev Raman in the Slack workspace Parley Sandbox" in page.text
    assert "If you are not that person" in page.text


def test_a_forwarded_link_links_nothing_by_itself(place: Workplace, newcomer: Person) -> None:
    """When Ben signs in with Dev's link, neither of them can use Ben's account yet."""
    forwarded(newcomer)

    assert not connected(newcomer)
    assert not connected(place.person("U0BEN"))
    assert "waits for the code" in answer(newcomer, "/crm status")


def test_the_browser_warns_ben(newcomer: Person) -> None:
    """When Ben signs in with Dev's link, his page says whose it is and to tell nobody the code."""
    page = agrees(link_of(newcomer), "ben@example.com")

    assert page.text.startswith("One more step")
    assert "Nothing is linked until Dev Raman types this code in Slack" in page.text
    assert "tell nobody the code: with it they could act in the CRM as you" in page.text


def test_dev_is_told_that_somebody_signed_in(newcomer: Person) -> None:
    """When Ben signs in with Dev's link, Dev reads as whom, and what to do if it wasn't him."""
    forwarded(newcomer)

    assert "If it wasn't, do nothing: it lapses in ten minutes." in newcomer.dm_text()


def test_somebody_elses_code_does_nothing(newcomer: Person, ben: Person) -> None:
    """When Ben types the code of Dev's link, nothing is linked for him or for Dev."""
    code = forwarded(newcomer)

    assert NONE_WAITED_FOR in answer(ben, f"/crm connect {code}")
    assert not connected(ben)
    assert not connected(newcomer)


def test_the_owners_code_links_by_command(place: Workplace, newcomer: Person) -> None:
    """When Dev types the code, meetings go by the account that signed in."""
    code = forwarded(newcomer)

    assert "Connected: Parley now acts in the CRM as ben@example.com" in answer(
        newcomer, f"/crm connect {code}"
    )
    asks(newcomer, "Review tomorrow 10am")
    creates(newcomer)
    owner = place.records("Events")[0]["Owner"]
    assert isinstance(owner, dict)
    assert owner["id"] == crm_id(place, "users", "ben@example.com")


def test_the_owners_code_links_by_button(newcomer: Person) -> None:
    """When Dev presses "Type the code" and types it, he is connected."""
    code = forwarded(newcomer)
    newcomer.press("Type the code")
    newcomer.fill("The code in your browser", code)

    assert newcomer.submit() == "closed"
    newcomer.wait_for(lambda: "Connected" in newcomer.dm_text())
    assert connected(newcomer)


@pytest.mark.parametrize("spelled", [str.lower, lambda code: f" {code[:2]} {code[2:]} "])
def test_case_and_spaces_dont_matter(newcomer: Person, spelled: object) -> None:
    """When Dev types the code in small letters or with spaces, it is the code."""
    assert callable(spelled)
    code = spelled(forwarded(newcomer))

    assert "Connected" in answer(newcomer, f"/crm connect {code}")


def test_a_code_counts_once(newcomer: Person) -> None:
    """When Dev types the code a second time, none is waited for."""
    code = forwarded(newcomer)
    answer(newcomer, f"/crm connect {code}")

    assert NONE_WAITED_FOR in answer(newcomer, f"/crm connect {code}")
    assert connected(newcomer)


def test_a_code_of_the_wrong_shape_is_said_at_the_field(newcomer: Person) -> None:
    """When Dev types seven letters, the field says how a code looks."""
    forwarded(newcomer)
    newcomer.press("Type the code")
    newcomer.fill("The code in your browser", "ABC-DEFG")

    assert newcomer.submit() == {
        "errors": {
            "The code in your browser": "The code has eight letters and digits. "
            "Copy it from the page in your browser."
        }
    }


def test_a_wrong_code_may_be_corrected(newcomer: Person) -> None:
    """When Dev mistypes the code, he is told and asked again; the right one still counts."""
    code = forwarded(newcomer)

    assert WRONG in answer(newcomer, f"/crm connect {another(code)}")
    newcomer.press("Type the code")
    newcomer.fill("The code in your browser", code)
    newcomer.submit()
    newcomer.wait_for(lambda: "Connected" in newcomer.dm_text())


def test_five_wrong_codes_are_enough(place: Workplace, newcomer: Person) -> None:
    """When the code was guessed five times, the right one doesn't count any more."""
    code = forwarded(newcomer)
    for _ in range(5):
        assert "code" in answer(newcomer, f"/crm connect {another(code)}")

    assert NONE_WAITED_FOR in answer(newcomer, f"/crm connect {code}")
    assert not connected(newcomer)


def test_a_code_runs_out(place: Workplace, newcomer: Person) -> None:
    """When Dev types the code after ten minutes, none is waited for, and Zoho takes it back."""
    code = forwarded(newcomer)
    later(place, minutes=10, seconds=1)

    assert NONE_WAITED_FOR in answer(newcomer, f"/crm connect {code}")
    assert "No CRM account is linked" in answer(newcomer, "/crm status")
    place.house.sweeper.sweep()
    assert [200] == [one["status"] for one in calls(place, REVOKE)]


def test_a_pending_code_is_offered_by_connect(newcomer: Person) -> None:
    """When Dev types /crm connect while a code is waited for, both ways are offered."""
    forwarded(newcomer)
    answer(newcomer, "/crm connect")

    buttons = newcomer.messages("C0GENERAL")[-1]["buttons"]
    assert buttons == ["Type the code", "Connect Zoho CRM"]


def test_an_own_sign_in_ends_the_pending_one(place: Workplace, newcomer: Person) -> None:
    """When Dev then connects his own account, the code of Ben's browser is worth nothing."""
    code = forwarded(newcomer)
    agrees(link_of(newcomer), "dev@example.com")
    newcomer.wait_for(lambda: "Connected" in newcomer.dm_text())

    assert NONE_WAITED_FOR in answer(newcomer, f"/crm connect {code}")
    assert "ben@example.com" not in answer(newcomer, "/crm status")


def test_a_meeting_whose_link_was_lost_goes_on_after_connecting(
    place: Workplace, newcomer: Person
) -> None:
    """When Zoho has ended Dev's link, connecting again offers the meeting he was planning."""
    agrees(link_of(newcomer), "dev@example.com")
    newcomer.wait_for(lambda: "Connected" in newcomer.dm_text())
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    asks(newcomer, "Review tomorrow 10am with @ben")
    newcomer.wait_for(lambda: "no longer accepts the link" in newcomer.dm_text())
    newcomer.close()
    agrees(link_of(newcomer), "dev@example.com")
    newcomer.wait_for(lambda: "Your meeting is still here" in newcomer.dm_text())
    newcomer.press("Open the form")

    assert "Review" == newcomer.field("Title")


def test_a_code_without_a_link_is_told_so(newcomer: Person) -> None:
    """When Dev types a code out of the blue, he reads how to start."""
    assert NONE_WAITED_FOR in answer(newcomer, "/crm connect ABCD-EF23")


# -- links and sign-ins that lead nowhere ----------------------------------------------


def test_looking_uses_nothing_up(newcomer: Person) -> None:
    """When a preview opens Dev's link, it still works for him."""
    link = link_of(newcomer)
    Browser().open(link)

    assert agrees(link, "dev@example.com").text.startswith("Connected")


def test_a_link_works_once(newcomer: Person) -> None:
    """When Dev opens his link again after it was used, the page says so and how to get another."""
    link = link_of(newcomer)
    agrees(link, "dev@example.com")
    page = Browser().open(link)

    assert (page.status, page.forms) == (410, ())
    assert USED in page.text
    assert "type “/crm connect” for a new link" in page.text


def test_an_open_page_doesnt_outlive_its_link(newcomer: Person) -> None:
    """When two browsers show the page and one goes on, the other can't."""
    link = link_of(newcomer)
    first, second = Browser(), Browser()
    shown = second.open(link)
    first.press(first.open(link), "Go on to Zoho")

    assert USED in second.press(shown, "Go on to Zoho").text


def test_a_link_runs_out(place: Workplace, newcomer: Person) -> None:
    """When Dev opens his link after ten minutes, it no longer works."""
    link = link_of(newcomer)
    later(place, minutes=10, seconds=1)

    assert USED in Browser().open(link).text


def test_a_sign_in_runs_out(place: Workplace, newcomer: Person) -> None:
    """When Dev agrees at Zoho only after ten minutes, nothing is linked and no token asked for."""
    browser, page = at_zoho(newcomer)
    later(place, minutes=10, seconds=1)
    after = browser.press(page, "Accept", user="dev@example.com")

    assert "This sign-in has been used, or is older than ten minutes." in after.text
    assert [] == calls(place, TOKEN)
    assert not connected(newcomer)


def test_a_made_up_link_is_refused(newcomer: Person) -> None:
    """When somebody makes a link up, its page says that it doesn't work."""
    link = link_of(newcomer)

    assert USED in Browser().open(f"{link[:-1]}{'a' if link[-1] != 'a' else 'b'}").text


def test_another_browser_cant_finish(place: Workplace, newcomer: Person) -> None:
    """When Dev's sign-in comes back in another browser, nothing is linked, not even later."""
    browser, page = at_zoho(newcomer)
    foreign = Browser().press(page, "Accept", user="ben@example.com")
    own = browser.press(page, "Accept", user="dev@example.com")

    assert (foreign.status, own.status) == (403, 410)
    assert "began in another browser" in foreign.text
    assert [] == calls(place, TOKEN)
    assert not connected(newcomer)


def test_two_sign_ins_dont_mix(place: Workplace, newcomer: Person, ben: Person) -> None:
    """When Ben's browser, in a sign-in of its own, brings Dev's state, nothing is linked."""
    _, devs = at_zoho(newcomer)
    browser, _ = at_zoho(ben)
    page = browser.open(callback(place, devs))

    assert "began in another browser" in page.text
    assert [] == calls(place, TOKEN)


@pytest.mark.parametrize("state", [None, "", "parley_st_made_up", "x" * 5000])
def test_a_made_up_state_is_refused(place: Workplace, newcomer: Person, state: str | None) -> None:
    """When the state isn't ours, nothing is asked of Zoho."""
    browser, page = at_zoho(newcomer)
    after = browser.open(callback(place, page, state=state))

    assert after.text.startswith("Not connected")
    assert [] == calls(place, TOKEN)


def test_refusing_at_zoho_links_nothing(place: Workplace, newcomer: Person) -> None:
    """When Dev presses Reject at Zoho, the page says so, and he can start again."""
    browser, page = at_zoho(newcomer)
    after = browser.press(page, "Reject", user="dev@example.com")

    assert "You didn't allow access in the CRM, so nothing was linked." in after.text
    assert [] == calls(place, TOKEN)
    assert "No CRM account is linked" in answer(newcomer, "/crm status")
    agrees(link_of(newcomer), "dev@example.com")
    assert connected(newcomer)


@pytest.mark.parametrize(
    ("location", "server"),
    [
        ("us", "https://accounts.zoho.com.evil.example"),
        ("us", "https://accounts.zoho.com@evil.example"),
        ("us", "http://127.0.0.1:9"),
        ("us", "https://accounts.zoho.com"),
        ("eu", None),
        ("us", None),
        ("us ", "the sandbox"),
        ("eu", "the sandbox"),
        ("US", "the sandbox"),
        (None, "the sandbox"),
        (None, "the sandbox/"),
    ],
)
def test_no_token_is_asked_of_strangers(
    place: Workplace, newcomer: Person, location: str | None, server: str | None
) -> None:
    """When the callback names a place that isn't a row of the table, nothing is sent anywhere."""
    accounts = place.sandbox.announcement()["accounts_url"]
    named = server and server.replace("the sandbox", accounts)
    browser, page = at_zoho(newcomer)
    after = browser.open(callback(place, page, location=location, accounts_server=named))

    assert "The answer came from a place that isn't Zoho's. Nothing was sent there." in after.text
    assert [] == calls(place, TOKEN)
    assert "No CRM account is linked" in answer(newcomer, "/crm status")


def test_a_code_zoho_doesnt_know_links_nothing(place: Workplace, newcomer: Person) -> None:
    """When the callback brings a made-up grant code, Zoho is asked and says no."""
    browser, page = at_zoho(newcomer)
    after = browser.open(callback(place, page))

    assert "Zoho no longer accepts this sign-in" in after.text
    assert 1 == len(calls(place, TOKEN))


def test_no_page_keeps_a_secret_in_its_address(place: Workplace, newcomer: Person) -> None:
    """When Dev connects, Zoho gets the client secret and the code in the body alone."""
    agrees(link_of(newcomer), "dev@example.com")

    assert [{}] == [one["query"] for one in calls(place, TOKEN)]


# -- who may use it --------------------------------------------------------------------


def test_pat_connects_by_code(place: Workplace) -> None:
    """When Pat, whose CRM address is another, signs in and types the code, she is connected."""
    pat = place.person("U0PAT")
    page = agrees(link_of(pat, "/meet Review tomorrow 10am"), "grace@example.com")
    text = answer(pat, f"/crm connect {code_on(page)}")

    assert "Connected: Parley now acts in the CRM as grace@example.com" in text
    assert ["Open the form"] == pat.messages("C0GENERAL")[-1]["buttons"]
    pat.press("Open the form")
    assert "is in your CRM" in creates(pat)


def test_gil_without_a_crm_account_stays_unconnected(place: Workplace) -> None:
    """When Gil has no account at Zoho, his sign-in ends there and Parley asks on."""
    gil = place.person("U0GIL")
    page = agrees(link_of(gil), "gil@example.com")

    assert "This user may not sign in" in page.text
    assert not connected(gil)


@pytest.mark.parametrize("command", ["/meet Review tomorrow 10am", "/crm connect", "/crm status"])
def test_a_guest_of_another_organisation_is_told(place: Workplace, command: str) -> None:
    """When Fay, in a shared channel, types a command, she reads that it isn't hers to use."""
    fay = place.person("X0FAY")

    assert answer(fay, command, "C0SALES") == (
        "Parley belongs to the other organisation in this shared channel. "
        "Ask a colleague there to schedule it."
    )


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("U0ROBOT", "Parley works for people, not for bots. Ask a person to do it."),
        ("USLACKBOT", "Parley works for people, not for bots. Ask a person to do it."),
        ("U0EVA", "This Slack account is deactivated. Ask your workspace administrator."),
    ],
)
@pytest.mark.parametrize("words", ["/meet Review tomorrow 10am", "/crm connect"])
def test_bots_and_deactivated_people_are_told(
    place: Workplace, newcomer: Person, user: str, text: str, words: str
) -> None:
    """When a command comes in a bot's or a deactivated person's name, it is turned away."""
    answer(newcomer, "/crm status")
    seen = len(newcomer.messages("C0GENERAL"))
    in_the_name_of(place, user, words)

    newcomer.wait_for(lambda: len(newcomer.messages("C0GENERAL")) > seen)
    assert text == newcomer.messages("C0GENERAL")[-1]["text"]


def in_the_name_of(place: Workplace, user: str, text: str) -> None:
    """Send a signed command as somebody who can't type, answered where the last one was typed."""
    deliveries = place.control("/control/slack/traffic", {})["deliveries"]
    assert isinstance(deliveries, list)
    name, _, words = text.partition(" ")
    told = place.sandbox.announcement()
    fields = deliveries[-1]["payload"] | {"user_id": user, "command": name, "text": words}
    body = urlencode(fields | {"trigger_id": f"1.{user}"}).encode()
    at = str(int(place.sandbox.clock.now().timestamp()))
    base = b"v0:" + at.encode() + b":" + body
    secret = told["slack_signing_secret"].encode()
    signature = f"v0={hmac.new(secret, base, hashlib.sha256).hexdigest()}"
    request = Request(  # noqa: S310 - http on loopback
        f"{place.house.settings.public_url}/slack/events",
        data=body,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature,
        },
    )
    try:
        build_opener(ProxyHandler({})).open(request, timeout=10).close()
    except HTTPError as refusal:
        refusal.close()
        raise


def test_a_code_form_slack_was_too_slow_for_is_offered_again(place: Workplace) -> None:
    """When Slack refuses to open the code's form, the button comes again."""
    pat = place.person("U0PAT")
    agrees(link_of(pat), "ben@example.com")
    pat.wait_for(lambda: "Type the code" in pat.dm_text())
    fault = {"method": "views.open", "error": "expired_trigger_id", "times": 1}
    place.control("/control/slack/faults", fault)
    pat.press("Type the code")
    pat.wait_for(lambda: "Slack was too slow to open the form." in pat.dm_text())

    pat.press("Type the code")
    pat.wait_for(lambda: pat.modal() is not None)
