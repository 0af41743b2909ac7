"""What is done to a contact before the picture."""

from typing import Any

from bookings import contact_book
from bookings.models import Contact, User
from tests.shots.cast import WANDA
from tests.shots.shot import Page
from tests.shots.stage import Stage
from tests.shots.steps.pressing import open_dialog


def of_zoe(stage: Stage) -> list[Any]:
    """The Workshop's contact Zoë, as the address of her page has it."""
    return [stage.stands.chain.contact_id]


def of_talk(stage: Stage) -> list[Any]:
    return [stage.a_contact.conversations.first().pk]


def edit_in_place(_stage: Stage, page: Page) -> None:
    page.locator("#edit-contact").click()
    page.locator("#contact-details form").wait_for()


def edit_in_disorder(stage: Stage, page: Page) -> None:
    edit_in_place(stage, page)
    page.locator("#contact-details [name=name]").fill("")
    page.locator("#contact-details [name=phone]").fill("?")
    page.locator("#contact-details button.primary").click()
    page.locator("#contact-details .error").first.wait_for()


def edit_too_late(stage: Stage, page: Page) -> None:
    """Somebody else corrects the contact while its fields are open."""
    edit_in_place(stage, page)
    contact, wanda = Contact.objects.get(pk=of_zoe(stage)[0]), User.objects.get(email=WANDA)
    contact_book.edit(
        contact, {"notes": f"Rings twice ({contact.version})"}, by=wanda, version=contact.version
    )
    page.locator("#contact-details [name=notes]").fill("Comes by bicycle")
    page.locator("#contact-details button.primary").click()
    page.locator("#contact-details .follows").wait_for()


def send_empty_conversation(_stage: Stage, page: Page) -> None:
    open_dialog(page, "#new-conversation")
    page.locator("#dialog [name=link]").fill("http://chat.example")
    page.locator("#dialog footer button.primary").click()
    page.locator("#dialog .error").first.wait_for()
