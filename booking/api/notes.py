"""Notes that a provider shares with the client of an appointment, by bearer token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from booking import lifecycle
from booking.api import schema_desk
from booking.api.desk import OneDoor
from booking.api.desk_inputs import ChangeNoteInput, ShareNoteInput, TakeNoteBackInput
from booking.api.idempotency import Answer
from booking.models import SharedNote


class ShareNoteDoor(OneDoor):
    @schema_desk.act("Share a note with the client.", ShareNoteInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002, the word of the address
        asked = self.read(ShareNoteInput)
        return self.once(lambda: self.shared(asked))

    def shared(self, asked: dict[str, Any]) -> Answer:
        lifecycle.share_note(
            appointment=self.appointment,
            text=asked["text"],
            tell=asked.get("tell", True),
            by=self.by,
            at=self.at,
        )
        return self.done(self.appointment)


class OneNoteDoor(OneDoor):
    """One of the shared notes of this appointment."""

    def note(self, uid: UUID) -> SharedNote:
        found = self.appointment.shared_notes.filter(uid=uid).first()
        if found is None:
            raise Http404
        return found


class ChangeNoteDoor(OneNoteDoor):
    @schema_desk.act("Put a shared note in other words.", ChangeNoteInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(ChangeNoteInput)
        return self.once(lambda: self.changed(asked))

    def changed(self, asked: dict[str, Any]) -> Answer:
        lifecycle.change_shared_note(
            note=self.note(asked["note"]),
            text=asked["text"],
            tell=asked.get("tell", True),
            by=self.by,
            at=self.at,
        )
        return self.done(self.appointment)


class TakeNoteBackDoor(OneNoteDoor):
    @schema_desk.act("Take a shared note back: the client reads it no more.", TakeNoteBackInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(TakeNoteBackInput)
        return self.once(lambda: self.taken_back(asked["note"]))

    def taken_back(self, uid: UUID) -> Answer:
        lifecycle.take_note_back(note=self.note(uid), by=self.by, at=self.at)
        return self.done(self.appointment)
