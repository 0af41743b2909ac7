"""Contacts: find the one who books, or make them. Matched in the team by normalised mail, else by phone."""

import re

from bookings.models import Contact, Team


def find_or_create(team: Team, *, name: str, email: str, phone: str) -> Contact | None:
    """The team's contact for a booker; None where neither mail nor phone is known."""
    email, digits = email.strip().lower(), normal_phone(phone)
    if email:
        contact, _ = Contact.objects.get_or_create(
            team=team, email=email, defaults={"name": name, "phone": digits}
        )
        return contact
    if digits:
        return Contact.objects.filter(team=team, phone=digits).first() or Contact.objects.create(
            team=team, name=name, phone=digits
        )
    return None


def normal_phone(phone: str) -> str:
    """A phone number as digits, with the leading + where it has one."""
    digits = re.sub(r"\D", "", phone)
    return ("+" if phone.strip().startswith("+") else "") + digits if digits else ""
