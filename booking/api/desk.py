"""The provider's appointments, by bearer token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle
from booking.actors import Actor
from booking.api import desk_shapes, schema_desk
from booking.api.desk_inputs import (
    DeclineInput,
    ExcuseInput,
    NoteInput,
    ProviderCancelInput,
    ReachedOutInput,
)
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.api.refusals import wrong
from booking.models import Appointment
from config import as_json

KNOWN = ("provider__business", "service", "client", "policy_version", "agreement__policy_version")


class OneDoor(DeskDoor):
    """One of the provider's appointments; anybody else's is not there."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.appointment = found(self.access.provider.pk, kwargs["id"])

    @property
    def by(self) -> Actor:
        return actors.provider(self.access.user)

    def done(self, appointment: Appointment) -> Answer:
        return Answer(desk_shapes.appointment(appointment, at=self.at))


class DetailDoor(OneDoor):
    @schema_desk.appointment
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002, the word of the address
        return Response(desk_shapes.appointment(self.appointment, at=self.at), headers=PRIVATE)


class ApproveDoor(OneDoor):
    @schema_desk.act("Accept a request; the client is asked for the deposit, if there is one.")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.once(self.approved)

    def approved(self) -> Answer:
        return self.done(lifecycle.approve(appointment=self.appointment, by=self.by, at=self.at))


class DeclineDoor(OneDoor):
    @schema_desk.act("Decline a request; the client is offered other times.", DeclineInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(DeclineInput)
        return self.once(lambda: self.declined(asked))

    def declined(self, asked: dict[str, Any]) -> Answer:
        lifecycle.decline(
            appointment=self.appointment,
            note=asked.get("note") or "",
            starts=asked.get("offers") or (),
            by=self.by,
            at=self.at,
        )
        return self.done(found(self.access.provider.pk, self.appointment.uid))


class ProviderCancelDoor(OneDoor):
    @schema_desk.act(
        "Cancel; the whole deposit goes back, or is carried as credit.",
        ProviderCancelInput,
        id="desk_appointment_cancel",
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(ProviderCancelInput)
        return self.once(lambda: self.cancelled(asked))

    def cancelled(self, asked: dict[str, Any]) -> Answer:
        done = lifecycle.cancel(
            appointment=self.appointment,
            reason=asked["reason"],
            note=asked["note"],
            as_credit=asked.get("as") == "credit",
            by=self.by,
            at=self.at,
        )
        offers = [as_json.instant(start) for start in done.offers]
        return Answer(desk_shapes.appointment(done.appointment, at=self.at) | {"offers": offers})


class SimpleActDoor(OneDoor):
    """An act of the provider's without more to say, told to ``lifecycle`` by its name."""

    story = ""

    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.once(self.acted)

    def acted(self) -> Answer:
        act = getattr(lifecycle, self.story)
        return self.done(act(appointment=self.appointment, by=self.by, at=self.at))


@schema_desk.of_post("The client is here.")
class ArrivedDoor(SimpleActDoor):
    story = "arrive"


@schema_desk.of_post("Wait for a client who said to be late.")
class AcceptLateDoor(SimpleActDoor):
    story = "accept_late"


@schema_desk.of_post("Write to a client who is not there.")
class ContactDoor(SimpleActDoor):
    story = "contact"


class ReachedOutDoor(OneDoor):
    @schema_desk.act(
        "Note that the client was called, texted or written to; it stands on the timeline.", ReachedOutInput
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        way = self.read(ReachedOutInput)["way"]
        return self.once(
            lambda: self.done(
                lifecycle.reached_out(appointment=self.appointment, way=way, by=self.by, at=self.at)
            )
        )


@schema_desk.of_post("Somebody helped the client with the video call.")
class HelpedDoor(SimpleActDoor):
    story = "helped"


@schema_desk.of_post("The client did not come; from the end of grace on.")
class NoShowDoor(SimpleActDoor):
    story = "mark_no_show"


@schema_desk.of_post("Take back that the client is here, where a member said so.")
class UndoArrivedDoor(SimpleActDoor):
    story = "undo_arrive"


@schema_desk.of_post("Take the mark of a no-show back.")
class UndoNoShowDoor(SimpleActDoor):
    story = "undo_no_show"


@schema_desk.of_post("The appointment took place; the deposit counts towards the price.")
class CompleteDoor(SimpleActDoor):
    story = "complete"


class KeepTermsDoor(OneDoor):
    @schema_desk.act("Answer an explanation: the terms apply. The client reads the note.", NoteInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        note = self.read(NoteInput).get("note") or ""
        return self.once(lambda: self.kept(note))

    def kept(self, note: str) -> Answer:
        kept = lifecycle.keep_terms(appointment=self.appointment, note=note, by=self.by, at=self.at)
        return self.done(kept)


class ExcuseDoor(OneDoor):
    @schema_desk.act("Waive what the client would lose, all or in part.", ExcuseInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(ExcuseInput)
        amount = amount_in(self.appointment.currency, asked.get("amount"))
        return self.once(lambda: self.excused(asked, amount))

    def excused(self, asked: dict[str, Any], amount: int | None) -> Answer:
        lifecycle.excuse(
            appointment=self.appointment,
            reason=asked["reason"],
            note=asked.get("note") or "",
            amount=amount,
            as_credit=asked.get("as") == "credit",
            by=self.by,
            at=self.at,
        )
        return self.done(found(self.access.provider.pk, self.appointment.uid))


def found(provider: int, uid: UUID) -> Appointment:
    appointment = Appointment.objects.select_related(*KNOWN).filter(provider_id=provider, uid=uid).first()
    if appointment is None:
        raise Http404
    appointment.service.provider = appointment.provider
    return appointment


def amount_in(currency: str, said: dict[str, Any] | None) -> int | None:
    """The amount of a `MoneyInput`, which must be in this currency."""
    if said is None:
        return None
    if said["currency"] != currency:
        raise wrong("amount.currency", "wrong_currency", f"{currency}")
    return int(said["amount"])
