"""Cards on file: the client's yes, the card that is given for it, and the one charge it is there for.

Stage, call, settle, as everywhere: a payment row says what is to be charged, the gateway is called with a
key made from it and no transaction open, the answer is written down. A request that got no answer is
repeated with its key, and looked up first once the key is a day old. A bank's no ends it: the client
is asked to pay through the link instead, and the card is not tried again."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from booking import tokens
from config.celery import kick
from config.refusal import Refusal
from payments import accounts, gateways
from payments.gateways import CardFound, ChargeResult, GatewayRefused, GatewayUnavailable, KeyUsedOtherwise
from payments.models import Charge, Payment, SavedCard
from payments.personal import BLANK_CARD

if TYPE_CHECKING:
    from booking.models import Appointment

log = logging.getLogger(__name__)

Told = Callable[..., None]

LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
KEYS_LIVE = timedelta(hours=23)  # the gateway forgets a key after a day
SETUP_OPEN = timedelta(hours=23)


class NoCardWanted(Refusal):
    """There is no card to give here: none was agreed to, or it has been given."""

    code = "no_card_wanted"


def agree(*, appointment: Appointment, text: str, language: str, most: int, at: datetime) -> SavedCard:
    """The client's yes to exactly these words; the card itself is given on the gateway's page, and kept on the
    account on which the provider is paid now."""
    return SavedCard.objects.create(
        client=appointment.client,
        appointment=appointment,
        gateway=gateways.current().name,
        account=accounts.account_for_card(provider=appointment.provider),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        language=language,
        agreed_at=at,
        most=most,
    )


def of(*, appointment: Appointment) -> SavedCard | None:
    """The card of an appointment, given or not yet; None where there is none, or it was taken away."""
    return SavedCard.objects.filter(appointment=appointment, detached_at=None).first()


def open_page(*, card: SavedCard, at: datetime) -> str:
    """The page on which the card is given and nothing is paid. Calls the gateway."""
    card = SavedCard.objects.select_related("client", "appointment__service__provider").get(pk=card.pk)
    if card.method_id or card.detached_at:
        raise NoCardWanted(_("There is no card to give here any more."))
    if card.setup_url and card.setup_ends_at and card.setup_ends_at > at:
        return card.setup_url
    # The instant belongs to the try: repeated, it must be asked for as it was.
    with transaction.atomic(durable=True):
        card = SavedCard.objects.select_for_update().select_related("client", "appointment").get(pk=card.pk)
        if card.setup_ends_at is None or card.setup_ends_at <= at:
            card.setup_ends_at, card.setup_tries = at + SETUP_OPEN, card.setup_tries + 1
            card.save(update_fields=["setup_ends_at", "setup_tries"])
    back = tokens.manage_url(card.appointment)
    assert card.setup_ends_at
    try:
        made, url = gateways.named(card.gateway, account=card.account).create_setup(
            card=card,
            success_url=back,
            cancel_url=back,
            expires_at=card.setup_ends_at,
            key=f"setup:{card.uid}:{card.setup_tries}",
        )
    except GatewayRefused as no:
        raise GatewayUnavailable(str(no)) from no
    SavedCard.objects.filter(pk=card.pk).update(setup_id=made, setup_url=url)
    return url


def record(*, card: SavedCard, found: CardFound, at: datetime) -> bool:
    """The card was given. False when that is known, or the client took the card away meanwhile: then it is
    taken away at the gateway too."""
    locked = SavedCard.objects.select_for_update().get(pk=card.pk)
    if locked.method_id:
        return False
    locked.customer_id, locked.method_id = found.customer_id, found.method_id
    locked.brand, locked.last4, locked.expiry = found.brand[:30], found.last4[:4], found.expiry[:7]
    locked.saved_at = at
    if locked.detached_at:
        locked.detach_due_at = at
    locked.save()
    return locked.detached_at is None


def take_away(*, card: SavedCard, at: datetime) -> bool:
    """The client wants it gone: from this moment nothing is charged to it. False when it was gone."""
    locked = SavedCard.objects.select_for_update().get(pk=card.pk)
    if locked.detached_at:
        return False
    locked.detached_at = at
    locked.detach_due_at = at if locked.method_id else None
    locked.save(update_fields=["detached_at", "detach_due_at"])
    return True


def detach_due(*, at: datetime, limit: int = 100) -> int:
    """Sweep: takes cards away at the gateway. Returns how many are gone."""
    gone = 0
    for card in SavedCard.objects.filter(detach_due_at__lte=at).order_by("detach_due_at", "pk")[:limit]:
        SavedCard.objects.filter(pk=card.pk).update(detach_due_at=at + LEASE)
        try:
            gateways.named(card.gateway, account=card.account).detach(card=card)
        except GatewayUnavailable:
            continue
        except GatewayRefused as no:
            log.warning("card %s could not be taken away, it counts as gone: %s", card.uid, no)
        SavedCard.objects.filter(pk=card.pk).update(detach_due_at=None)
        SavedCard.objects.filter(pk=card.pk, client__erased_at__isnull=False).update(**BLANK_CARD)
        gone += 1
    return gone


def stage(*, charge: Charge, at: datetime) -> Payment | None:
    """What is owed is to be charged to the appointment's card, where its client agreed to as much. None
    where there is no such card, or its account takes no payments: then the client is sent the link. A charge
    meets its card once."""
    card = of(appointment=charge.appointment)
    if card is None or not card.usable or not 0 < charge.owed <= card.most - _charged(card):
        return None
    payee = accounts.of_card(card.account)
    if payee is None:
        return None
    payment = Payment.objects.create(
        charge=charge,
        gateway=card.gateway,
        account=payee.account,
        platform_fee=payee.fee(charge.owed, charge.currency),
        off_session=True,
        card=card,
        by="system",
        amount=charge.owed,
        currency=charge.currency,
        due_at=at,
        created_at=at,
    )
    kick("payments.tasks.charge_cards")
    return payment


def charge_due(*, at: datetime, paid: Told, failed: Told, limit: int = 100) -> int:
    """Sweep: charges what is staged; never inside a transaction. ``paid`` is called with ``payment``,
    ``intent_id``, ``amount`` and ``at``, ``failed`` with ``payment``, ``failure`` and ``at``, each in the
    transaction that it opens. Returns how many were answered."""
    answered = 0
    for _turn in range(limit):
        payment = _claim(at=at)
        if payment is None:
            break
        answered += _charge(payment, at=at, paid=paid, failed=failed)
    return answered


def _charged(card: SavedCard) -> int:
    """What is or may be on it already."""
    taken = card.payments.filter(state__in=("staged", "open", "paid"))
    return sum(taken.values_list("amount", flat=True))


def _claim(*, at: datetime) -> Payment | None:
    with transaction.atomic(durable=True):
        free = Q(claimed_at=None) | Q(claimed_at__lte=at - LEASE)
        due = Payment.objects.filter(free, off_session=True, state="staged", due_at__lte=at)
        payment = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
        if payment:
            payment.claimed_at = at
            payment.attempts += 1
            payment.save(update_fields=["claimed_at", "attempts"])
        return payment


def _charge(payment: Payment, *, at: datetime, paid: Told, failed: Told) -> bool:
    payment = Payment.objects.select_related(
        "card", "charge__appointment__client", "charge__appointment__service__provider"
    ).get(pk=payment.pk)
    try:
        result = _ask(payment, at=at)
    except (GatewayUnavailable, KeyUsedOtherwise) as unknown:
        log.warning("card charge %s was not answered: %s", payment.uid, unknown)
        return _later(payment, at=at)
    except GatewayRefused as no:
        result = ChargeResult("", "failed", no.code)
    if result.state == "pending":
        return _later(payment, at=at)
    if result.state == "paid":
        paid(payment=payment, intent_id=result.id, amount=payment.amount, at=at)
    else:
        failed(payment=payment, failure=result.failure, at=at)
    return True


def _ask(payment: Payment, *, at: datetime) -> ChargeResult:
    """The answer of the gateway. What was waived, paid otherwise or whose card was taken away is not
    asked for; what may have been asked before is looked up once its key is too old."""
    gateway = gateways.of(payment)
    charge, card = payment.charge, payment.card
    assert charge
    assert card
    if payment.attempts > 1:
        old = at - payment.created_at > KEYS_LIVE
        stale = charge.owed < payment.amount or card.detached_at is not None
        if (old or stale) and (found := gateway.find_charge(payment=payment)):
            return found
    if charge.owed < payment.amount or card.detached_at is not None:
        return ChargeResult("", "failed", "not_owed" if charge.owed < payment.amount else "card_gone")
    return gateway.charge_card(payment=payment, key=f"charge:{payment.uid}")


def record_failed(*, payment: Payment, failure: str, at: datetime) -> bool:
    """The bank said no: this payment is over, and what is owed stays owed. False when it is over already."""
    waiting = Payment.objects.filter(pk=payment.pk, state="staged")
    return bool(waiting.update(state="closed", failure=failure[:200], failed_at=at, claimed_at=None))


def _later(payment: Payment, *, at: datetime) -> bool:
    pause = min(timedelta(seconds=5 * 2 ** min(payment.attempts, 12)), LONGEST_PAUSE)
    Payment.objects.filter(pk=payment.pk, state="staged").update(claimed_at=None, due_at=at + pause)
    return False
