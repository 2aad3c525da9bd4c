"""Notes as they are typed and shown at the desk: private ones, and those that the client of an appointment reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from booking import lifecycle
from booking.api.fields import Text
from booking.dashboard.desk import Desk
from booking.dashboard.spoken_fields import LinesField
from booking.lifecycle.steps import LINK_LIVES_ON
from booking.models import Appointment, ClientNote, SharedNote
from booking.telling import to_client
from config import formats

LONGEST = 4000


class PrivateNoteForm(forms.Form):
    text = LinesField(label=gettext_lazy("New note"), max_length=LONGEST)

    def clean_text(self) -> str:
        """As every text of ours is read."""
        try:
            return str(Text(max_length=LONGEST, allow_blank=True).run_validation(self.cleaned_data["text"]))
        except serializers.ValidationError as wrong:
            found = wrong.detail if isinstance(wrong.detail, list) else [wrong.detail]
            raise forms.ValidationError([str(one) for one in found]) from None


class SharedNoteForm(PrivateNoteForm):
    text = LinesField(label=gettext_lazy("Note"), max_length=LONGEST)
    tell = forms.BooleanField(label=gettext_lazy("Tell by mail"), required=False)


@dataclass(frozen=True)
class Sent:
    """A form that came back, of the note ``of`` or of a new one; with ``look`` it was only to be looked at."""

    form: PrivateNoteForm
    of: UUID | None = None
    look: bool = False


def changing(note: ClientNote | SharedNote, said: Any = None) -> PrivateNoteForm:
    """The form of a note that is there. A private one may be emptied, and goes."""
    kind = SharedNoteForm if isinstance(note, SharedNote) else PrivateNoteForm
    form = kind(said, initial={"text": note.text}, auto_id=f"note-{note.uid}-%s")
    form.fields["text"].label = _("Note")
    if isinstance(note, ClientNote):
        form.fields["text"].required = False
    return form


def new_private(said: Any = None) -> PrivateNoteForm:
    return PrivateNoteForm(said, auto_id="private-%s")


def new_shared(said: Any = None, *, tell: bool = True) -> SharedNoteForm:
    return SharedNoteForm(said, initial={"tell": tell}, auto_id="shared-%s")


# --- As they are shown ---


def private(desk: Desk, notes: Iterable[ClientNote], sent: Sent | None = None) -> dict[str, Any]:
    """Rows with who wrote each and when, and the form of a new one."""
    return {
        "rows": [
            {
                "note": one,
                "when": formats.short_moment(one.written_at, desk.zone),
                "changed": formats.short_moment(one.changed_at, desk.zone) if one.changed_at else "",
                "about": formats.short_moment(one.appointment.starts_at, desk.zone)
                if one.appointment
                else "",
                "form": _form(desk, one, sent),
                "open": _is_of(sent, one),
            }
            for one in notes
        ],
        "form": sent.form if sent and sent.of is None else new_private(),
    }


def _form(desk: Desk, note: ClientNote, sent: Sent | None) -> PrivateNoteForm | None:
    """Only who wrote a note may change it."""
    if note.user_id != desk.user.pk or "act" not in desk.rights:
        return None
    return sent.form if sent and _is_of(sent, note) else changing(note)


def of_appointment(desk: Desk, appointment: Appointment, sent: Sent | None = None) -> dict[str, Any]:
    """Private ones about this appointment; the client's page has the ``others``."""
    theirs = list(desk.notes.filter(client=appointment.client_id))
    rows = [one for one in theirs if one.appointment_id == appointment.pk]
    return private(desk, rows, sent) | {"others": len(theirs) - len(rows)}


def shared(desk: Desk, appointment: Appointment, sent: Sent | None = None) -> dict[str, Any]:
    """What the client reads, each with the forms to change it, and the form of a new one."""
    client = appointment.client
    trouble = bool(client.mail_bounced_at or client.mail_complained_at)
    fresh = sent if sent and sent.of is None else None
    can = "act" in desk.rights and lifecycle.can_share(appointment, at=desk.at)
    return {
        "rows": [
            _row(one, desk, appointment, sent) for one in desk.shared_notes.filter(appointment=appointment)
        ],
        "can": can,
        "form": fresh.form if fresh else new_shared(tell=not trouble),
        "open": fresh is not None,
        "look": fresh.form.cleaned_data.get("text", "") if fresh and fresh.look else "",
        "until": formats.day(appointment.ends_at + LINK_LIVES_ON, desk.zone),
        "mail_trouble": trouble,
    }


def _row(one: SharedNote, desk: Desk, appointment: Appointment, sent: Sent | None) -> dict[str, Any]:
    mine = sent if sent and _is_of(sent, one) else None
    return {
        "uid": one.uid,
        "told": to_client.note(one, appointment, zone=desk.zone),
        "form": mine.form if mine else changing(one),
        "open": mine is not None,
        "look": mine.form.cleaned_data.get("text", "") if mine and mine.look else "",
    }


def _is_of(sent: Sent | None, note: ClientNote | SharedNote) -> bool:
    return sent is not None and sent.of == note.uid
