"""What happens to the money of the demo after an appointment: the rest of a price, cards that were saved,
refunds that wait or fail, a bank that takes a payment back."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.db import transaction

from booking import lifecycle
from booking.demo.cast import ZONE
from booking.demo.plan import DAY, HOUR, MINUTE, Part
from booking.demo.stage import DECLINED, Acts, Stage
from booking.demo.stories import Story, kept, minutes, no_show
from payments import checkout, refunds, webhooks
from payments.gateways import sandbox, sandbox_disputes
from payments.models import Charge, Deposit, Payment


def _balance(stage: Stage, part: Part) -> Charge:
    return lifecycle.ask_balance(appointment=stage.appointment(part), by=stage.owner, at=stage.at)


def _deposit(stage: Stage, part: Part) -> Deposit:
    return Deposit.objects.get(appointment=stage.appointment(part), current=True)


def balance_asked(stage: Stage, part: Part) -> Acts:
    """The rest of the price is asked for, with a link to pay it."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    _balance(stage, part)


def balance_by_hand(stage: Stage, part: Part) -> Acts:
    """The rest of the price is transferred; a first note of it had the wrong amount and was taken back."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    charge = _balance(stage, part)
    yield stage.at + DAY + minutes(part, 5, 300)
    wrong = _by_hand(stage, charge, charge.owed - 300)
    yield stage.at + 2 * MINUTE
    lifecycle.undo_by_hand(payment=wrong, by=stage.owner, at=stage.at)
    _by_hand(stage, charge, charge.owed)


def _by_hand(stage: Stage, charge: Charge, amount: int) -> Payment:
    return lifecycle.paid_by_hand(
        charge=charge,
        amount=amount,
        method="transfer",
        reference="Bonifico, Banca di Bologna",
        received_on=stage.at.astimezone(ZoneInfo(ZONE)).date(),
        by=stage.owner,
        at=stage.at,
    )


def balance_by_link(stage: Stage, part: Part) -> Acts:
    """The rest of the price is paid through the link in the mail."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    charge = _balance(stage, part)
    yield stage.at + minutes(part, 20, 30 * 60)
    checkout.open_session(charge=charge, at=stage.at)
    payment = charge.payments.get()
    lifecycle.charge_paid(
        payment=payment, intent_id=f"{sandbox.INTENT}{payment.uid.hex}", amount=payment.amount, at=stage.at
    )


def extra_waived(stage: Stage, part: Part) -> Acts:
    """Something beside the price is asked for, and let go."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    charge = lifecycle.charge(
        appointment=stage.appointment(part),
        amount=800,
        description="Printed scores",
        by=stage.owner,
        at=stage.at,
    )
    yield stage.at + 3 * DAY
    lifecycle.waive_charge(charge=charge, note="A present.", by=stage.owner, at=stage.at)


def refund_fails(stage: Stage, part: Part) -> Acts:
    """A refund comes back days later: the card is no more."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    [refund] = lifecycle.refund(
        deposit=_deposit(stage, part),
        amount=1000,
        reason="The piano was out of tune.",
        by=stage.desk,
        at=stage.at,
    )
    yield stage.at + 18 * HOUR
    with transaction.atomic():
        refunds.record_result(
            refund=refund,
            state="failed",
            failure="expired_or_canceled_card",
            at=stage.at,
            failed=lifecycle.refund_failed,
        )


def refund_waits(stage: Stage, part: Part) -> Acts:
    """More than the refund desk may give back alone: it waits for a second yes."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    deposit = _deposit(stage, part)
    lifecycle.refund(
        deposit=deposit, amount=deposit.paid, reason="The recording was lost.", by=stage.desk, at=stage.at
    )


def disputed(stage: Stage, part: Part) -> Acts:
    """The client's bank takes the deposit back and asks for evidence."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 26 * HOUR
    _bank(stage, part, "needs_response")


def dispute_won(stage: Stage, part: Part) -> Acts:
    """The same, and the bank gave it back."""
    yield from disputed(stage, part)
    yield stage.at + 6 * DAY
    _bank(stage, part, "won")


def _bank(stage: Stage, part: Part, becomes: str) -> None:
    payment = _deposit(stage, part).payments.get(state="paid")
    body, signature = sandbox_disputes.dispute(payment=payment, becomes=becomes, at=stage.at)
    webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=stage.at), at=stage.at)


STORIES: Mapping[str, Story] = {
    story.__name__: story
    for story in (
        balance_asked,
        balance_by_hand,
        balance_by_link,
        extra_waived,
        refund_fails,
        refund_waits,
        disputed,
        dispute_won,
    )
} | {"card_charged": no_show, DECLINED: no_show}
