"""The workbench: accounts, tokens, messages, the machine file, and what a person teaches."""

from collections.abc import Iterator

import pytest

from fieldlab.app.chromium import Page
from tests.browser.hub import MARKS, Hub
from tests.browser.test_pages import visit, without_3d

pytestmark = MARKS
PASSWORD = "a long password"  # noqa: S105 - of a hub that lives for one test


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with Page(width=390, height=844) as page:
        without_3d(page)
        yield page


@pytest.fixture(autouse=True)
def nobody_is_logged_in(page: Page) -> None:
    page.call("Network.clearBrowserCookies")


FIELD = (
    "[...(document.querySelector('dialog[open]') ?? document).querySelectorAll('label')]"
    ".find((one) => one.innerText.startsWith({label!r})).querySelector('input, select')"
)


def write(page: Page, label: str, text: str) -> None:
    """Type into the field with this label, in the dialog that is open or on the page."""
    page.ask(FIELD.format(label=label) + ".focus()")
    page.call("Input.insertText", text=text)


def says(page: Page, text: str) -> None:
    page.until(f"document.body.innerText.includes({text!r})")


def choose(page: Page, label: str, value: str) -> None:
    """Choose an option of the list with this label in the open dialog."""
    page.ask(f"{FIELD.format(label=label)}.value = {value!r}")
    page.ask(f"{FIELD.format(label=label)}.dispatchEvent(new Event('change', {{bubbles: true}}))")


def test_an_admin_is_made_logs_in_makes_a_token_and_revokes_it(page: Page, hub: Hub) -> None:
    visit(page, hub, "/settings")
    says(page, "There is no account yet")

    page.click("Add a person")
    write(page, "Name", "anna")
    write(page, "New password", PASSWORD)
    write(page, "The same", PASSWORD)
    page.ask("document.querySelector('dialog[open] form').requestSubmit()")
    page.until("!!document.querySelector('input[autocomplete=current-password]')")
    page.ask("document.querySelector('form input').select()")
    write(page, "Name", "anna")
    write(page, "Password", PASSWORD)
    page.click("Log in")
    says(page, "anna · admin")
    page.click("Make a token")
    page.until("!!document.querySelector('.fresh code')")
    token = page.ask("document.querySelector('.fresh code').innerText")
    person = hub.people.of_token(token)
    page.click("Revoke")
    page.ask("document.querySelector('dialog[open] form').requestSubmit()")
    says(page, "Revoked.")

    assert person is not None
    assert (person.name, person.role) == ("anna", "visitor")
    assert hub.people.of_token(token) is None
    assert token not in page.text()
    assert hub.people.everyone() == [{"name": "anna", "role": "admin"}]


def test_a_test_message_says_what_the_channel_truly_answered(page: Page, hub: Hub) -> None:
    visit(page, hub, "/settings")
    says(page, "Quiet from 22:00 until 06:00")

    for number in (0, 1):
        page.until("!document.querySelector('main')?.innerText.includes('Sending')")
        page.ask(
            "[...document.querySelectorAll('button')]"
            f".filter((one) => one.innerText === 'Send a test message')[{number}].click()"
        )
    says(page, "taken by the other side")
    says(page, "Not delivered: ConnectionRefusedError")


def test_a_wrong_machine_file_cannot_be_saved_and_a_good_one_says_what_it_asks_for(
    page: Page, hub: Hub
) -> None:
    visit(page, hub, "/machines/cookie-line-3")
    page.until("document.querySelector('textarea')?.value.includes('learn_s')")

    edit(page, "learn_s:", "lern_s:")
    says(page, "did you mean 'learn_s'")
    says(page, "line ")
    assert page.ask("[...document.querySelectorAll('main button')]"
                    ".find((one) => one.innerText === 'Save').disabled")  # fmt: skip
    edit(page, "lern_s:", "learn_s:")
    edit(page, "price_eur: 12", "price_eur: 13")
    says(page, "Counts at once")
    page.click("Save")
    page.until("!!document.querySelector('dialog[open]')")
    page.ask("document.querySelector('dialog[open] form').requestSubmit()")
    says(page, "Saved as version 1")

    ((text, by),) = hub.view.saved
    assert "price_eur: 13" in text
    assert by == "operator"


