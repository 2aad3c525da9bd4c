"""A refund by staff, of a deposit or of a charge: given at once, or asked for where a second member says yes."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from booking import actors, lifecycle
from booking.api import desk_shapes
from booking.api.authentication import REFUNDS
from booking.api.desk import amount_in
from booking.api.desk_inputs import RefundInput
from booking.api.doors import DeskDoor
from booking.api.idempotency import Answer
from payments.models import Charge, Deposit, Repayment


class RefundingDoor(DeskDoor):
    http_method_names = ["post", "options"]
    scope = REFUNDS

    def refund(self, whole: Deposit | Charge) -> Response:
        asked = self.read(RefundInput)
        amount = amount_in(whole.currency, asked["amount"])
        return self.once(lambda: self.refunded(whole, amount or 0, asked))

    def refunded(self, whole: Deposit | Charge, amount: int, asked: dict[str, Any]) -> Answer:
        made = lifecycle.give_back(
            whole=whole,
            amount=amount,
            how="credit" if asked.get("as") == "credit" else "card",
            reason=asked["reason"],
            by=actors.provider(self.access.user),
            at=self.at,
        )
        if made.state == Repayment.State.ASKED:
            return Answer(desk_shapes.repayment(made), status=202)
        return self.done(whole)

    def done(self, whole: Any) -> Answer:
        """The deposit or charge as it is now."""
        raise NotImplementedError
