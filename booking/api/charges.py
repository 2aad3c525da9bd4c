"""What clients owe beyond the deposit: asked, waived, paid by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle
from booking.api import desk_shapes, schema_desk
from booking.api.desk import OneDoor, amount_in
from booking.api.desk_inputs import ByHandInput, ChargeInput, NoteInput, charge_filters
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.api.refunding import RefundingDoor
from booking.api.refusals import wrong
from payments.models import Charge, Payment
from policies.rules.local_time import local


def of_provider(provider: int) -> QuerySet[Charge]:
    rows = Charge.objects.filter(provider_id=provider)
    return rows.select_related("appointment__client").prefetch_related("payments", "refunds", "entries")


class ChargesDoor(DeskDoor):
    @schema_desk.charges
    def get(self, request: Request) -> Response:
        asked = charge_filters(request.query_params)
        return self.listed(of_provider(self.access.provider.pk).filter(**asked), desk_shapes.charge)


class ChargeDoor(DeskDoor):
    @schema_desk.charge
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(desk_shapes.charge(self.found(id)), headers=PRIVATE)

    def found(self, uid: UUID) -> Charge:
        found = of_provider(self.access.provider.pk).filter(uid=uid).first()
        if found is None:
            raise Http404
        return found

    def done(self, charge: Charge) -> Answer:
        return Answer(desk_shapes.charge(self.found(charge.uid)))


class WaiveDoor(ChargeDoor):
    http_method_names = ["post", "options"]

    @schema_desk.waive
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        charge, note = self.found(id), self.read(NoteInput).get("note") or ""
        return self.once(lambda: self.waived(charge, note))

    def waived(self, charge: Charge, note: str) -> Answer:
        lifecycle.waive_charge(charge=charge, note=note, by=actors.provider(self.access.user), at=self.at)
        return self.done(charge)


class ByHandDoor(ChargeDoor):
    http_method_names = ["post", "options"]

    @schema_desk.by_hand
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        charge, asked = self.found(id), self.read(ByHandInput)
        amount = amount_in(charge.currency, asked.get("amount"))
        return self.once(lambda: self.paid(charge, amount, asked))

    def paid(self, charge: Charge, amount: int | None, asked: dict[str, Any]) -> Answer:
        lifecycle.paid_by_hand(
            charge=charge,
            amount=charge.owed if amount is None else amount,
            method=asked["method"],
            reference=asked.get("reference") or "",
            received_on=asked.get("received_on") or local(self.at, self.access.provider.timezone).date(),
            by=actors.provider(self.access.user),
            at=self.at,
        )
        return self.done(charge)


class RefundChargeDoor(ChargeDoor, RefundingDoor):
    @schema_desk.refund_charge
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.refund(self.found(id))


class UndoDoor(DeskDoor):
    """A payment that was written down by hand was a mistake."""

    http_method_names = ["post", "options"]

    @schema_desk.undo
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        payment = self.found(id)
        return self.once(lambda: self.undone(payment))

    def found(self, uid: UUID) -> Payment:
        found = Payment.objects.of(self.access.provider).filter(uid=uid).first()
        if found is None:
            raise Http404
        return found

    def undone(self, payment: Payment) -> Answer:
        lifecycle.undo_by_hand(payment=payment, by=actors.provider(self.access.user), at=self.at)
        payment.refresh_from_db()
        return Answer(desk_shapes.undone(payment))


class AskDoor(OneDoor):
    """The balance of the price, or something else, is asked of a client."""

    @schema_desk.ask
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(ChargeInput)
        amount = amount_in(self.appointment.currency, asked.get("amount"))
        if asked["kind"] == "other" and amount is None:
            raise wrong("amount", "required", "How much is it?")
        return self.once(lambda: self.asked(asked, amount))

    def asked(self, asked: dict[str, Any], amount: int | None) -> Answer:
        common: dict[str, Any] = {
            "appointment": self.appointment,
            "by": self.by,
            "at": self.at,
            "tell": asked.get("tell", True),
        }
        if asked["kind"] == "balance":
            made = lifecycle.ask_balance(amount=amount, **common)
        else:
            made = lifecycle.charge(amount=amount or 0, description=asked["description"], **common)
        found = of_provider(self.access.provider.pk).get(pk=made.pk)
        return Answer(desk_shapes.charge(found), status=201)
