"""How a client is reached: the ways it agreed to, and the address of its mails."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import actors, lifecycle, tokens
from booking.api import desk_shapes, schema, schema_desk, shapes
from booking.api.clients import ClientDoor
from booking.api.doors import PRIVATE, OwnDoor
from booking.api.idempotency import Answer
from booking.api.inputs import AddressInput, ChannelInput
from booking.api.refusals import wrong
from booking.pages import channels, where
from config import as_json


class ChannelsDoor(OwnDoor):
    """The client's yes or no to each way, beside the mails that an appointment needs."""

    @schema.channels
    def get(self, request: Request, token: str) -> Response:
        return Response(self.now(), headers=PRIVATE)

    @schema.say_channel
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(ChannelInput)
        number = self.number_for(asked)
        return self.once(lambda: self.said(asked, number))

    def number_for(self, asked: dict[str, Any]) -> str:
        """The number of a yes to texts; a 400 for what nobody can be reached by."""
        if asked["channel"] not in channels.known(self.appointment, give=asked["agree"]):
            raise wrong("channel", "not_offered", _("This provider does not write to clients that way."))
        if not asked["agree"] or asked["channel"] not in channels.NAMES:
            return ""
        typed = asked.get("phone") or ""
        number = channels.number_in(self.appointment, typed)
        if number is None and typed:
            raise wrong(
                "phone", "invalid", _("Send a telephone number with its country, as +39 02 5555 0101.")
            )
        if number is None:
            raise wrong("phone", "required", _("We need your number to remind you that way."))
        return number

    def said(self, asked: dict[str, Any], number: str) -> Answer:
        channels.say(self.appointment, asked["channel"], give=asked["agree"], phone=number, at=self.at)
        self.appointment.client.refresh_from_db()
        return Answer(self.now())

    def now(self) -> dict[str, Any]:
        return {"phone": where.number_of(self.appointment), "channels": shapes.reached_by(self.appointment)}


class NewAddressDoor(OwnDoor):
    """The client asks for mails at another address; the mail that goes there asks for the yes."""

    @schema.ask_address
    def post(self, request: Request, token: str) -> Response:
        email = self.read(AddressInput)["email"]
        return self.once(lambda: self.asked(email))

    def asked(self, email: str) -> Answer:
        client = lifecycle.ask_address(appointment=self.appointment, email=email, at=self.at)
        until = as_json.instant(self.at + tokens.CONFIRM_WITHIN)
        return Answer({"email": client.new_email, "confirm_until": until})


class CorrectAddressDoor(ClientDoor):
    """The provider corrects where mails go; the same address once more means: try it again."""

    http_method_names = ["post", "options"]

    @schema_desk.act("Correct the e-mail address; links in earlier mails end.", AddressInput, of="client")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        client, email = self.found(id), self.read(AddressInput)["email"]
        return self.once(
            lambda: Answer(
                desk_shapes.client(
                    lifecycle.correct_address(
                        client=client, email=email, by=actors.provider(self.access.user), at=self.at
                    )
                )
            )
        )
