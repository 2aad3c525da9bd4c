"""Times that the provider proposes: proposed and taken back by the provider, accepted or refused by the client."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import lifecycle, wishes
from booking.actors import CLIENT
from booking.api import schema, schema_desk, shapes
from booking.api.bookings import UNPRINTABLE, due_deposit
from booking.api.desk import OneDoor, SimpleActDoor, found
from booking.api.desk_inputs import ProposeInput, UrgentInput
from booking.api.doors import PRIVATE, OwnDoor
from booking.api.idempotency import Answer
from booking.api.inputs import AcceptInput, PreferencesInput, RefuseInput
from booking.api.refusals import wrong
from booking.models import Proposal
from config import formats, network


class ProposeDoor(OneDoor):
    @schema_desk.act("Propose times of one's own; they are held while the client decides.", ProposeInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        asked = self.read(ProposeInput)
        return self.once(lambda: self.proposed(asked))

    def proposed(self, asked: dict[str, Any]) -> Answer:
        lifecycle.propose(
            appointment=self.appointment,
            starts=asked["starts"],
            note=asked.get("note") or "",
            within=timedelta(hours=asked.get("hours") or 24),
            by=self.by,
            at=self.at,
        )
        return self.done(found(self.access.provider.pk, self.appointment.uid))


@schema_desk.of_post("Take back the times that are proposed.")
class WithdrawProposalDoor(SimpleActDoor):
    story = "withdraw_proposal"


class UrgentDoor(OneDoor):
    @schema_desk.act("Mark as urgent: a late cancel asks first whether another way would do.", UrgentInput)
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        reason = self.read(UrgentInput)["reason"]
        return self.once(
            lambda: self.done(
                lifecycle.mark_urgent(appointment=self.appointment, reason=reason, by=self.by, at=self.at)
            )
        )


@schema_desk.of_post("It is not urgent any more.")
class NotUrgentDoor(SimpleActDoor):
    story = "not_urgent"


class ProposalDoor(OwnDoor):
    """One of the proposals that were made for this appointment."""

    proposal: Proposal

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        proposal = self.appointment.proposals.filter(uid=kwargs["id"]).first()
        if proposal is None:
            raise Http404
        proposal.appointment = self.appointment
        self.proposal = proposal


class AcceptProposalDoor(ProposalDoor):
    @schema.accept_proposal
    def post(self, request: Request, token: str, id: UUID) -> Response:  # noqa: A002
        asked = self.read(AcceptInput)
        start = asked.get("start") or self.only_start()
        return self.once(lambda: self.accepted(start, asked))

    def only_start(self) -> datetime:
        """Where one time was proposed there is nothing to choose."""
        starts = list(self.proposal.times.values_list("start_at", flat=True))
        if len(starts) != 1:
            raise wrong("start", "required", _("Send which of the times is taken."))
        return starts[0]

    def accepted(self, start: datetime, asked: dict[str, Any]) -> Answer:
        agreed = asked.get("policy_version") if asked.get("agree") else ""
        made = lifecycle.accept_proposal(
            proposal=self.proposal,
            start=start,
            agreed_version=agreed or "",
            language=(get_language() or "en").split("-")[0],
            hour_cycle=formats.hour_cycle(),
            ip=network.client_address(self.request._request),
            user_agent=UNPRINTABLE.sub("?", self.request.headers.get("User-Agent", "")),
            at=self.at,
        )
        return Answer(shapes.appointment(made), deposit=due_deposit(made))


class RefuseProposalDoor(ProposalDoor):
    @schema.refuse_proposal
    def post(self, request: Request, token: str, id: UUID) -> Response:  # noqa: A002
        asked = self.read(RefuseInput)
        return self.once(lambda: self.refused(asked))

    def refused(self, asked: dict[str, Any]) -> Answer:
        kept = lifecycle.refuse_proposal(
            proposal=self.proposal,
            note=asked.get("note") or "",
            cancel=asked.get("cancel") or False,
            at=self.at,
        )
        return Answer(shapes.appointment(kept))


class PreferencesDoor(OwnDoor):
    @schema.preferences
    def get(self, request: Request, token: str) -> Response:
        told = self.appointment.client.preferences if self.appointment.brought_client else {}
        return Response(wishes.shown(told), headers=PRIVATE)

    @schema.put_preferences
    def post(self, request: Request, token: str) -> Response:
        asked = self.read(PreferencesInput)
        return self.once(lambda: self.told(asked))

    def told(self, asked: dict[str, Any]) -> Answer:
        client = lifecycle.prefer(
            appointment=self.appointment, wishes=wishes.kept(asked), by=CLIENT, at=self.at
        )
        return Answer(wishes.shown(client.preferences))
