"""The words of the OpenAPI schema for the provider's side."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_view
from drf_spectacular.utils import OpenApiTypes as Types
from rest_framework import serializers

from booking.api import desk_inputs, inputs
from booking.api import desk_outputs as outputs
from booking.api.outputs import BookedOutput, SeriesOutput
from booking.api.schema import ACT, DESK, READ, Decorator, described, query

ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH)
PAGES = (
    query("cursor", str, "As in `next` and `previous`."),
    query("page_size", int, "1 to 100 rows; 50 when left out."),
)
READS, ACTS = (*READ, *DESK), (*ACT, *DESK)
FREE: Any = OpenApiTypes.OBJECT


def pages_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    name = shape.__name__.replace("Output", "PageOutput")
    fields = {
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "results": shape(many=True),
    }
    return type(name, (serializers.Serializer,), fields)


def listed(summary: str, shape: Any, tag: str, id: str, *parameters: Any) -> Decorator:  # noqa: A002
    return described(summary, pages_of(shape), no=READS, parameters=(*parameters, *PAGES), tag=tag, id=id)


def one(summary: str, shape: Any, tag: str, key: OpenApiParameter = ID, id: str | None = None) -> Decorator:  # noqa: A002
    return described(summary, shape, no=READS, parameters=(key,), tag=tag, id=id)


def act(summary: str, request: Any = None, *, of: str = "desk", id: str | None = None) -> Decorator:  # noqa: A002
    shape = outputs.ClientOutput if of == "client" else outputs.DeskAppointmentOutput
    return described(summary, shape, request=request, no=ACTS, parameters=(ID,), tag=of, id=id)


def of_post(summary: str) -> Decorator:
    return extend_schema_view(post=act(summary))


appointments = listed(
    "The provider's appointments, newest booking first.",
    outputs.DeskRowOutput,
    "desk",
    "appointments_list",
    query("status", str, "One or more, with commas."),
    query("from", str, "Starts at or after this day (of the provider's) or instant."),
    query("to", str, "Starts on or before this day, or before this instant."),
    query("client", Types.UUID, "The `id` of a client."),
    query("service", str, "The `slug` of a service."),
    query("needs_help", str, "Those whose client needs help with the video call.", enum=["true"]),
)
book = described(
    "Book: by a client, or with a bearer token on a client's behalf.",
    BookedOutput,
    request=desk_inputs.BookingOrBehalfInput,
    status=201,
    no=ACTS,
    id="appointments_create",
)
book_series = described(
    "Book the same time week after week, all or nothing: 409 `series_not_free` says by `occurrences` what to decide about.",
    SeriesOutput,
    request=inputs.SeriesInput,
    status=201,
    no=ACTS,
    id="series_create",
)
appointment = one("One appointment.", outputs.DeskAppointmentOutput, "desk", id="desk_appointment_retrieve")
clients = listed(
    "The provider's clients, newest first.",
    outputs.ClientOutput,
    "client",
    "clients_list",
    query("email", str, ""),
)
client = one("One client.", outputs.ClientOutput, "client")
export = one(
    "Everything that is held about one client: for the owner's token.", FREE, "client", id="client_export"
)
concerns = listed(
    "Patterns that ask for a word with a client, newest first.",
    outputs.ConcernOutput,
    "client",
    "concerns_list",
    query("state", str, "", enum=["open", "decided"]),
    query("client", Types.UUID, "The `id` of a client."),
)
concern = one("One of them.", outputs.ConcernOutput, "client")
decide_concern = described(
    "Keep what the provider did about it.",
    outputs.ConcernOutput,
    request=desk_inputs.DecideInput,
    no=ACTS,
    parameters=(ID,),
    tag="client",
)
deposits = listed("Deposits, newest first.", outputs.DepositOutput, "money", "deposits_list")
deposit = one("One deposit.", outputs.DepositOutput, "money")
refund = described(
    "Refund all or part of a deposit (scope `refunds`). 202 where a second member has to approve it.",
    outputs.DepositOutput,
    request=desk_inputs.RefundInput,
    no=ACTS,
    parameters=(ID,),
    tag="money",
    also={202: outputs.RepaymentOutput},
)
repayments = listed(
    "What members decided to give back, and what waits for a second member, newest first.",
    outputs.RepaymentOutput,
    "money",
    "repayments_list",
)
approve_refund = described(
    "Approve a refund that another member asked for (scope `refunds`).",
    outputs.RepaymentOutput,
    no=ACTS,
    parameters=(ID,),
    tag="money",
)
decline_refund = described(
    "Decline a refund that another member asked for, or take one's own back (scope `refunds`).",
    outputs.RepaymentOutput,
    request=desk_inputs.NoteInput,
    no=ACTS,
    parameters=(ID,),
    tag="money",
)
charges = listed(
    "What clients owe beyond the deposit, newest first.",
    outputs.DeskChargeOutput,
    "money",
    "charges_list",
    query("state", str, "owed, paid or waived."),
    query("client", Types.UUID, "The `id` of a client."),
)
charge = one("One of them.", outputs.DeskChargeOutput, "money")


def of_charge(summary: str, request: Any) -> Decorator:
    shape = outputs.DeskChargeOutput
    return described(summary, shape, request=request, no=ACTS, parameters=(ID,), tag="money")


waive = of_charge("What is left of it is not asked any more.", desk_inputs.NoteInput)
by_hand = of_charge(
    "It was paid in cash, by transfer or otherwise, in whole or in part.", desk_inputs.ByHandInput
)
undo = described(
    "A payment that was written down by hand was a mistake: an entry of its own takes it back.",
    outputs.UndoneOutput,
    no=ACTS,
    parameters=(ID,),
    tag="money",
)
refund_charge = described(
    "Refund all or part of what was paid of it (scope `refunds`). 202 where a second member has to approve it.",
    outputs.DeskChargeOutput,
    request=desk_inputs.RefundInput,
    no=ACTS,
    parameters=(ID,),
    tag="money",
    also={202: outputs.RepaymentOutput},
)
ask = described(
    "Ask the client for the balance of the price, or for something else; a mail brings the link to pay.",
    outputs.DeskChargeOutput,
    request=desk_inputs.ChargeInput,
    status=201,
    no=ACTS,
    parameters=(ID,),
    tag="money",
)
services = listed("Services, in their order.", outputs.DeskServiceOutput, "set-up", "services_list")
service = one("One service.", outputs.DeskServiceOutput, "set-up", SLUG)
put_service = described(
    "Make a service, or change it.",
    outputs.DeskServiceOutput,
    request=outputs.ServiceInput,
    no=ACTS,
    parameters=(SLUG,),
    tag="set-up",
)
delete_service = described("Take a service off.", None, status=204, no=ACTS, parameters=(SLUG,), tag="set-up")
hours = described("Weekly hours and overrides.", outputs.HoursOutput, no=READS, tag="set-up")
put_hours = described(
    "Replace the hours.", outputs.HoursOutput, request=outputs.HoursInput, no=ACTS, tag="set-up"
)
time_off_list = listed(
    "Time without appointments, newest first.", outputs.TimeOffOutput, "set-up", "time_off_list"
)
time_off = one("One time off.", outputs.TimeOffOutput, "set-up", id="time_off_retrieve")
take_time_off = described(
    "Keep a time free of appointments: 409 `time_taken` where something is there already.",
    outputs.TimeOffOutput,
    request=desk_inputs.TimeOffInput,
    status=201,
    no=ACTS,
    tag="set-up",
    id="time_off_create",
)
end_time_off = described(
    "Give the time back.", None, status=204, no=ACTS, parameters=(ID,), tag="set-up", id="time_off_destroy"
)
endpoints = listed(
    "Where programs are told what happens, newest first.",
    outputs.EndpointOutput,
    "webhooks",
    "webhook_endpoints_list",
)
endpoint = one("One of them.", outputs.EndpointOutput, "webhooks", id="webhook_endpoints_retrieve")
add_endpoint = described(
    "Have an address told what happens, signed as Standard Webhooks say; the secret is shown this once. For the "
    "owner's token, as all changes here.",
    outputs.EndpointSecretOutput,
    request=desk_inputs.EndpointInput,
    status=201,
    no=ACTS,
    tag="webhooks",
    id="webhook_endpoints_create",
)
remove_endpoint = described(
    "Tell it nothing more.",
    None,
    status=204,
    no=ACTS,
    parameters=(ID,),
    tag="webhooks",
    id="webhook_endpoints_destroy",
)
rotate_endpoint = described(
    "A new secret; for 24 hours the one before signs, too.",
    outputs.EndpointSecretOutput,
    no=ACTS,
    parameters=(ID,),
    tag="webhooks",
)
turn_on_endpoint = described(
    "Switch on one that was switched off.",
    outputs.EndpointOutput,
    no=ACTS,
    parameters=(ID,),
    tag="webhooks",
)
try_endpoint = described(
    "Send it a `webhook.test`, once; `deliveries/` says what it answered.",
    outputs.DeliveryOutput,
    status=202,
    no=ACTS,
    parameters=(ID,),
    tag="webhooks",
)
deliveries = listed(
    "What it was told, and is still to be told, newest first; kept for 30 days.",
    outputs.DeliveryOutput,
    "webhooks",
    "webhook_deliveries_list",
    ID,
)
send_again = described(
    "Send one of them again, under its id.",
    outputs.DeliveryOutput,
    status=202,
    no=ACTS,
    parameters=(ID, OpenApiParameter("delivery_id", OpenApiTypes.UUID, OpenApiParameter.PATH)),
    tag="webhooks",
)
policies = listed("Policies with their terms as they stand.", outputs.PolicyOutput, "set-up", "policies_list")
policy = one("One policy.", outputs.PolicyOutput, "set-up")
put_policy = described(
    "New terms, which make the next version.",
    outputs.PolicyOutput,
    request=outputs.TermsInput,
    no=ACTS,
    parameters=(ID,),
    tag="set-up",
)
