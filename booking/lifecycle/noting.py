"""What a provider writes to the client about one appointment: shared, put in other words, taken back.

The timeline keeps who did it and when, and the mail that there is a note; neither says a word of it, for it may be
about health."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.lifecycle.steps import LINK_LIVES_ON, NotAllowed, record, take
from booking.models import Appointment, SharedNote
from reminders import plan

MOST_NOTES = 20  # on one page


def can_share(appointment: Appointment, *, at: datetime) -> bool:
    """Whether the client has a page on which to read it."""
    return appointment.client.erased_at is None and at < appointment.ends_at + LINK_LIVES_ON


@transaction.atomic
def share_note(*, appointment: Appointment, text: str, tell: bool, by: Actor, at: datetime) -> SharedNote:
    """The client reads it on the appointment's page from now on, and with ``tell`` a mail says that it is there.
    Refuses where that page is no more, and more than ``MOST_NOTES``."""
    appointment = take(appointment)
    _must_be_read(appointment, at=at)
    if appointment.shared_notes.count() >= MOST_NOTES:
        raise NotAllowed(
            "too_many_notes",
            _("There are %(most)s shared notes already: change one, or take one back.")
            % {"most": MOST_NOTES},
        )
    assert by.user
    made = SharedNote.objects.create(appointment=appointment, user=by.user, text=text, shared_at=at)
    _said(made, "note_shared", tell=tell, by=by, at=at)
    return made


@transaction.atomic
def change_shared_note(*, note: SharedNote, text: str, tell: bool, by: Actor, at: datetime) -> SharedNote:
    """In other words, for the client too; what it said before is kept nowhere. The same words change nothing."""
    appointment, note = _taken(note)
    _must_be_read(appointment, at=at)
    if text == note.text:
        return note
    assert by.user
    note.text, note.user, note.changed_at = text, by.user, at
    note.save(update_fields=["text", "user", "changed_at"])
    _said(note, "note_changed", tell=tell, by=by, at=at)
    return note


@transaction.atomic
def take_note_back(*, note: SharedNote, by: Actor, at: datetime) -> Appointment:
    """The client reads it no more, and a mail about it that waits is not sent."""
    appointment, note = _taken(note)
    _unsay(note, at=at)
    record(appointment, "note_taken_back", by=by, at=at, shared_note=str(note.uid))
    note.delete()
    return appointment


def _taken(note: SharedNote) -> tuple[Appointment, SharedNote]:
    appointment = take(note.appointment)
    found = appointment.shared_notes.filter(pk=note.pk).first()
    if found is None:
        raise NotAllowed("note_gone", _("This note was taken back meanwhile."))
    return appointment, found


def _must_be_read(appointment: Appointment, *, at: datetime) -> None:
    if not can_share(appointment, at=at):
        raise NotAllowed(
            "page_gone", _("The client's page of this appointment is no more, so nobody could read it.")
        )


def _said(note: SharedNote, kind: str, *, tell: bool, by: Actor, at: datetime) -> None:
    """On the timeline, and by mail where that is wanted: in one that waits already, or in another."""
    appointment = note.appointment
    record(appointment, kind, by=by, at=at, shared_note=str(note.uid), mailed=tell)
    if tell:
        told = kind == "note_changed" and not _unsay(note, at=at)
        plan.tell(
            appointment=appointment,
            kind="note_shared",
            to="client",
            at=at,
            about=f"{_about(note)}:{at.isoformat()}",
            facts={"changed": told},
        )


def _unsay(note: SharedNote, *, at: datetime) -> int:
    return plan.drop(appointment=note.appointment, at=at, kinds=["note_shared"], about=_about(note))


def _about(note: SharedNote) -> str:
    return f"note:{note.uid}"
