"""Deposits with their ledgers, and refunds by staff."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle
from booking.api import desk_shapes, schema_desk
from booking.api.authentication import REFUNDS
from booking.api.desk_inputs import NoteInput
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.idempotency import Answer
from booking.api.refunding import RefundingDoor
from payments.models import Deposit, Repayment


def of_provider(provider: int) -> QuerySet[Deposit]:
    """The provider's deposits with all that is told of them, in a fixed number of queries."""
    rows = Deposit.objects.filter(provider_id=provider).select_related("appointment")
    return rows.prefetch_related("refunds", "entries__deposit", "settlements")


class DepositsDoor(DeskDoor):
    @schema_desk.deposits
    def get(self, request: Request) -> Response:
        return self.listed(of_provider(self.access.provider.pk), desk_shapes.deposit)


class DepositDoor(DeskDoor):
    @schema_desk.deposit
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(desk_shapes.deposit(self.found(id)), headers=PRIVATE)

    def found(self, uid: UUID) -> Deposit:
        deposit = of_provider(self.access.provider.pk).filter(uid=uid).first()
        if deposit is None:
            raise Http404
        return deposit

    def done(self, deposit: Deposit) -> Answer:
        return Answer(desk_shapes.deposit(self.found(deposit.uid)))


class RefundDoor(DepositDoor, RefundingDoor):
    @schema_desk.refund
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.refund(self.found(id))


class RepaymentsDoor(DeskDoor):
    @schema_desk.repayments
    def get(self, request: Request) -> Response:
        rows = Repayment.objects.of(self.access.provider).annotate(created_at=F("asked_at"))
        return self.listed(
            rows.select_related("deposit", "charge", "user", "decided_by"), desk_shapes.repayment
        )


class DecideDoor(DeskDoor):
    """A second member's word on a refund that was asked for."""

    http_method_names = ["post", "options"]
    scope = REFUNDS

    def decided(self, uid: UUID, act: Callable[..., Repayment], **said: str) -> Answer:
        found = Repayment.objects.of(self.access.provider).filter(uid=uid).first()
        if found is None:
            raise Http404
        by = actors.provider(self.access.user)
        return Answer(desk_shapes.repayment(act(repayment=found, by=by, at=self.at, **said)))


class ApproveRefundDoor(DecideDoor):
    @schema_desk.approve_refund
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return self.once(lambda: self.decided(id, lifecycle.approve_repayment))


class DeclineRefundDoor(DecideDoor):
    @schema_desk.decline_refund
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        note = self.read(NoteInput).get("note") or ""
        return self.once(lambda: self.decided(id, lifecycle.decline_repayment, note=note))
