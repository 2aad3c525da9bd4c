"""The words of the OpenAPI schema: what goes out, and how each address is described.

The shapes here are never used to write an answer; a test holds every answer against them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from booking.api import inputs
from booking.api.outputs import (
    AppointmentOutput,
    AskedAddressOutput,
    BookedOutput,
    CancelledOutput,
    ChannelsOutput,
    FullAppointmentOutput,
    LookedAtOutput,
    MovedOutput,
    PreferencesOutput,
    ProblemOutput,
    ProviderOutput,
    QuoteOutput,
    RestQuoteOutput,
    SaidOutput,
    SeveralOutput,
    SlotsOutput,
)

PROBLEM = "application/problem+json"
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeating a request with its key within 24 hours gets the same answer; another body gets 422.",
)
LANGUAGE = OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER, description="en, it or th.")
TOKEN = OpenApiParameter(
    "token", str, OpenApiParameter.PATH, description="The token of the appointment's link."
)
WORDS = {
    400: "Something in the request is wrong: `errors` says what, by field.",
    401: "A bearer token is needed.",
    403: "Not allowed.",
    404: "There is nothing at this address (for you).",
    406: "JSON is all we speak.",
    409: "It does not fit what is there now; `code` says why.",
    413: "The body is too large.",
    415: "Send JSON.",
    422: "This Idempotency-Key was used for another request.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "Away for a moment; repeat with the same Idempotency-Key.",
}
READ = (400, 404, 406, 429, 503)
ACT = (400, 404, 406, 409, 413, 415, 422, 429, 503)
DESK = (401, 403)

Decorator = Callable[[Any], Any]


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "booking.api.authentication.Bearer"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of `manage.py create_api_token`."}


def answers(shape: Any, *, status: int = 200, no: tuple[int, ...] = ACT) -> dict[Any, Any]:
    """The answers of an address: the good one, and each "no" as problem details."""
    known: dict[Any, Any] = {status: shape}
    return known | {(code, PROBLEM): OpenApiResponse(ProblemOutput, WORDS[code]) for code in no}


def described(
    summary: str,
    shape: Any,
    *,
    request: Any = None,
    status: int = 200,
    no: tuple[int, ...] = ACT,
    parameters: tuple[Any, ...] = (),
    tag: str = "public",
    id: str | None = None,  # noqa: A002, drf-spectacular's word
    also: dict[int, Any] | None = None,
) -> Decorator:
    keyed = () if no == READ or 422 not in no else (IDEMPOTENCY,)
    return extend_schema(
        summary=summary,
        request=request,
        responses=answers(shape, status=status, no=no) | (also or {}),
        parameters=[*parameters, *keyed, LANGUAGE],
        tags=[tag],
        operation_id=id,
    )


def query(
    name: str, kind: Any, description: str, *, required: bool = False, enum: Any = None
) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=description, required=required, enum=enum)


provider = described(
    "A provider and what can be booked there.",
    ProviderOutput,
    no=READ,
    parameters=(OpenApiParameter("provider", str, OpenApiParameter.PATH),),
)
slots = described(
    "The free starts of a service, by day.",
    SlotsOutput,
    no=READ,
    parameters=(
        OpenApiParameter("provider", str, OpenApiParameter.PATH),
        OpenApiParameter("service", str, OpenApiParameter.PATH),
        query("from", OpenApiTypes.DATE, "The first day.", required=True),
        query("to", OpenApiTypes.DATE, "The last day; at most 62 days in all.", required=True),
        query("tz", str, "The zone of the days; the provider's when left out."),
        query("mode", str, "Any when left out.", enum=["in_person", "video", "phone"]),
        OpenApiParameter(
            "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that is known."
        ),
    ),
)
book = described("Book.", BookedOutput, request=inputs.BookingInput, status=201, no=(*ACT, 403))
appointment = described(
    "One's own appointment.", FullAppointmentOutput, no=READ, parameters=(TOKEN,), tag="own"
)
quote = described(
    "What a change would cost now.",
    QuoteOutput,
    no=(*READ, 409),
    tag="own",
    parameters=(
        TOKEN,
        query("act", str, "What is to be done.", required=True, enum=["cancel", "move"]),
        query("start", OpenApiTypes.DATETIME, "Where to move to."),
    ),
)
cancel = described(
    "Cancel, as quoted.", CancelledOutput, request=inputs.CancelInput, parameters=(TOKEN,), tag="own"
)
own_series = described(
    "The dates of the series that it belongs to; none where it stands alone.",
    SeveralOutput,
    no=READ,
    parameters=(TOKEN,),
    tag="own",
)
rest_quote = described(
    "What it would cost now to cancel this one and the later ones of its series.",
    RestQuoteOutput,
    no=(*READ, 409),
    parameters=(TOKEN,),
    tag="own",
)
cancel_rest = described(
    "Cancel this one and the later ones of its series, all as quoted or none.",
    SeveralOutput,
    request=inputs.CancelInput,
    parameters=(TOKEN,),
    tag="own",
)
move = described("Move, as quoted.", MovedOutput, request=inputs.MoveInput, parameters=(TOKEN,), tag="own")


PROPOSAL = OpenApiParameter(
    "id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `id` of the proposal."
)
accept_proposal = described(
    "Take one of the times that the provider proposed.",
    AppointmentOutput,
    request=inputs.AcceptInput,
    parameters=(TOKEN, PROPOSAL),
    tag="own",
)
refuse_proposal = described(
    "None of the proposed times.",
    AppointmentOutput,
    request=inputs.RefuseInput,
    parameters=(TOKEN, PROPOSAL),
    tag="own",
)
preferences = described(
    "When and how it suits you.", PreferencesOutput, no=READ, parameters=(TOKEN,), tag="own"
)
put_preferences = described(
    "Say when and how it suits you; it replaces what was said.",
    PreferencesOutput,
    request=inputs.PreferencesInput,
    parameters=(TOKEN,),
    tag="own",
)


channels = described(
    "By which ways you are reminded, beside the mails that an appointment needs.",
    ChannelsOutput,
    no=READ,
    parameters=(TOKEN,),
    tag="own",
)
say_channel = described(
    "Agree to one of them in the words of its `consent`, or take that back.",
    ChannelsOutput,
    request=inputs.ChannelInput,
    parameters=(TOKEN,),
    tag="own",
)


look_at_series = described(
    "What the same time week after week would take: which can be had, what speaks against the others, the sums.",
    LookedAtOutput,
    no=READ,
    parameters=(
        query("start", OpenApiTypes.DATETIME, "The first start.", required=True),
        query("mode", str, "How to meet.", required=True, enum=["in_person", "video", "phone"]),
        query("times", int, "How many.", required=True),
        query("every", int, "Weeks from one to the next; 1 when left out.", enum=[1, 2]),
    ),
)
send_links = described(
    "Have the links to what is ahead sent by mail; the answer is the same whether anybody has this address.",
    SaidOutput,
    request=inputs.AddressInput,
    status=202,
)
ask_address = described(
    "Ask for mails at another address; nothing changes before the mail that goes there is confirmed.",
    AskedAddressOutput,
    request=inputs.AddressInput,
    parameters=(TOKEN,),
    tag="own",
)


def simple_act(summary: str) -> Decorator:
    return described(summary, AppointmentOutput, parameters=(TOKEN,), tag="own")


def act_with(shape: type[serializers.Serializer[Any]], summary: str) -> Decorator:
    return described(summary, AppointmentOutput, request=shape, parameters=(TOKEN,), tag="own")
