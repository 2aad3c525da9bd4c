"""Everything about one appointment, for the page that its provider reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking import lifecycle, quotes
from booking.dashboard import decisions, records
from booking.dashboard.acts import ACTS, Act
from booking.dashboard.consequences import Consequences, Stake
from booking.dashboard.desk import Desk
from booking.dashboard.forms import ActForm
from booking.dashboard.proposing import when_of
from booking.dashboard.reaching import reach
from booking.lifecycle.steps import EARLY_ARRIVAL
from booking.models import Appointment, Mode, Status
from booking.pages.when import When, when
from booking.telling import to_provider
from booking.texts import text_in
from config import formats
from payments.models import BUCKETS, Deposit
from policies.rules import no_show
from policies.rules.outcomes import Outcome
from reminders.dashboard import words as message_words


@dataclass(frozen=True)
class Offered:
    """An act that is open now: its words, and its form. ``open`` after a form came back."""

    act: Act
    consequence: str
    form: ActForm
    open: bool = False

    @property
    def has_fields(self) -> bool:
        return bool(self.form.fields)


@dataclass(frozen=True)
class Sum:
    name: str
    amount: int
    total: bool = False


def whole(
    desk: Desk, appointment: Appointment, *, sent: tuple[str, ActForm] | None = None, opened: str = ""
) -> dict[str, Any]:
    """The page. ``sent`` is the form that came back, with what was typed; ``opened`` the act whose form
    was asked for."""
    deposits = list(desk.deposits.filter(appointment=appointment).order_by("created_at", "pk"))
    stake = stake_of(appointment)
    decision = decision_of(desk, appointment, stake)
    happened = list(appointment.timeline.select_related("user"))
    acts = offered(desk, appointment, stake, sent=sent, opened=opened)
    return {
        "appointment": appointment,
        "times": both_clocks(appointment),
        "place": place(appointment),
        "decision": decision,
        "offered": acts,
        "movable": appointment.status == Status.CONFIRMED and any(one.act.name == "propose" for one in acts),
        "acts_now": "-".join(one.act.name for one in acts),
        "live": live(desk, appointment),
        "waiting": [
            *said_ahead(desk, appointment),
            *waiting(appointment, stake),
            *proposed(desk, appointment),
        ],
        "reach": reach(appointment) if unseen(desk, appointment) else None,
        "grace": formats.time(appointment.grace_ends_at, desk.zone),
        "grace_over": appointment.grace_ends_at <= desk.at,
        "sums": sums(desk, appointment, deposits),
        "charges": list(desk.charges.filter(appointment=appointment).order_by("pk")),
        "card": desk.cards.filter(appointment=appointment, detached_at=None).exclude(method_id="").first(),
        "may_ask": "act" in desk.rights and appointment.status in MAY_OWE,
        "stake": stake,
        "deposits": deposits,
        "answers": answers(appointment),
        "agreement": getattr(appointment, "agreement", None),
        "ticked": any(one.kind == "booked" and one.by == "client" for one in happened),
        "messages_of": message_words.rows(
            desk.messages.filter(appointment=appointment).order_by("-due_at", "-pk")[:40], zone=desk.zone
        ),
        "timeline": to_provider.lines(appointment, happened),
    }


def decision_of(desk: Desk, appointment: Appointment, stake: Stake) -> decisions.Decision | None:
    """An explanation that waits for its answer, with the client's record beside it."""
    if not appointment.explained_at or appointment.explanation_decided_at:
        return None
    record = records.of_clients(desk, [appointment.client])[appointment.client_id]
    own = decisions.own_words(desk)
    return decisions.decision(desk, appointment, stake=stake, record=record, own=own)


MAY_OWE = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)


def both_clocks(appointment: Appointment) -> When:
    provider = appointment.provider
    return when(
        start=appointment.starts_at,
        end=appointment.ends_at,
        here=provider.timezone,
        there=appointment.timezone,
        who=appointment.client.name,
    )


