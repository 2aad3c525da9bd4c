"""Payments: each of ours against its pay page, and what the gateway took that is not in the books."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db.models import QuerySet

from payments import gateways, hints
from payments.gateways import NotAtGateway, Session
from payments.models import Payment
from payments.reconcile.found import Found, Mend, about, made_at, money
from payments.reconcile.there import There, Thing, batched, is_uid

State = Payment.State
AT_ONCE = 500


def of_payments(payments: QuerySet[Payment], there: There) -> Iterator[Found]:
    """Every payment of ours that differs from its pay page."""
    for payment in payments.order_by("pk").iterator():
        try:
            session = _session(payment, there)
        except NotAtGateway:
            yield about(payment, "payment_missing", id=payment.session_id)
            continue
        if session:
            yield from _of_session(payment, session)
        yield from _of_intent(payment, there)


def unknown(there: There) -> Iterator[Found]:
    """What was made in our name and is not in the books."""
    for thing in _not_ours(there.session_of, there):
        if thing.get("status") != "expired":
            yield _unknown_session(thing, there)
    for thing in _not_ours(there.intent_of, there):
        if thing.get("status") == "succeeded":
            facts = {"there": money(thing.get("amount_received"), str(thing.get("currency")))}
            yield Found("intent_unknown", f"payment {thing['id']}", facts, about_at=made_at(thing))


def _not_ours(things: dict[str, Thing], there: There) -> Iterator[Thing]:
    """Those whose payment is not in the books, or is on another account."""
    for some in batched({uid for uid in things if is_uid(uid)}, AT_ONCE):
        rows = Payment.objects.filter(uid__in=some, account=there.account)
        known = {str(uid) for uid in rows.values_list("uid", flat=True)}
        yield from (things[uid] for uid in some if uid not in known)


def _session(payment: Payment, there: There) -> Session | None:
    thing = there.sessions.get(payment.session_id or "") or there.session_of.get(str(payment.uid))
    if thing:
        return there.gateway.session_in(thing)
    return there.gateway.find_session(payment.session_id) if payment.session_id else None


def _of_session(payment: Payment, session: Session) -> Iterator[Found]:
    if not session.is_over_the_same_as(payment):
        yield about(
            payment,
            "payment_amount",
            there=money(session.amount, session.currency),
            here=money(payment.amount, payment.currency),
        )
        return
    look = _look(payment, session)
    if session.state == "paid" and payment.state != State.PAID:
        took = money(session.amount or payment.amount, payment.currency)
        yield about(payment, "payment_lost", there=took, state=payment.state, mend=look)
    elif session.state != "paid" and payment.state == State.PAID:
        yield about(payment, "payment_unpaid_there", state=session.state)
    elif session.state == "expired" and payment.state == State.OPEN:
        yield about(payment, "payment_over", mend=look)
    elif session.state == "open" and payment.state == State.CLOSED:
        yield about(payment, "payment_open_there", mend=_end(payment, session))


def _of_intent(payment: Payment, there: There) -> Iterator[Found]:
    """A payment without a pay page: a card charged while nobody was there."""
    if payment.session_id or not (thing := _intent(payment, there)):
        return
    took = money(thing.get("amount_received"), str(thing.get("currency")))
    if thing.get("status") == "succeeded" and payment.state != State.PAID:
        mend = partial(hints.look, thing, account=there.account)
        yield about(payment, "payment_lost", there=took, state=payment.state, mend=mend)
    elif thing.get("status") != "succeeded" and payment.state == State.PAID:
        yield about(payment, "payment_unpaid_there", state=str(thing.get("status")))
    elif payment.state == State.PAID and took != money(payment.amount, payment.currency):
        yield about(payment, "payment_amount", there=took, here=money(payment.amount, payment.currency))


def _intent(payment: Payment, there: There) -> Thing | None:
    if payment.intent_id:
        return there.intents.get(payment.intent_id)
    return there.intent_of.get(str(payment.uid))


def _unknown_session(thing: Thing, there: There) -> Found:
    session = there.gateway.session_in(thing)
    facts = {"there": money(session.amount, session.currency), "state": session.state}
    end: Mend | None = partial(_expire, there.gateway, session) if session.state == "open" else None
    return Found("session_unknown", f"session {session.id}", facts, about_at=made_at(thing), mend=end)


def _look(payment: Payment, session: Session) -> Mend:
    return lambda at: hints.look_at(payment=payment, session_id=session.id, at=at)


def _end(payment: Payment, session: Session) -> Mend:
    def end(at: object) -> str:
        _expire(gateways.of(payment), session, at)
        return hints.look_at(payment=payment, session_id=session.id, at=at)  # type: ignore[arg-type]

    return end


def _expire(gateway: gateways.Gateway, session: Session, _at: object) -> str:
    gateway.expire_session(session.id)
    return ""
