"""A person is forgotten: the person goes, the money stays (F-131).

What belongs to the person is listed field by field in ``<app>/personal.py``. Amounts, dates, states and the
numbers of payments stay, as tax law asks; they belong to a number from then on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed
from booking.models import Appointment, Client, Concern, Proposal, Provider, Status
from config import personal
from config.refusal import Refusal
from payments import cards
from payments.models import Charge, Credit, Deposit, Dispute, Payment, Refund, Repayment, Settlement
from reminders.models import Message

log = logging.getLogger(__name__)

STANDING = (Status.REQUESTED, Status.HELD, Status.CONFIRMED)


@dataclass(frozen=True)
class Open:
    """Something that must come to its end first; ``appointment`` is where that is done."""

    code: str
    words: str
    appointment: Appointment


class StillOpen(Refusal):
    """Something between the client and the provider has not come to its end; ``open`` says what."""

    code = "still_open"

    def __init__(self, found: list[Open]) -> None:
        words = " ".join([_("Not everything with this client has come to its end."), *_once(found)])
        super().__init__(words, open=[one.code for one in found])
        self.found = found


def _once(found: list[Open]) -> list[str]:
    return list(dict.fromkeys(one.words for one in found))


def still_open(*, client: Client) -> list[Open]:
    """What keeps a client from being erased: each ends by a story of its own, so that neither a client is
    left waiting for money or an appointment nor a provider without it."""
    found = [Open("appointment", _("An appointment stands."), one) for one in _standing(client)]
    return found + [Open(code, words, one) for code, words, one in _money(client)]


@transaction.atomic
def erase(*, client: Client, by: Actor, at: datetime) -> Client:
    """Take the person out of every row, for good; done once. Mails that wait are not sent, links die, cards are
    taken away at the gateway by the sweep. Raises `StillOpen`, and `NotAllowed` for who was merged into another: of them
    nothing is left to erase, and what was theirs would stay."""
    provider = Provider.objects.locked().get(pk=client.provider_id)
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    client.provider = provider
    if client.merged_into:
        words = _("Meanwhile this client was merged with %(name)s: all of it stands there.")
        raise NotAllowed("is_merged", words % {"name": client.merged_into.name})
    if client.erased_at:
        return client
    if found := still_open(client=client):
        raise StillOpen(found)
    _end(client, at=at)
    (own, row), *others = [(held, held.rows(client)) for held in personal.declared()]
    # The client's own row says that it is erased: no guard lets a word go before.
    own.erase(client, row, erased_at=at, erased_by=by.user)
    for held, rows in others:
        held.erase(client, rows)
    # Outside the database: after the restore of an older backup somebody must know whom to erase again.
    log.info("client erased: %s", client.uid)
    client.refresh_from_db()
    return client


def _end(client: Client, *, at: datetime) -> None:
    """What would still happen by itself does not."""
    about = Q(appointment__client=client) | Q(client=client)
    Message.objects.waiting().filter(about).update(
        state=Message.State.DROPPED, dropped_at=at, claimed_at=None
    )
    Concern.objects.filter(client=client, state__in=(Concern.State.OPEN, Concern.State.WAITING)).update(
        state=Concern.State.DROPPED
    )
    Proposal.objects.open().filter(appointment__client=client).update(
        state=Proposal.State.WITHDRAWN, decided_at=at
    )
    for card in client.cards.filter(detached_at=None):
        cards.take_away(card=card, at=at)


def _standing(client: Client) -> Iterator[Appointment]:
    yield from client.appointments.filter(status__in=STANDING).order_by("starts_at", "pk")


def _money(client: Client) -> Iterator[tuple[str, str, Appointment]]:
    """Money that waits, is owed or is under way."""
    of_deposit, of_charge = Q(deposit__appointment__client=client), Q(charge__appointment__client=client)
    its = of_deposit | of_charge
    for deposit in Deposit.objects.filter(appointment__client=client, held__gt=0):
        yield "deposit", _("A deposit is held."), deposit.appointment
    for credit in Credit.objects.filter(client=client, ended_at=None, amount__gt=F("used") + F("ended")):
        yield "credit", _("A credit waits: give it back, or let it end."), credit.deposit.appointment
    for settlement in Settlement.objects.filter(appointment__client=client, state=Settlement.State.WAITING):
        yield "settlement", _("Money waits to be settled."), settlement.appointment
    for charge in Charge.objects.filter(appointment__client=client, state=Charge.State.OWED):
        yield "charge", _("Something is owed: have it paid, or waive it."), charge.appointment
    for payment in Payment.objects.filter(its, state__in=(Payment.State.STAGED, Payment.State.OPEN)):
        yield "payment", _("A payment page is still open; it closes by itself."), payment.appointment
    for refund in Refund.objects.filter(its, state__in=(Refund.State.STAGED, Refund.State.PENDING)):
        yield "refund", _("A refund is on its way."), refund.appointment
    for asked in Repayment.objects.filter(its, state=Repayment.State.ASKED):
        yield "repayment", _("A refund waits for a second yes."), asked.appointment
    of_payment = Q(payment__deposit__appointment__client=client)
    of_payment |= Q(payment__charge__appointment__client=client)
    for dispute in Dispute.objects.filter(of_payment).exclude(state__in=Dispute.OVER):
        yield "dispute", _("The bank asks about a payment."), dispute.payment.appointment