def stake_of(appointment: Appointment) -> Stake:
    """Held now, and what the client loses as things stand."""
    return stakes_of([appointment])[appointment.pk]


def stakes_of(appointments: Sequence[Appointment]) -> dict[int, Stake]:
    """The same of each, by its key."""
    losses = lifecycle.losses(appointments)
    return {one.pk: _stake(one, losses[one.pk]) for one in appointments}


def _stake(appointment: Appointment, loss: lifecycle.Loss) -> Stake:
    return Stake(
        held=getattr(appointment, "held_now", 0) or 0,
        lost=loss.paid + loss.fees,
        paid=loss.paid,
        due_at=loss.due_at,
    )


def said_ahead(desk: Desk, appointment: Appointment) -> list[str]:
    """What the client let us know of an appointment that is still to come: coming, call tested, or help."""
    if appointment.status != Status.CONFIRMED or appointment.arrived_at or desk.at >= appointment.ends_at:
        return []
    who, by_video = {"client": appointment.client.name}, appointment.mode == Mode.VIDEO
    found = []
    if appointment.will_come_at:
        found.append(_("%(client)s said: I'll be there.") % who)
    if by_video and appointment.needs_help_at:
        found.append(_("%(client)s needs help with the call: a word or a phone call will do.") % who)
    elif by_video and appointment.tested_at:
        found.append(_("%(client)s tested camera and sound: it works.") % who)
    return found


def offered(
    desk: Desk,
    appointment: Appointment,
    stake: Stake,
    *,
    sent: tuple[str, ActForm] | None = None,
    opened: str = "",
) -> list[Offered]:
    """The acts that fit now and that this member may do, each with its consequence."""
    fits = lifecycle.allowed(appointment, at=desk.at) if "act" in desk.rights else set()
    if "decline" in fits:
        fits -= {"cancel"}  # the same to the client, and declining says it better
    words = Consequences(appointment, stake, missed=missed(desk, appointment) if "no_show" in fits else None)
    found = []
    for name, act in ACTS.items():
        if name not in fits:
            continue
        came_back = sent is not None and sent[0] == name
        form = sent[1] if sent and came_back else blank(act, appointment, stake, at=desk.at)
        found.append(Offered(act, words.of(name), form, open=came_back or name == opened))
    return found


def blank(act: Act, appointment: Appointment, stake: Stake, *, at: datetime) -> ActForm:
    return act.form(appointment=appointment, stake=stake, at=at, auto_id=f"{act.name}_%s")


def missed(desk: Desk, appointment: Appointment) -> Outcome:
    """What a mark as missed would do now, by the same rules that do it."""
    return no_show.no_show(quotes.standing(appointment, at=desk.at), at=desk.at)


def unseen(desk: Desk, appointment: Appointment) -> bool:
    return (
        appointment.status == Status.CONFIRMED
        and appointment.arrived_at is None
        and appointment.starts_at <= desk.at
    )


def live(desk: Desk, appointment: Appointment) -> bool:
    """From half an hour before the start to the end things happen by themselves: the page looks again."""
    soon = appointment.starts_at - EARLY_ARRIVAL <= desk.at < appointment.ends_at
    return soon and appointment.status == Status.CONFIRMED


