"""Where the demo is played: a clock that goes from act to act, and between the acts the same sweeps
that the workers run, each at the instant at which something fell due."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from booking import lifecycle, quotes, sweeping
from booking.actors import CLIENT, Actor
from booking.demo import dues
from booking.demo.cast import CLIENTS, SUITS, WISHES
from booking.demo.plan import Part
from booking.lifecycle import ClientDetails
from booking.models import Appointment, Provider, Service, Status
from booking.telling import at_sending
from config.refusal import Refusal
from payments import cards, checkout
from payments.gateways import CardFound, sandbox, sandbox_cards
from payments.models import Credit, Deposit
from reminders import delivery
from reminders.models import Message

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
SWEEPS = dict(sweeping.SWEEPS)
AFTER_AN_ACT: tuple[str, ...] = ()
AFTER_MONEY = ("sessions_closed", "refunds")
JUST_TIME = ("kept", "noted", "moved", "mode_changed", "asks", "declined", "unanswered")  # no money goes back
DECLINED = "card_declined"  # whose card takes the deposit and not the fee
Acts = Iterator[datetime]  # a story: it yields when it goes on


class Stage:
    """``at`` is the instant of the act that is being played."""

    def __init__(self, *, provider: Provider, owner: Actor, desk: Actor, now: datetime) -> None:
        self.provider, self.owner, self.desk = provider, owner, desk
        self.now = self.at = now
        self.services = {service.slug: service for service in Service.objects.filter(provider=provider)}
        self.refused: list[tuple[Part, Refusal]] = []
        self._order = count()
        self._acts: list[tuple[datetime, int, Part, Acts]] = []
        self._made: dict[int, Appointment] = {}  # of each part, the appointment

    # --- The clock -----------------------------------------------------------------------------

    def enter(self, part: Part, acts: Acts) -> None:
        """A story goes on until it first says when it begins."""
        try:
            heapq.heappush(self._acts, (next(acts), next(self._order), part, acts))
        except StopIteration:
            return
        except Refusal as no:
            log.warning("the demo's %s at %s was refused: %s", part.kind, self.at, no)
            self.refused.append((part, no))

    def play(self) -> None:
        """Everything up to now, in the order in which it happened."""
        self.at = self._acts[0][0]
        while self.at <= self.now:
            if self._acts and self._acts[0][0] <= self.at:
                _, _, part, acts = heapq.heappop(self._acts)
                self.enter(part, acts)
                self._sweep(AFTER_AN_ACT if part.kind in JUST_TIME else AFTER_MONEY)
            next_act = self._acts[0][0] if self._acts else self.now + MINUTE
            due = dues.first(after=self.at)
            if due and due.at < next_act:
                self.at = due.at
                if due.at <= self.now:
                    self._sweep(due.sweeps)
            else:
                self.at = max(next_act, self.at)
        self.at = self.now
        sweeping.run(at=self.now)

    def _sweep(self, names: tuple[str, ...]) -> None:
        for name in names:
            SWEEPS[name](self.at)
        # No more than there are: the delivery need not look again for others, some thousand times.
        if waiting := Message.objects.waiting().filter(due_at__lte=self.at).count():
            delivery.send_due(at=self.at, facts=at_sending.facts, limit=waiting)

    # --- What stories do -----------------------------------------------------------------------

    def appointment(self, part: Part) -> Appointment:
        """As it was booked; the story asks for its rows itself. ``fresh`` is as it is now."""
        return self._made[id(part)]

    def fresh(self, part: Part) -> Appointment:
        self._made[id(part)] = Appointment.objects.with_names().get(pk=self._made[id(part)].pk)
        return self._made[id(part)]

    def book(self, part: Part, *, start: datetime | None = None, credit: Credit | None = None) -> Appointment:
        """The client books on the page."""
        person, service = CLIENTS[part.client], self.services[part.service]
        asked = {question["id"]: part.chance.choice(WISHES) for question in service.questions}
        made = lifecycle.hold(
            service=service,
            start=start or part.start,
            mode=part.mode,
            zone=person.zone,
            client=ClientDetails(
                person.name, person.email, person.phone, person.language, SUITS[part.client % len(SUITS)]
            ),
            answers=asked,
            agreed_version=quotes.offer(service).version,
            ip=f"203.0.113.{part.client + 1}",
            user_agent="Mozilla/5.0 (the demo)",
            credit=credit,
            save_card=True,
            by=CLIENT,
            at=self.at,
        )
        self._made[id(part)] = made
        return made

    def pay(self, part: Part) -> None:
        """The client pays what is open, however late, and the sandbox says so."""
        payment = self._unpaid(part).payments.latest("pk")
        intent_id = f"{sandbox.INTENT}{payment.uid.hex}"
        lifecycle.deposit_paid(payment=payment, intent_id=intent_id, amount=payment.amount, at=self.at)
        self._give_card(part)

    def _give_card(self, part: Part) -> None:
        """Who agreed to it has the card kept with which the deposit was paid; one is declined later."""
        card = cards.of(appointment=self._made[id(part)])
        if card is None or card.method_id:
            return
        last4 = sandbox_cards.DECLINED if part.kind == DECLINED else sandbox_cards.GOOD
        named = (f"{sandbox_cards.CUSTOMER}{card.client_id}", f"{sandbox_cards.METHOD}{card.uid.hex}")
        lifecycle.card_given(card=card, found=CardFound(*named, "visa", last4, "2032-12"), at=self.at)

    def open_page(self, part: Part) -> None:
        """The client goes to the pay page, and may yet leave it."""
        checkout.open_session(deposit=self._unpaid(part), at=self.at)

    def is_held(self, part: Part) -> bool:
        return self.fresh(part).status == Status.HELD

    def _unpaid(self, part: Part) -> Deposit:
        return Deposit.objects.filter(appointment=self._made[id(part)], paid=0).latest("pk")

    def cancel(self, part: Part, reason: str) -> None:
        """The client cancels, having read what it costs."""
        appointment = self.fresh(part)
        quote = quotes.cancel(appointment, at=self.at).token
        lifecycle.cancel(appointment=appointment, reason=reason, quote=quote, by=CLIENT, at=self.at)

    def move(self, part: Part) -> None:
        """The client moves to the other start, having read what it costs."""
        assert part.other
        appointment = self.fresh(part)
        quote = quotes.move(appointment, start=part.other, at=self.at).token
        lifecycle.move(appointment=appointment, start=part.other, quote=quote, by=CLIENT, at=self.at)