def edit(page: Page, old: str, new: str) -> None:
    """Replace a text in the machine file."""
    page.ask(
        f"""(() => {{
          const area = document.querySelector('textarea');
          area.value = area.value.replace({old!r}, {new!r});
          area.dispatchEvent(new Event('input', {{bubbles: true}}));
        }})()"""
    )


def test_a_machine_learns_anew_with_one_tap_and_a_confirmation(page: Page, hub: Hub) -> None:
    visit(page, hub, "/machines/cookie-line-3")

    page.click("After maintenance")
    page.until("document.activeElement.closest('dialog[open]') !== null")
    page.press("Escape", 27)
    page.until("document.querySelector('dialog[open]') === null")
    assert hub.view.said == []
    page.click("A new product")
    page.ask("document.querySelector('dialog[open] form').requestSubmit()")
    says(page, "It learns anew from its next window on")

    assert hub.view.said == [("relearn", "cookie-line-3", "new-product", "operator")]


def test_it_was_another_component_is_told_with_the_keyboard_and_shows_what_was_learnt(
    page: Page, hub: Hub
) -> None:
    hub.enter("open")
    hub.enter("proven")
    visit(page, hub, "/cases/case-1")
    page.until("document.body.innerText.includes('It was another component')")

    page.ask("[...document.querySelectorAll('button')]"
             ".find((one) => one.innerText === 'It was another component').focus()")  # fmt: skip
    page.press("Enter", 13, "\r")
    page.until("document.activeElement.closest('dialog[open]') !== null")
    choose(page, "Which part", "impeller")
    choose(page, "What is wrong", "imbalance")
    for _ in range(8):
        if page.ask("document.activeElement.innerText === 'Tell the system'"):
            break
        page.press("Tab", 9)
    page.press("Enter", 13, "\r")
    says(page, "This is what it learnt")

    assert hub.view.said == [("correct", "case-1", "impeller", "imbalance", "operator")]
    assert "said 0 × right, 1 × wrong" in page.text()
    assert "counts × 0.5" in page.text()


def test_a_false_case_needs_a_reason(page: Page, hub: Hub) -> None:
    hub.enter("open")
    hub.enter("diagnosed")
    visit(page, hub, "/cases/case-1")

    page.click("It was false")
    assert page.ask("document.querySelector('dialog[open] button.main').disabled")
    write(page, "Why is this not", "somebody leaned on it")
    page.ask("document.querySelector('dialog[open] form').requestSubmit()")
    says(page, "This is what it learnt")

    assert hub.view.said == [("dismiss", "case-1", "somebody leaned on it", "operator")]


def test_a_visitor_sees_the_case_is_asked_to_log_in_and_nothing_is_said_in_red(
    page: Page, hub: Hub
) -> None:
    hub.people.add("anna", "admin", PASSWORD)
    hub.enter("open")
    hub.enter("awaiting-approval")

    for path in ("/work", "/cases/case-1", "/machines/cookie-line-3", "/settings", "/printers"):
        visit(page, hub, path)
        says(page, "Log in")
        assert page.errors == [], path
    visit(page, hub, "/cases/case-1")
    says(page, "To act, log in")

    assert "Approve this print" not in page.text()
    assert "It was another component" not in page.text()


def test_a_case_prints_on_paper_with_its_name_and_fingerprints(page: Page, hub: Hub) -> None:
    for state in ("open", "awaiting-approval", "proven"):
        hub.enter(state)
    visit(page, hub, "/cases/case-1", "?lang=en&theme=dark")
    page.until("document.body.innerText.includes('entries')")

    page.call("Emulation.setEmulatedMedia", media="print")
    text = page.text()
    ground = page.ask("getComputedStyle(document.body).backgroundColor")
    page.call("Emulation.setEmulatedMedia", media="")

    assert "Cookie line 3 · case-1" in text
    assert "ab" * 32 in text
    assert ground == "rgb(255, 255, 255)"
    assert "Print this page" not in text


def test_older_cases_come_when_asked_for_and_have_their_own_address(page: Page, hub: Hub) -> None:
    hub.view.old_cases = 130
    hub.enter("open")
    visit(page, hub, "/work")
    page.until("document.querySelectorAll('main li.card').length === 100")

    page.click("Older cases")
    page.until("document.querySelectorAll('main li.card').length === 131")
    assert "Older cases" not in page.text()
    visit(page, hub, "/cases/old-129")
    says(page, "Around 493 Hz")

    assert page.errors == []
