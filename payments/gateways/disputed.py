"""Stripe's disputes: found, answered, and read into our words."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from payments.gateways.base import DisputeResult, GatewayUnavailable
from payments.gateways.calling import Calling

MOST = 100
STATES = {
    "needs_response": "needs_response",
    "under_review": "under_review",
    "appeal_needs_response": "under_review",
    "appeal_under_review": "under_review",
    "warning_needs_response": "warning",
    "warning_under_review": "warning",
    "warning_closed": "closed",
    "prevented": "closed",
    "won": "won",
    "lost": "lost",
}


class Disputes(Calling):
    """What `Stripe` does about disputes."""

    def find_dispute(self, dispute_id: str) -> DisputeResult:
        with self._asking():
            found = self._api.disputes.retrieve(dispute_id, {}, self._on_account())
        return self.dispute_in(found.to_dict())

    def disputes_of(self, intent_id: str) -> list[DisputeResult]:
        with self._asking():
            asked = {"payment_intent": intent_id, "limit": MOST}
            page = self._api.disputes.list(asked, self._on_account())
            return [self.dispute_in(one.to_dict()) for one in page.auto_paging_iter()]

    def upload_paper(self, *, name: str, content: bytes, key: str) -> str:
        paper = BytesIO(content)
        paper.name = name
        with self._asking():
            made = self._api.files.create(
                {"file": paper, "purpose": "dispute_evidence"}, self._on_account(key)
            )
        return str(made.to_dict()["id"])

    def answer_dispute(
        self, *, dispute_id: str, evidence: dict[str, str], paper_id: str, key: str
    ) -> DisputeResult:
        papers = {"service_documentation": paper_id} if paper_id else {}
        asked: Any = {"evidence": evidence | papers, "submit": True}
        with self._asking():
            told = self._api.disputes.update(dispute_id, asked, self._on_account(key))
        return self.dispute_in(told.to_dict())

    def dispute_in(self, thing: dict[str, Any]) -> DisputeResult:
        if not isinstance(thing.get("id"), str) or not isinstance(thing.get("amount"), int):
            raise GatewayUnavailable("a dispute without an id or an amount")
        details = thing.get("evidence_details") or {}
        status = str(thing.get("status"))
        return DisputeResult(
            id=thing["id"],
            state=STATES.get(status, "under_review"),
            intent_id=_reference(thing.get("payment_intent")),
            amount=thing["amount"],
            currency=str(thing.get("currency") or "").upper(),
            reason=str(thing.get("reason") or ""),
            withdrawn=_withdrawn(thing),
            due_by=_instant(details.get("due_by")),
            opened_at=_instant(thing.get("created")),
            answered=status.endswith("under_review") or bool(details.get("submission_count")),
        )


def _withdrawn(thing: dict[str, Any]) -> bool:
    """By what was booked where that is told, else by what the state means."""
    booked = [
        one.get("amount") or 0 for one in thing.get("balance_transactions") or [] if isinstance(one, dict)
    ]
    return sum(booked) < 0 if booked else thing.get("status") == "lost"


def _instant(said: Any) -> datetime | None:
    return datetime.fromtimestamp(said, UTC) if isinstance(said, int) and said > 0 else None


def _reference(thing: Any) -> str:
    return str(thing.get("id") or "") if isinstance(thing, dict) else str(thing or "")
