"""Disputes in the sandbox: what its bank remembers is in ``Payment.sandbox_dispute``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from payments.gateways import signing
from payments.gateways.base import DisputeResult, GatewayRefused, NotAtGateway
from payments.models import Payment

DISPUTE = "dp_sandbox_"
ANSWER_WITHIN = timedelta(days=7)
OPEN = ("warning", "needs_response", "under_review")
ENDS = ("won", "lost")


class SandboxDisputes:
    def find_dispute(self, dispute_id: str) -> DisputeResult:
        return _result(_disputed(dispute_id))

    def disputes_of(self, intent_id: str) -> list[DisputeResult]:
        found = Payment.objects.filter(gateway="sandbox", intent_id=intent_id).exclude(sandbox_dispute={})
        return [_result(payment) for payment in found]

    def upload_paper(self, *, name: str, content: bytes, key: str) -> str:
        """Nobody reads it here, so nothing is kept."""
        return f"file_sandbox_{uuid4().hex}"

    def answer_dispute(
        self, *, dispute_id: str, evidence: dict[str, str], paper_id: str, key: str
    ) -> DisputeResult:
        payment = _disputed(dispute_id)
        if payment.sandbox_dispute.get("answered") not in (None, key):
            raise GatewayRefused("dispute_already_answered", dispute_id)
        if payment.sandbox_dispute["state"] == "needs_response":
            _put(payment, state="under_review", answered=key)
        return _result(payment)

    def dispute_in(self, thing: dict[str, Any]) -> DisputeResult:
        return self.find_dispute(str(thing.get("id", "")))


def dispute(
    *, payment: Payment, becomes: str, at: datetime, reason: str = "product_not_received"
) -> tuple[bytes, str]:
    """What the client's bank does about a payment that was made: ``warning`` or ``needs_response`` opens a
    dispute, ``won`` and ``lost`` end it. Returns the signed webhook about it, body and signature."""
    known = payment.sandbox_dispute
    over = known.get("state") in ENDS
    unpaid = payment.state != Payment.State.PAID
    if unpaid or (over and becomes not in ENDS) or (becomes in ENDS and known.get("state") not in OPEN):
        raise GatewayRefused("dispute_not_open", str(payment.uid))
    opened = known or {
        "reason": reason,
        "opened_at": at.isoformat(),
        "due_by": (at + ANSWER_WITHIN).replace(microsecond=0).isoformat(),
    }
    _put(payment, **opened | {"state": becomes})
    kind = "closed" if becomes in ENDS else "created"
    thing = {
        "id": f"{DISPUTE}{payment.uid.hex}",
        "object": "dispute",
        "payment_intent": payment.intent_id,
    }
    return signing.sandbox_event(f"charge.dispute.{kind}", thing, account=payment.account, at=at)


def _put(payment: Payment, **facts: Any) -> None:
    payment.sandbox_dispute = payment.sandbox_dispute | facts
    payment.save(update_fields=["sandbox_dispute"])


def _disputed(dispute_id: str) -> Payment:
    uid = _uid(dispute_id)
    payment = Payment.objects.filter(Q(uid=uid), gateway="sandbox").exclude(sandbox_dispute={}).first()
    if payment is None:
        raise NotAtGateway("resource_missing", dispute_id)
    return payment


def _uid(dispute_id: str) -> UUID | None:
    try:
        return UUID(dispute_id.removeprefix(DISPUTE)) if dispute_id.startswith(DISPUTE) else None
    except ValueError:
        return None


def _result(payment: Payment) -> DisputeResult:
    known = payment.sandbox_dispute
    state = known["state"]
    return DisputeResult(
        id=f"{DISPUTE}{payment.uid.hex}",
        state=state,
        intent_id=payment.intent_id or "",
        amount=payment.amount,
        currency=payment.currency,
        reason=known["reason"],
        withdrawn=state in ("needs_response", "under_review", "lost"),
        due_by=datetime.fromisoformat(known["due_by"]),
        opened_at=datetime.fromisoformat(known["opened_at"]),
        answered=bool(known.get("answered")),
    )
