"""An appointment as its client sees it. Asks the story what may be done; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from booking import availability, lifecycle, quotes, telling, tokens
from booking.lifecycle import steps
from booking.models import Appointment, Mode, Status
from booking.pages import offering, paying, state, where
from booking.pages.picker import compact
from booking.pages.when import When
from booking.quotes import Quote
from booking.templatetags.kept import mode_name
from config import formats
from payments import credits, ledger
from payments.models import Settlement
from policies import wording

LATE_CHOICES = (5, 10, 15, 20)
LEADS_ON = (Status.CANCELLED, Status.NO_SHOW, Status.DECLINED, Status.EXPIRED)


class Sum(NamedTuple):
    name: str
    amount: int
    total: bool = False


@dataclass(frozen=True)
class Cost:
    """A quote for the eye: ``headline`` is the biggest thing on the page."""

    tone: str
    label: str
    headline: str
    text: str
    token: str = ""
    act: str = ""
    cheaper: bool = False  # cancelling and keeping the credit would cost less than this move


@dataclass(frozen=True)
class Sheet:
    url: str
    book_url: str
    service: str
    status: str
    currency: str
    when: When
    place: where.Place | None
    acts: frozenset[str]
    waiting: state.Told | None = None
    quote: Cost | None = None
    sums: list[Sum] = field(default_factory=list)
    settlement: str = ""
    credit: str = ""
    timeline: list[telling.Line] = field(default_factory=list)
    offers: list[dict[str, str]] = field(default_factory=list)
    other_modes: list[dict[str, str]] = field(default_factory=list)
    late_choices: tuple[int, ...] = LATE_CHOICES
    pay_words: str = ""
    explain_words: str = ""
    explain_first: bool = False  # money waits for it, and nothing was said yet
    agreed: str = ""


def head(appointment: Appointment, *, at: datetime) -> Sheet:
    """What every page of an appointment begins with."""
    provider, service = appointment.provider, appointment.service
    acts = shown(appointment, lifecycle.allowed(appointment, at=at), at=at)
    return Sheet(
        url=tokens.manage_path(appointment),
        book_url=f"/{provider.slug}/{service.slug}/",
        service=offering.name_of(service),
        status=appointment.status,
        currency=appointment.currency,
        when=where.when_of(appointment),
        place=where.place_of(appointment) if appointment.status not in LEADS_ON else None,
        acts=frozenset(acts),
    )


def whole(appointment: Appointment, *, at: datetime) -> Sheet:
    """The appointment page."""
    top = head(appointment, at=at)
    due = paying.due(appointment) if "pay" in top.acts else None
    lost = steps.waiting_settlement(appointment)
    quote = quotes.cancel(appointment, at=at) if "cancel" in top.acts and appointment.confirmed_at else None
    more: dict[str, Any] = {
        "waiting": state.told(appointment, at=at),
        "quote": cost_of(quote) if quote else None,
        "sums": sums(appointment),
        "settlement": settlement_words(appointment, lost) if lost else "",
        "credit": credit_words(appointment) if appointment.status in LEADS_ON else "",
        "timeline": telling.lines(appointment),
        "offers": offers(appointment, at=at) if appointment.status in LEADS_ON else [],
        "other_modes": other_modes(appointment) if "mode" in top.acts else [],
        "pay_words": pay_words(due.asked - due.paid, due.currency) if due else "",
        "explain_words": explain_words(appointment, lost),
        "explain_first": lost is not None and appointment.explained_at is None,
        "agreed": agreed(appointment),
    }
    return Sheet(**{**top.__dict__, **more})


def shown(appointment: Appointment, acts: set[str], *, at: datetime) -> set[str]:
    """One way to say *I am coming*: by the meeting, else by checking in, else by a word ahead."""
    if appointment.mode == Mode.VIDEO and can_join(appointment, at=at):
        return acts - {"arrive", "confirm"} | {"join"}
    return acts - {"confirm"} if "arrive" in acts else acts


def can_join(appointment: Appointment, *, at: datetime) -> bool:
    """From half an hour before the start to the end."""
    opens = appointment.starts_at - steps.EARLY_ARRIVAL
    return appointment.status == Status.CONFIRMED and opens <= at < appointment.ends_at


def cost_of(quote: Quote) -> Cost:
    """A cancel or a move in one figure and one sentence."""
    outcome, currency = quote.outcome, quote.appointment.currency
    moving = outcome.act == "move"
    label = _("Moving to this time costs") if moving else _("Cancelling now costs")
    if outcome.cost:
        amount = formats.money(outcome.cost, currency)
        act = (_("Move, and lose %(amount)s") if moving else _("Cancel, and lose %(amount)s")) % {
            "amount": amount
        }
        cheaper = outcome.cheaper == "cancel"
        return Cost("costs", label, amount, quote.text, quote.token, act, cheaper)
    act = _("Move it") if moving else _("Cancel the appointment")
    return Cost("free", label, _("Nothing"), quote.text, quote.token, act)


def sums(appointment: Appointment) -> list[Sum]:
    """What was agreed and what became of the money; what is nothing is left out."""
    found = ledger.amounts(appointment)
    names = {
        "held": _("Deposit paid"),
        "applied": _("Deposit, part of the price"),
        "refunded": _("Given back to you"),
        "carried": _("Waits as your credit"),
        "forfeited": _("Kept, as the terms say"),
        "disputed": _("In dispute with your bank"),
    }
    rows = [Sum(price_name(appointment), appointment.price)] if appointment.price else []
    rows += [Sum(words, found[bucket]) for bucket, words in names.items() if found[bucket]]
    if owed := steps.owed(appointment):
        rows.append(Sum(_("Still to pay"), owed, total=True))
    elif appointment.status == Status.CONFIRMED and found["held"]:
        rows.append(Sum(_("Rest, at the appointment"), appointment.price - found["held"], total=True))
    return rows


def price_name(appointment: Appointment) -> str:
    tax = wording.tax_included(quotes.tax_of(appointment.service, appointment.provider))
    return _("Price, %(tax)s") % {"tax": tax} if tax else _("Price")


def settlement_words(appointment: Appointment, lost: Settlement) -> str:
    """What waits to be kept and charged, each in its own amount, and until when it can be explained."""
    facts = {
        "forfeit": formats.money(lost.forfeit, lost.currency),
        "fee": formats.money(lost.fee, lost.currency),
        "moment": formats.moment(lost.due_at, appointment.timezone),
    }
    if lost.forfeit and lost.fee:
        said = _("On %(moment)s %(forfeit)s of your deposit is kept, and %(fee)s more is to be paid.")
    elif lost.fee:
        said = _("On %(moment)s %(fee)s is to be paid.")
    else:
        said = _("On %(moment)s %(forfeit)s of your deposit is kept.")
    until = _("Until then you can tell what happened.")
    return f"{said % facts} {until}"


def credit_words(appointment: Appointment) -> str:
    """What waits as a credit, and until when it keeps its worth (rule 5)."""
    credit = credits.find(appointment=appointment)
    if credit is None:
        return ""
    facts = {"amount": formats.money(credit.left, credit.currency)}
    if credit.expires_at is None:
        return _("%(amount)s waits as your credit for a new time.") % facts
    facts["moment"] = formats.moment(credit.expires_at, appointment.timezone)
    return _("%(amount)s waits as your credit for a new start before %(moment)s.") % facts


def explain_words(appointment: Appointment, lost: Any) -> str:
    who = {"who": appointment.provider.name}
    if appointment.explained_at and appointment.explanation_decided_at is None:
        return _("%(who)s has what you wrote and decides. You can add to it here.") % who
    if appointment.explained_at:
        return _("%(who)s has answered what you wrote. If there is more to say, say it here.") % who
    if lost is None:
        return _("It is settled. If there is something to say about it, %(who)s still reads it.") % who
    return _("%(who)s reads it and decides before any money moves.") % who


def pay_words(amount: int, currency: str) -> str:
    return _("Pay the deposit of %(amount)s") % {"amount": formats.money(amount, currency)}


def offers(appointment: Appointment, *, at: datetime) -> list[dict[str, str]]:
    """Three concrete times, one click each (A5); a credit goes along."""
    credit = credits.find(appointment=appointment)
    found = availability.offers(
        service=appointment.service,
        near=appointment.starts_at,
        at=at,
        mode=appointment.mode,
        before=credit.expires_at if credit else None,
    )
    service, zone = appointment.service, where.zone_of(appointment)
    more = f"&credit={tokens.make(appointment)}" if credit else ""
    return [
        {
            "words": formats.moment(start, zone),
            "url": f"/{appointment.provider.slug}/{service.slug}/?start={compact(start)}"
            f"&mode={appointment.mode}&tz={zone}{more}",
        }
        for start in found
    ]


def other_modes(appointment: Appointment) -> list[dict[str, str]]:
    return [
        {"value": mode, "name": mode_name(mode)}
        for mode in appointment.service.modes
        if mode != appointment.mode
    ]


def agreed(appointment: Appointment) -> str:
    return _("Agreed on %(moment)s.") % {
        "moment": formats.moment(appointment.agreement.agreed_at, appointment.timezone)
    }
