"""The fake Stripe's disputes, files and refunds made in its own dashboard.

dispute = stripe.dispute(intent)                 # the bank takes the money back
stripe.dispute(intent, status="warning_needs_response")
stripe.dispute_becomes(dispute, "won")           # ... and gives it again
stripe.foreign_refund(intent, 500)               # somebody refunds in Stripe's dashboard"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.fakes.stripe_http import Problem

Json = dict[str, Any]
DAY = 24 * 60 * 60
TAKEN = ("needs_response", "under_review", "lost")
TEXTS = {
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "uncategorized_text",
}
FILES = {"service_documentation", "cancellation_policy", "customer_communication", "uncategorized_file"}


class Disputing:
    """What `StripeServer` can do about disputes. ``send`` makes and sends an event."""

    memory: Any
    send: Callable[..., Json]
    _id: Callable[[str], str]

    most_pages = 19  # what the strictest card scheme takes

    # --- What a test does to it ---

    def dispute(
        self,
        intent: str,
        *,
        amount: int | None = None,
        reason: str = "product_not_received",
        status: str = "needs_response",
        due_in: int = 7 * DAY,
    ) -> Json:
        """The cardholder's bank disputes a payment. Sends ``created`` and, where money is taken,
        ``funds_withdrawn``. Returns the dispute."""
        charge = self.memory.charges[intent]
        with self.on_the_account_of(intent):  # type: ignore[attr-defined]
            made = self._id("dp")
        found = {
            "id": made,
            "object": "dispute",
            "amount": charge["amount"] if amount is None else amount,
            "currency": charge["currency"],
            "charge": f"ch_{intent}",
            "payment_intent": intent,
            "reason": reason,
            "status": status,
            "created": int(time.time()),
            "evidence": {},
            "evidence_details": {"due_by": int(time.time()) + due_in, "submission_count": 0},
            "balance_transactions": [],
            "metadata": {},
        }
        self.memory.disputes[made] = found
        self._book(found)
        self.send("charge.dispute.created", found)
        if found["balance_transactions"]:
            self.send("charge.dispute.funds_withdrawn", found)
        return found

    def dispute_becomes(self, dispute: str, status: str) -> Json:
        """The dispute goes on: under review, won, lost, closed, or an inquiry that becomes one."""
        found = self.memory.disputes[dispute]
        found["status"] = status
        moved = self._book(found)
        over = status in ("won", "lost", "warning_closed", "prevented")
        if moved:
            self.send(f"charge.dispute.funds_{moved}", found)
        return self.send(f"charge.dispute.{'closed' if over else 'updated'}", found)

    def foreign_refund(self, intent: str, amount: int) -> Json:
        """A refund made in Stripe's own dashboard; ``charge.refunded`` tells of it and nothing else."""
        with self.on_the_account_of(intent):  # type: ignore[attr-defined]
            self._refund({"payment_intent": intent, "amount": amount})  # type: ignore[attr-defined]
        charge = {"id": f"ch_{intent}", "object": "charge", "payment_intent": intent, "metadata": {}}
        self.memory.on[charge["id"]] = self.memory.on.get(intent, "")
        return self.send("charge.refunded", charge)

    def _book(self, found: Json) -> str:
        """Money goes out when it is disputed and comes back when that is over."""
        booked = found["balance_transactions"]
        out = sum(one["amount"] for one in booked) < 0
        if found["status"] in TAKEN and not out:
            booked.append({"id": self._id("txn"), "amount": -found["amount"], "fee": 2000})
            return "withdrawn"
        if found["status"] == "won" and out:
            booked.append({"id": self._id("txn"), "amount": found["amount"], "fee": 0})
            return "reinstated"
        return ""

    def open_dispute_of(self, intent: str) -> bool:
        of_it = [one for one in self.memory.disputes.values() if one["payment_intent"] == intent]
        return any(one["status"] in TAKEN for one in of_it)

    # --- What it answers ---

    def _answered(self, dispute: str, params: Json) -> Json:
        found: Json = self._known(self.memory.disputes, dispute)  # type: ignore[attr-defined]
        evidence = params.get("evidence", {})
        for name, value in evidence.items():
            _check(name, value, self.memory.files)
        if _pages(evidence, self.memory.files) > self.most_pages:
            raise Problem(400, "dispute_evidence_page_limit_exceeded")
        found["evidence"] |= evidence
        if params.get("submit") == "true":
            if found["evidence_details"]["submission_count"]:
                raise Problem(400, "dispute_evidence_already_submitted")
            found["evidence_details"]["submission_count"] = 1
            found["status"] = {
                "needs_response": "under_review",
                "warning_needs_response": "warning_under_review",
            }.get(found["status"], found["status"])
        return found

    def _file(self, params: Json) -> Json:
        content = params.get("file")
        if not isinstance(content, bytes) or not content.startswith(b"%PDF"):
            raise Problem(400, "invalid_file_type")
        made = self._id("file")
        self.memory.files[made] = content
        return {"id": made, "object": "file", "purpose": params["purpose"], "size": len(content)}


def _pages(evidence: Json, files: Json) -> int:
    """As many as texts and papers come to together, about."""
    letters = sum(len(value) for name, value in evidence.items() if name in TEXTS)
    papers = (files[value] for name, value in evidence.items() if name in FILES)
    return letters // 3_000 + 1 + sum(paper.count(b"/Type /Page\n") for paper in papers)


def _check(name: str, value: str, files: Json) -> None:
    if name in TEXTS:
        if len(value) > 20_000:
            raise Problem(400, "parameter_invalid", message=f"{name} is too long")
    elif name not in FILES or value not in files:
        raise Problem(400, "parameter_unknown", message=f"evidence[{name}]")
