"""Rows as a story would leave them, written one by one: an appointment, its money, what was decided about it."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from booking import transfer
from booking.models import (
    Appointment,
    BusyTime,
    Client,
    HealthConsent,
    Lapse,
    Proposal,
    ProposedTime,
    Provider,
    Service,
)
from payments.models import (
    Charge,
    ConnectedAccount,
    Credit,
    Decision,
    Deposit,
    Dispute,
    LedgerEntry,
    Payment,
    Refund,
    Repayment,
    SavedCard,
    Settlement,
    Waiver,
)
from policies.models import Agreement
from tests.booking.provider_files import BIANCHI, content

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def provider() -> Provider:
    return transfer.load(file=transfer.read(content(BIANCHI)), at=AT)


def client(of: Provider, email: str = "mira@example.com") -> Client:
    return Client.objects.create(provider=of, name="Mira", email=email, timezone="Europe/Rome", created_at=AT)


def appointment(service: Service, of: Client, start: datetime, **fields: object) -> Appointment:
    version = service.policy.versions.get()
    end = start + timedelta(minutes=50)
    times = {"starts_at": start, "ends_at": end, "blocked_from": start, "blocked_until": end + HOUR / 6}
    made = Appointment.objects.create(
        provider=service.provider,
        service=service,
        client=of,
        policy_version=version,
        mode="video",
        original_start_at=start,
        grace_ends_at=start + HOUR / 4,
        price=9000,
        deposit_amount=2700,
        timezone="Europe/Rome",
        language="en",
        token_hash=hashlib.sha256(str(start).encode()).hexdigest(),
        **{"status": "confirmed", "currency": "EUR", "created_at": AT, **times, **fields},
    )
    text = "Up to 48 hours before, changing is free. — สวัสดี"
    Agreement.objects.create(
        appointment=made,
        policy_version=version,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        language="en",
        agreed_at=AT,
        user_agent="a test",
    )
    HealthConsent.objects.create(
        appointment=made, act="given", text=text, sha256="0" * 64, language="en", by="client", at=AT
    )
    return made


def deposit(of: Appointment, **fields: object) -> Deposit:
    return Deposit.objects.create(appointment=of, currency="EUR", asked=2700, created_at=AT, **fields)


def paid(of: Deposit | Charge, amount: int = 2700, **fields: object) -> Payment:
    facts = {"gateway": "sandbox", "intent_id": f"pi_{uuid4().hex}"} | fields
    payment = Payment.objects.create(
        **about(of), state="paid", amount=amount, currency="EUR", created_at=AT, paid_at=AT, **facts
    )
    post(of, "outside", "held" if isinstance(of, Deposit) else "applied", amount)
    return payment


def post(of: Deposit | Charge, source: str, target: str, amount: int, reason: str = "paid") -> None:
    LedgerEntry.objects.create(
        **about(of), source=source, target=target, amount=amount, reason=reason, by="client", at=AT
    )


def about(of: Deposit | Charge) -> dict[str, Deposit | Charge]:
    return {"deposit" if isinstance(of, Deposit) else "charge": of}


def card(of: Appointment, most: int = 9000) -> SavedCard:
    text = "Up to 90.00 euros may be charged to this card."
    return SavedCard.objects.create(
        client=of.client,
        appointment=of,
        gateway="sandbox",
        customer_id="cus_1",
        method_id="pm_1",
        brand="visa",
        last4="4242",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        language="en",
        agreed_at=AT,
        most=most,
        saved_at=AT,
    )


def fee_by_card(missed: Appointment, settlement: Settlement) -> Charge:
    """A fee that was charged to a saved card, of which a part was given back."""
    charge = Charge.objects.create(
        appointment=missed, settlement=settlement, amount=300, currency="EUR", state="paid", created_at=AT
    )
    payment = paid(charge, 300, off_session=True, card=card(missed))
    post(charge, "applied", "refunded", 100, "staff")
    Refund.objects.create(
        charge=charge,
        payment=payment,
        source="applied",
        amount=100,
        currency="EUR",
        reason="staff",
        by="provider",
        due_at=AT,
        created_at=AT,
    )
    return charge


def balance_by_hand(of: Appointment) -> Charge:
    """A balance of which a part was paid in cash."""
    charge = Charge.objects.create(
        appointment=of, kind="balance", amount=6300, currency="EUR", by="provider", created_at=AT
    )
    paid(charge, 2000, gateway="manual", method="cash", intent_id=None, by="provider")
    return charge


def proposals(accepted: Appointment, standing: Appointment) -> None:
    """One that was accepted long ago, and one of two times that is open."""
    old = Proposal.objects.create(
        appointment=accepted,
        state="accepted",
        created_at=AT - HOUR,
        expires_at=AT,
        decided_at=AT - HOUR / 2,
        chosen_start_at=AT + 10 * HOUR,
    )
    new = Proposal.objects.create(appointment=standing, created_at=AT, expires_at=AT + 9 * HOUR)
    for proposal, start in ((old, AT + 10 * HOUR), (new, AT + 50 * HOUR), (new, AT + 55 * HOUR)):
        span = {"blocked_from": start, "blocked_until": start + HOUR}
        ProposedTime.objects.create(proposal=proposal, start_at=start, **span)
        if proposal == new:
            BusyTime.objects.create(
                provider=standing.provider,
                appointment=standing,
                kind="proposal",
                expires_at=proposal.expires_at,
                **span,
            )


def decided(of: Deposit, payment: Payment) -> Repayment:
    """What the member decided to give back of it; its bank had asked, too, and was answered."""
    Dispute.objects.create(
        payment=payment,
        gateway_id="dp_1",
        amount=200,
        currency="EUR",
        state="closed",
        opened_at=AT,
        closed_at=AT,
        staged_at=AT,
        submitted_at=AT,
    )
    said = {"deposit": of, "currency": "EUR", "reason": "goodwill", "asked_at": AT, "decided_at": AT}
    Repayment.objects.create(amount=100, state="declined", **said)
    return Repayment.objects.create(
        deposit=of, amount=200, currency="EUR", reason="goodwill", state="given", asked_at=AT, decided_at=AT
    )


def given_back(of: Deposit, payment: Payment) -> Refund:
    post(of, "held", "refunded", 200, "goodwill")
    return Refund.objects.create(
        repayment=decided(of, payment),
        deposit=of,
        payment=payment,
        source="held",
        amount=200,
        currency="EUR",
        reason="goodwill",
        by="provider",
        due_at=AT,
        created_at=AT,
    )


def settled(of: Deposit, lapse: Lapse) -> Settlement:
    post(of, "held", "forfeited", 500, "no_show")
    settlement = Settlement.objects.create(
        appointment=of.appointment,
        deposit=of,
        lapse=lapse,
        cause="no_show",
        forfeit=500,
        fee=300,
        currency="EUR",
        state="done",
        due_at=AT,
        created_at=AT,
        settled_at=AT,
    )
    Decision.objects.create(
        settlement=settlement,
        what="planned",
        forfeit_before=0,
        fee_before=0,
        forfeit_after=500,
        fee_after=300,
        by="system",
        at=AT,
    )
    return settlement


def paid_by_credit(later: Appointment, credit: Credit) -> Deposit:
    """In part; the rest went to the provider's own account. A settlement of it waits."""
    second = deposit(later, credit=credit, carried_in=1500)
    post(second, "outside", "held", 1500, "carried_in")
    own = ConnectedAccount.objects.create(
        provider=later.provider,
        gateway="sandbox",
        account_id="acct_sandbox_1",
        charges_enabled=True,
        wanted=["external_account"],
        fee_basis_points=100,
        created_at=AT,
        enabled_at=AT,
    )
    paid(second, 1200, account=own.account_id, platform_fee=12)
    Settlement.objects.create(
        appointment=later,
        deposit=second,
        cause="cancel",
        forfeit=2700,
        fee=0,
        currency="EUR",
        due_at=AT,
        created_at=AT,
    )
    return second


def waived(of: Appointment) -> None:
    forgiven = Charge.objects.create(
        appointment=of,
        kind="other",
        description="Materials",
        amount=400,
        waived=400,
        currency="EUR",
        state="waived",
        created_at=AT,
    )
    Waiver.objects.create(charge=forgiven, amount=400, at=AT)
