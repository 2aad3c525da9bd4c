"""One appointment with everything that can belong to one, written row by row: for tests that ask the
database itself, where no story may stand between."""

from types import SimpleNamespace

from booking.models import (
    ApiToken,
    Appointment,
    BusyCalendar,
    BusyElsewhere,
    ClientNote,
    IdempotencyKey,
    Lapse,
    Move,
    Provider,
    SharedNote,
    TimelineEntry,
    TimeOff,
    WebhookDelivery,
    WebhookEndpoint,
)
from payments import papers
from payments.models import (
    Credit,
    StripeEvent,
)
from policies.models import PolicyException
from reminders.models import Consent, MailEvent, Message
from tests.booking.rows import (
    AT,
    HOUR,
    appointment,
    balance_by_hand,
    client,
    deposit,
    fee_by_card,
    given_back,
    paid,
    paid_by_credit,
    post,
    proposals,
    provider,
    settled,
    waived,
)


def busy_otherwise(of: Provider) -> None:
    TimeOff.objects.create(
        provider=of, starts_at=AT + 100 * HOUR, ends_at=AT + 124 * HOUR, title="Rest", created_at=AT
    )
    elsewhere = BusyCalendar.objects.create(
        provider=of, name="Family", secret="sealed", created_at=AT, look_at=AT, read_at=AT
    )
    BusyElsewhere.objects.create(
        provider=of, calendar=elsewhere, blocked_from=AT, blocked_until=AT + HOUR, title="Lunch"
    )


def programs(of: Provider, missed: Appointment) -> None:
    told = WebhookEndpoint.objects.create(
        provider=of, url="https://program.example/kept", secret="sealed", created_at=AT
    )
    WebhookDelivery.objects.create(
        endpoint=told, event="appointment.no_show", about=missed.uid, at=AT, due_at=AT, until=AT + 72 * HOUR
    )
    user = of.memberships.first().user
    ApiToken.objects.create(provider=of, user=user, token_hash="a" * 64, scopes=["read"], created_at=AT)
    IdempotencyKey.objects.create(
        scope="s", key="k", request_hash="0" * 64, status=201, answer={"id": "x"}, created_at=AT
    )
    StripeEvent.objects.create(event_id="evt_1", kind="k", body={"a": [1.5]}, received_at=AT, due_at=AT)


def written_down(of: Provider, missed: Appointment) -> None:
    TimelineEntry.objects.create(appointment=missed, kind="no_show", at=AT, by="system", facts={"ä": 1})
    writer = of.memberships.first().user
    SharedNote.objects.create(appointment=missed, user=writer, text="Bring the sheets.", shared_at=AT)
    ClientNote.objects.create(
        client=missed.client, appointment=missed, user=writer, text="Sits by the door.", written_at=AT
    )


def mails(of: Provider, missed: Appointment) -> None:
    Message.objects.create(
        provider=of,
        appointment=missed,
        kind="no_show",
        to="client",
        start_at=AT,
        due_at=AT,
        planned_for=AT,
        state="sent",
        text="Ciao",
        created_at=AT,
        sent_at=AT,
    )
    loose = {"provider": of, "kind": "daily", "to": "provider", "due_at": AT, "planned_for": AT}
    loose["created_at"] = AT
    summary = Message.objects.create(**loose, about="2026-11-23")
    Message.objects.create(**loose, about="2026-11-24", state="passed", told_in=summary)
    Consent.objects.create(client=missed.client, channel="sms", state="given", how="booking", at=AT)
    MailEvent.objects.create(sender="mailgun", event_id="one", kind="bounced", at=AT)


def everything() -> SimpleNamespace:
    """Two appointments of one client: one missed, with a settlement done; one paid by its credit."""
    of = provider()
    service = of.services.get(slug="session")
    mira = client(of)
    missed = appointment(service, mira, AT, status="no_show", no_show_at=AT + HOUR)
    first = deposit(missed)
    payment = paid(first)
    lapse = Lapse.objects.create(appointment=missed, client=mira, kind="no_show", at=AT + HOUR)
    refund = given_back(first, payment)
    settlement = settled(first, lapse)
    charge = fee_by_card(missed, settlement)
    PolicyException.objects.create(
        appointment=missed, lapse=lapse, reason="goodwill", amount=200, full=False, at=AT
    )
    post(first, "held", "carried", 2000, "carried")
    credit = Credit.objects.create(
        deposit=first, client=mira, amount=2000, used=1500, currency="EUR", unused="forfeit", created_at=AT
    )
    later = appointment(service, mira, AT + 24 * HOUR)
    second = paid_by_credit(later, credit)
    balance_by_hand(later)
    waived(later)
    Move.objects.create(
        appointment=later, state="done", from_start_at=AT, to_start_at=AT, by="client", at=AT, notice=HOUR
    )
    proposals(missed, later)
    busy_otherwise(of)
    programs(of, missed)
    written_down(of, missed)
    mails(of, missed)
    papers.issue_missing(at=AT)
    return SimpleNamespace(
        provider=of,
        missed=missed,
        later=later,
        first=first,
        second=second,
        payment=payment,
        refund=refund,
        settlement=settlement,
        charge=charge,
        credit=credit,
    )
