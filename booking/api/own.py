"""A client's own appointment, by the token in its link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import lifecycle, quotes, wishes
from booking.actors import CLIENT
from booking.api import schema, shapes
from booking.api.doors import PRIVATE, OwnDoor
from booking.api.idempotency import Answer
from booking.api.inputs import (
    CallTestInput,
    CancelInput,
    ExplainInput,
    LateInput,
    ModeInput,
    MoveInput,
    QuoteInput,
)
from booking.api.refusals import wrong
from booking.lifecycle.steps import status_word
from booking.pages import paying
from config import as_json
from payments import charges, checkout


class AppointmentDoor(OwnDoor):
    @schema.appointment
    def get(self, request: Request, token: str) -> Response:
        entries = list(self.appointment.timeline.all())
        body = shapes.appointment(self.appointment) | {
            "events": [{"kind": entry.kind, "at": as_json.instant(entry.at)} for entry in entries],
            "timeline": shapes.told(self.appointment),
            "shared_notes": shapes.shared_notes(self.appointment),
            "channels": shapes.reached_by(self.appointment),
            "mail_trouble": shapes.mail_trouble(self.appointment.client),
        }
        return Response(body, headers=PRIVATE)


class QuoteDoor(OwnDoor):
    @schema.quote
    def get(self, request: Request, token: str) -> Response:
        asked = self.read(QuoteInput, request.query_params)
        if asked["act"] == "cancel":
            quote = quotes.cancel(self.appointment, at=self.at)
            body = self.as_it_stands(quote) | {"urgent": self.urgent()}
        else:
            quote = quotes.move(self.appointment, start=asked["start"], at=self.at)
            body = self.as_it_stands(quote)
            body |= self.not_free(asked["start"]) if body["allowed"] else {}
        return Response(body, headers=PRIVATE)

    def urgent(self) -> dict[str, Any] | None:
        """What to ask before a late cancel of an urgent appointment is final (A4)."""
        found = lifecycle.alternatives(self.appointment, at=self.at)
        if found is None:
            return None
        return {
            "reason": found.reason,
            "modes": found.modes,
            "alternatives": [shapes.alternative(one) for one in found.moves],
        }

    def not_free(self, start: datetime) -> dict[str, Any]:
        """What speaks against the start of a move: nothing is promised that could not be done."""
        no = lifecycle.why_not_there(self.appointment, start, at=self.at)
        if no is None:
            return {}
        said = no.facts.get("errors", {}).get("start", [no.code])
        others = no.facts.get("alternatives", [])
        zone = self.appointment.timezone
        return {
            "allowed": False,
            "code": said[0],
            "text": str(no.detail or ""),
            "alternatives": [shapes.local(datetime.fromisoformat(one), zone) for one in others],
        }

    def as_it_stands(self, quote: quotes.Quote) -> dict[str, Any]:
        """The quote; not allowed where the act does not fit what the appointment is by now."""
        body, status = quote.as_json(), self.appointment.status
        if body["allowed"] and body["act"] not in lifecycle.allowed(self.appointment, at=self.at):
            word = {"status": status_word(self.appointment)}
            no = _("This appointment is %(status)s, so that is not possible any more.") % word
            body |= {"allowed": False, "code": f"is_{status}", "text": no}
        return body


class CancelDoor(OwnDoor):
    @schema.cancel
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(CancelInput)
        return self.once(lambda: self.cancelled(asked))

    def cancelled(self, asked: dict[str, Any]) -> Answer:
        done = lifecycle.cancel(
            appointment=self.appointment,
            reason=asked.get("reason") or "other",
            note=asked.get("note") or "",
            quote=asked["quote"],
            by=CLIENT,
            at=self.at,
        )
        return Answer(
            shapes.appointment(done.appointment)
            | {
                "offers": [shapes.local(start, self.appointment.timezone) for start in done.offers],
                "offers_suit": wishes.suit(self.appointment, done.offers),
                "cost_offer": shapes.cost_offer(self.appointment) if asked.get("reason") == "cost" else None,
            }
        )


class MoveDoor(OwnDoor):
    @schema.move
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(MoveInput)
        return self.once(lambda: self.moved(asked))

    def moved(self, asked: dict[str, Any]) -> Answer:
        done = lifecycle.move(
            appointment=self.appointment, start=asked["start"], quote=asked["quote"], by=CLIENT, at=self.at
        )
        deposit = done.deposit.pk if done.deposit else None
        return Answer(shapes.appointment(done.appointment) | {"moved": deposit is None}, deposit=deposit)


class PayDoor(OwnDoor):
    """Opens the pay page of the deposit that is due, else of the oldest amount owed."""

    @schema.simple_act("Open the pay page of what is to be paid: see `pay_url`.")
    def post(self, request: Request, token: str) -> Response:
        return self.once(self.opened)

    def opened(self) -> Answer:
        due = (
            paying.due(self.appointment) if "pay" in lifecycle.allowed(self.appointment, at=self.at) else None
        )
        owing = next(
            (one for one in charges.owed(appointment=self.appointment) if charges.payable(charge=one)), None
        )
        if due is None and owing is None:
            raise checkout.nothing_to_pay()
        body = shapes.appointment(self.appointment)
        return Answer(
            body, deposit=due.pk if due else None, charge=owing.pk if owing and due is None else None
        )


class MailAgainDoor(OwnDoor):
    @schema.simple_act("Send the mail that a booking waits for once more, three times at most.")
    def post(self, request: Request, token: str) -> Response:
        return self.once(self.sent)

    def sent(self) -> Answer:
        lifecycle.mail_again(appointment=self.appointment, at=self.at)
        return Answer(shapes.appointment(self.appointment))


class ConfirmDoor(OwnDoor):
    @schema.simple_act("Say that you will be there.")
    def post(self, request: Request, token: str) -> Response:
        return self.once(
            lambda: Answer(shapes.appointment(lifecycle.will_come(appointment=self.appointment, at=self.at)))
        )


class ArriveDoor(OwnDoor):
    @schema.simple_act("Check in, from half an hour before the start to the end.")
    def post(self, request: Request, token: str) -> Response:
        return self.once(
            lambda: Answer(
                shapes.appointment(lifecycle.arrive(appointment=self.appointment, by=CLIENT, at=self.at))
            )
        )


class LateDoor(OwnDoor):
    @schema.act_with(LateInput, "Say that you are late and ask the provider to wait.")
    def post(self, request: Request, token: str) -> Response:
        minutes = self.read(LateInput)["minutes"]
        return self.once(
            lambda: Answer(
                shapes.appointment(lifecycle.late(appointment=self.appointment, minutes=minutes, at=self.at))
            )
        )


class CallTestDoor(OwnDoor):
    @schema.act_with(CallTestInput, "Say whether camera and sound work; who needs help is passed on.")
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(CallTestInput)
        return self.once(
            lambda: Answer(
                shapes.appointment(
                    lifecycle.tested(
                        appointment=self.appointment,
                        works=asked["works"],
                        found=asked.get("found") or {},
                        at=self.at,
                    )
                )
            )
        )


class ExplainDoor(OwnDoor):
    @schema.act_with(ExplainInput, "Tell what happened and ask the provider for a decision.")
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(ExplainInput)
        return self.once(lambda: self.explained(asked))

    def explained(self, asked: dict[str, Any]) -> Answer:
        found = lifecycle.explain(
            appointment=self.appointment, reason=asked["reason"], note=asked.get("note") or "", at=self.at
        )
        return Answer(shapes.appointment(found))


class WithdrawConsentDoor(OwnDoor):
    @schema.simple_act("Take back the consent to keep answers about health; they are erased.")
    def post(self, request: Request, token: str) -> Response:
        return self.once(self.withdrawn)

    def withdrawn(self) -> Answer:
        found = lifecycle.withdraw_consent(appointment=self.appointment, by=CLIENT, at=self.at)
        return Answer(shapes.appointment(found))


class ModeDoor(OwnDoor):
    @schema.act_with(ModeInput, "Meet in another way at the same time.")
    def post(self, request: Request, token: str) -> Response:
        mode = self.read(ModeInput)["mode"]
        return self.once(lambda: self.changed(mode))

    def changed(self, mode: str) -> Answer:
        offered = self.appointment.service.modes
        if mode not in offered:
            detail = _("This service is offered as: %(modes)s.") % {"modes": ", ".join(offered)}
            raise wrong("mode", "not_offered", detail)
        found = lifecycle.change_mode(appointment=self.appointment, mode=mode, by=CLIENT, at=self.at)
        return Answer(shapes.appointment(found))
