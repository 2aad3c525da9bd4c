"""What a client owes for an appointment, as the client reads it."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from booking import included_tax
from booking.models import Appointment, Status
from payments import cards, charges
from payments.models import Charge


class Owed(NamedTuple):
    """``payable``: by card, here and now; else ``note`` says why not. ``tax`` is what the amount includes."""

    uid: UUID
    words: str
    amount: int
    payable: bool
    note: str = ""
    tax: str = ""


class Card(NamedTuple):
    """The card on file: ``name`` is empty while it was agreed to and not given yet."""

    name: str
    expiry: str
    text: str
    language: str


def card(appointment: Appointment) -> Card | None:
    """What is kept, or may still be given, where a fee could come."""
    found = cards.of(appointment=appointment)
    if found is None or (not found.method_id and appointment.status != Status.CONFIRMED):
        return None
    name = f"{found.brand.capitalize()} ···· {found.last4}" if found.method_id else ""
    expiry = "/".join(reversed(found.expiry.split("-"))) if found.expiry else ""
    return Card(name, expiry, found.text, found.language)


def of(appointment: Appointment) -> list[Owed]:
    """Everything that is owed, the oldest first."""
    return [_told(charge) for charge in charges.owed(appointment=appointment)]


def find(appointment: Appointment, uid: UUID) -> Charge | None:
    """The charge of that id of this appointment."""
    return Charge.objects.filter(appointment=appointment, uid=uid).first()


def words(charge: Charge) -> str:
    if charge.kind == Charge.Kind.OTHER:
        return charge.description
    return _("A fee, as the terms say") if charge.kind == Charge.Kind.FEE else _("The rest of the price")


def _told(charge: Charge) -> Owed:
    tax = included_tax.words(
        included_tax.asked(appointment=charge.appointment, what=charge.kind, amount=charge.owed)
    )
    if charges.payable(charge=charge):
        return Owed(charge.uid, words(charge), charge.owed, True, tax=tax)
    note = _("It is being charged to your saved card.")
    if not charges.with_card(charge=charge):
        note = _("This is too little to pay by card. Please pay it at the next appointment.")
    return Owed(charge.uid, words(charge), charge.owed, False, note, tax)