def waiting(appointment: Appointment, stake: Stake) -> list[str]:
    """What this appointment waits for, in sentences."""
    zone = appointment.provider.timezone
    found = []
    if appointment.status == Status.REQUESTED and appointment.hold_expires_at:
        found.append(
            _("It waits for your answer until %(until)s; then it ends by itself, and the client is told.")
            % {"until": formats.moment(appointment.hold_expires_at, zone)}
        )
    if appointment.waits_for_mail and appointment.hold_expires_at:
        found.append(
            _("The time is kept until %(until)s for the client's yes by mail.")
            % {"until": formats.moment(appointment.hold_expires_at, zone)}
        )
    elif appointment.status == Status.HELD and appointment.hold_expires_at:
        found.append(
            _("The time is kept until %(until)s for the deposit.")
            % {"until": formats.moment(appointment.hold_expires_at, zone)}
        )
    if appointment.asked_delay_minutes > appointment.accepted_delay_minutes:
        found.append(
            _("%(name)s is %(minutes)s minutes late and asks you to wait.")
            % {"name": appointment.client.name, "minutes": appointment.asked_delay_minutes}
        )
    if stake.due_at:
        found.append(
            _("%(lost)s is settled on %(due)s. Until then an excuse changes it.")
            % {
                "lost": formats.money(stake.lost, appointment.currency),
                "due": formats.moment(stake.due_at, zone),
            }
        )
    if appointment.explained_at and not appointment.explanation_decided_at:
        found.append(
            _("%(name)s told what happened and waits for your answer.") % {"name": appointment.client.name}
        )
    return found


def proposed(desk: Desk, appointment: Appointment) -> list[str]:
    """The times that wait for the client's answer."""
    found = appointment.proposals.open().filter(expires_at__gt=desk.at).prefetch_related("times").first()
    if found is None:
        return []
    facts = {
        "times": when_of(appointment, [one.start_at for one in found.times.all()]),
        "until": formats.moment(found.expires_at, desk.zone),
    }
    return [_("You proposed: %(times)s. They are kept for the client until %(until)s.") % facts]


def place(appointment: Appointment) -> dict[str, str]:
    """Where it is, as the provider needs it."""
    known = appointment.provider.places.get(appointment.mode) or {}
    if appointment.mode == Mode.VIDEO:
        url = str(known.get("url") or "").replace("{room}", appointment.room)
        stands = appointment.status == Status.CONFIRMED and url.startswith("https://")
        return {"words": "" if url else _("No meeting link yet"), "url": url if stands else ""}
    if appointment.mode == Mode.PHONE:
        you_call = known.get("who_calls") == "provider"
        number = appointment.client.phone
        words = (
            _("You call %(number)s") % {"number": number} if number else _("You call, but there is no number")
        )
        return {"words": words if you_call else _("%(name)s calls you") % {"name": appointment.client.name}}
    return {"words": str(known.get("address") or "")}


def sums(desk: Desk, appointment: Appointment, deposits: list[Deposit]) -> list[Sum]:
    """What was agreed and what became of the money; what is nothing is left out."""
    found = {bucket: sum(getattr(one, bucket) for one in deposits) for bucket in BUCKETS}
    found["others"] = quotes.paid_for_others(appointment) if found["carried"] else 0
    found["carried"] -= found["others"]
    names = bucket_names()
    rows = [Sum(_("Price"), appointment.price), Sum(_("Deposit, as agreed"), appointment.deposit_amount)]
    rows = [row for row in rows if row.amount]
    rows += [Sum(names[bucket], found[bucket]) for bucket in (*BUCKETS, "others") if found[bucket]]
    charged = list(desk.charges.filter(appointment=appointment))
    if more := sum(charge.applied for charge in charged):
        rows.append(Sum(_("Paid beyond the deposit"), more))
    owed = sum(charge.owed for charge in charged)
    if owed:
        rows.append(Sum(_("Owed to you"), owed, total=True))
    elif left := lifecycle.balance_due(appointment):
        rows.append(Sum(_("Left to pay"), left, total=True))
    return rows


def bucket_names() -> dict[str, str]:
    return {
        "held": _("Deposit, held"),
        "applied": _("Deposit, part of the price"),
        "refunded": _("Given back"),
        "forfeited": _("Kept by you"),
        "others": _("Deposits of the others in the series"),
        "carried": _("Carried as a credit"),
        "disputed": _("In dispute"),
    }


def answers(appointment: Appointment) -> list[tuple[str, str]]:
    """The questions of the service and what the client said."""
    fallback = appointment.provider.language
    labels = {one["id"]: text_in(one["label"], fallback=fallback) for one in appointment.service.questions}
    return [(labels.get(name, name), _answer(value)) for name, value in appointment.answers.items()]


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
