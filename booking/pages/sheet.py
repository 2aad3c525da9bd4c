"""An appointment as its client sees it. Asks the story what may be done; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from booking import costs, free_starts, included_tax, lifecycle, quotes, tokens, wishes
from booking.lifecycle import steps
from booking.models import Appointment, Mode, Status
from booking.pages import offering, owing, paying, state, where
from booking.pages.forms import REASONS
from booking.pages.picker import compact
from booking.pages.private import path_of
from booking.pages.when import When
from booking.quotes import Quote
from booking.telling import to_client
from booking.templatetags.kept import mode_name, status_of
from config import formats
from payments import credits, ledger
from payments.models import Paper, Settlement
from payments.papers import printing
from policies import wording
from reminders import calendar
from reminders.wording import adding

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
    over: bool  # nobody comes at this time
    acts: frozenset[str]
    waiting: state.Told | None = None
    quote: Cost | None = None
    sums: list[Sum] = field(default_factory=list)
    settlement: str = ""
    credit: str = ""
    notes: list[to_client.Note] = field(default_factory=list)
    timeline: list[to_client.Line] = field(default_factory=list)
    offers: list[dict[str, str]] = field(default_factory=list)
    offers_words: str = ""
    other_modes: list[dict[str, str]] = field(default_factory=list)
    late_choices: tuple[int, ...] = LATE_CHOICES
    pay_words: str = ""
    owed: list[owing.Owed] = field(default_factory=list)
    card: owing.Card | None = None
    explain_words: str = ""
    explain_first: bool = False  # money waits for it, and nothing was said yet
    said_why: str = ""
    agreed: str = ""
    consent: str = ""  # to answers about health, while it holds
    ticked: bool = True
    papers: list[dict[str, str]] = field(default_factory=list)
    others: list[dict[str, str]] = field(default_factory=list)  # of its series
    rest: int = 0  # so many would be cancelled with it
    adding: list[adding.Adding] = field(default_factory=list)


def head(appointment: Appointment, *, at: datetime) -> Sheet:
    """What every page of an appointment begins with."""
    provider, service = appointment.provider, appointment.service
    acts = shown(appointment, lifecycle.allowed(appointment, at=at), at=at)
    return Sheet(
        url=path_of(appointment),
        book_url=book_url(appointment)
        if appointment.status in LEADS_ON
        else f"/{provider.slug}/{service.slug}/",
        service=offering.name_of(service),
        status=status_of(appointment),
        currency=appointment.currency,
        when=where.when_of(appointment),
        place=where.place_of(appointment) if appointment.status not in LEADS_ON else None,
        over=appointment.status in LEADS_ON,
        acts=frozenset(acts),
    )


def whole(appointment: Appointment, *, at: datetime) -> Sheet:
    """The appointment page; what many of its lines look at is read once."""
    prefetch_related_objects([appointment], "deposits", "charges", "moves")
    top = head(appointment, at=at)
    due = paying.due(appointment) if "pay" in top.acts else None
    lost = steps.waiting_settlement(appointment)
    quote = quotes.cancel(appointment, at=at) if "cancel" in top.acts and appointment.confirmed_at else None
    found = offers(appointment, at=at) if appointment.status in LEADS_ON else []
    ticked, agreed_words = agreed(appointment)
    more: dict[str, Any] = {
        "waiting": state.told(appointment, at=at),
        "quote": cost_of(quote) if quote else None,
        "sums": sums(appointment),
        "settlement": settlement_words(appointment, lost) if lost else "",
        "credit": credit_words(appointment) if appointment.status in LEADS_ON else "",
        "notes": to_client.notes(appointment),
        "timeline": to_client.lines(appointment),
        "offers": found,
        "offers_words": offers_words(found),
        "other_modes": other_modes(appointment) if "mode" in top.acts else [],
        "pay_words": pay_words(due.asked - due.paid, due.currency) if due else "",
        "owed": owing.of(appointment),
        "card": owing.card(appointment),
        "explain_words": explain_words(appointment, lost),
        "explain_first": lost is not None and appointment.explained_at is None,
        "said_why": said_why(appointment),
        "ticked": ticked,
        "agreed": agreed_words,
        "consent": consent_words(appointment),
        "papers": papers(appointment),
        "others": (dates := others(appointment)),
        "rest": rest(appointment, at=at) if dates else 0,
        "adding": calendar.adding(appointment) if appointment.status == Status.CONFIRMED else [],
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
    found["others"] = quotes.paid_for_others(appointment) if found["carried"] else 0
    found["carried"] -= found["others"]
    names = {
        "held": _("Deposit paid"),
        "others": _("Deposits of the others in the series"),
        "applied": _("Deposit, part of the price"),
        "refunded": _("Given back to you"),
        "carried": _("Waits as your credit"),
        "forfeited": _("Kept, as the terms say"),
        "disputed": _("In dispute with your bank"),
    }
    rows = [Sum(price_name(appointment), appointment.price)] if appointment.price else []
    rows += [Sum(words, found[bucket]) for bucket, words in names.items() if found[bucket]]
    if more := sum(charge.applied for charge in appointment.charges.all()):
        rows.append(Sum(_("Paid beyond the deposit"), more))
    if owed := steps.owed(appointment):
        rows.append(Sum(_("Still to pay"), owed, total=True))
    elif appointment.status == Status.CONFIRMED and found["held"] and lifecycle.balance_due(appointment):
        rows.append(Sum(_("Rest, at the appointment"), lifecycle.balance_due(appointment), total=True))
    return rows


def papers(appointment: Appointment) -> list[dict[str, str]]:
    """Receipts and credit notes, oldest first."""
    return [
        {"name": printing.title(one), "url": f"papers/{one.uid}.pdf"}
        for one in Paper.objects.of_appointment(appointment)
    ]


def others(appointment: Appointment) -> list[dict[str, str]]:
    """The other dates of its series, each with the way to its page."""
    return [
        {
            "words": formats.moment(one.starts_at, one.clock),
            "url": tokens.manage_path(one),
            "status": status_of(one),
        }
        for one in lifecycle.others_of(appointment)
    ]


def rest(appointment: Appointment, *, at: datetime) -> int:
    found = lifecycle.rest_quote(appointment, at=at)
    return len(found.quotes) - 1 if found else 0


def price_name(appointment: Appointment) -> str:
    tax = wording.tax_included(included_tax.of(appointment.service, appointment.provider))
    return _("Price, %(tax)s") % {"tax": tax} if tax else _("Price")


def settlement_words(appointment: Appointment, lost: Settlement) -> str:
    """What waits to be kept and charged, each in its own amount, and until when it can be explained."""
    facts = {
        "forfeit": formats.money(lost.forfeit, lost.currency),
        "fee": formats.money(lost.fee, lost.currency),
        "moment": formats.moment(lost.due_at, appointment.clock),
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
    facts["moment"] = formats.moment(credit.expires_at, appointment.clock)
    return _("%(amount)s waits as your credit for a new start before %(moment)s.") % facts


def said_why(appointment: Appointment) -> str:
    """The reason that was given with the cancel, so that nobody is asked twice."""
    reason = REASONS.get(appointment.cancel_reason)
    return _("You told us: %(reason)s.") % {"reason": reason} if reason else ""


def explain_words(appointment: Appointment, lost: Any) -> str:
    who = {"who": appointment.provider.name}
    if appointment.explained_at and appointment.explanation_decided_at is None:
        if lost is None and appointment.settlements.filter(state="done").exists():
            return _("It is settled by the terms. %(who)s has what you wrote and can still excuse it.") % who
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
    found = free_starts.offers(
        service=appointment.service,
        near=appointment.starts_at,
        at=at,
        mode=appointment.mode,
        before=credit.expires_at if credit else None,
        wishes=wishes.of(appointment),
    )
    zone = appointment.clock
    return [
        {
            "words": formats.moment(start, zone),
            "url": book_url(appointment, start=compact(start), credit=credit is not None),
            "suits": wishes.suit(appointment, [start]),
        }
        for start in found
    ]


def book_url(appointment: Appointment, *, start: str = "", credit: bool | None = None) -> str:
    """Where a new time is picked, in the way that the client likes to meet; a credit goes along."""
    if credit is None:
        credit = credits.find(appointment=appointment) is not None
    query = {
        "start": start,
        "mode": wishes.mode_for(appointment),
        "tz": appointment.clock,
        "credit": tokens.make(appointment) if credit else "",
    }
    said = urlencode({name: value for name, value in query.items() if value})
    return f"/{appointment.provider.slug}/{appointment.service.slug}/?{said}"


def proposal(appointment: Appointment, *, at: datetime) -> dict[str, Any] | None:
    """The times that the provider proposes, each a tap away from its page."""
    found = appointment.proposals.open().filter(expires_at__gt=at).prefetch_related("times").first()
    if found is None:
        return None
    zone = appointment.clock
    url = f"{path_of(appointment)}proposal/{found.uid}/"
    return {
        "url": url,
        "note": found.note,
        "standing": appointment.status == Status.CONFIRMED,
        "until": formats.moment(found.expires_at, zone),
        "times": [
            {"words": formats.moment(one.start_at, zone), "url": f"{url}?start={compact(one.start_at)}"}
            for one in found.times.all()
        ],
    }


def cost_offer(appointment: Appointment) -> dict[str, Any] | None:
    """What is offered to a client who said that it costs too much (A13)."""
    told = {appointment.cancel_reason}
    if appointment.explained_at:
        entries = appointment.timeline.filter(kind="explained")
        told |= {entry.facts.get("reason") for entry in entries}
    return cost_card(appointment) if costs.REASON in told else None


def cost_card(appointment: Appointment) -> dict[str, Any] | None:
    offer = costs.offer_of(appointment.provider)
    if offer is None:
        return None
    return {"words": offer.words, "service": offering.of(offer.service) if offer.service else None}


def offers_words(offered: list[dict[str, str]]) -> str:
    """How well they suit what the client said about its days; nothing where nothing was said."""
    suits = {one["suits"] for one in offered}
    if suits <= {""}:
        return ""
    if suits == {"all"}:
        return _("They suit what you told us about your days.")
    if suits == {"none"}:
        return _("Nothing free fits what you told us about your days; these come closest.")
    return _("Few free times fit what you told us about your days; the others come closest.")


def other_modes(appointment: Appointment) -> list[dict[str, str]]:
    return [
        {"value": mode, "name": mode_name(mode)}
        for mode in appointment.service.modes
        if mode != appointment.mode
    ]


def consent_words(appointment: Appointment) -> str:
    """What the client agreed to about answers on health, and when; empty where that is not, or not any more."""
    said = {one.act: one for one in appointment.health_consents.all()}
    if "given" not in said or "withdrawn" in said:
        return ""
    moment = formats.moment(said["given"].at, appointment.clock)
    words = _("On %(moment)s you agreed: “%(text)s”")
    if said["given"].by != "client":
        words = _("On %(moment)s %(provider)s wrote down that you agreed: “%(text)s”")
    facts = {"moment": moment, "text": said["given"].text, "provider": appointment.provider.name}
    return words % facts


def agreed(appointment: Appointment) -> tuple[bool, str]:
    """Whether the client ticked the terms (not where the provider booked), and when it was."""
    ticked = appointment.timeline.filter(kind="booked", by="client").exists()
    words = _("Agreed on %(moment)s.")
    if not ticked:
        words = _("%(provider)s booked this for you on %(moment)s, under these terms.")
    return ticked, words % {
        "moment": formats.moment(appointment.agreement.agreed_at, appointment.clock),
        "provider": appointment.provider.name,
    }
