"""A desk: what is one provider's, for one member, at one instant.

A dashboard view never asks a model: it is handed a `Desk`, whose querysets are those of one provider
already. What is another's is not refused, it is not there (F-104)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils.crypto import salted_hmac

from booking import actors, free_days
from booking.actors import Actor
from booking.models import (
    ApiToken,
    Appointment,
    Business,
    BusyCalendar,
    BusyElsewhere,
    BusyTime,
    Client,
    ClientNote,
    Holidays,
    Invitation,
    Lapse,
    LegalText,
    Membership,
    Override,
    ProposedTime,
    Provider,
    Role,
    Service,
    SharedNote,
    TimelineEntry,
    TimeOff,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    WeeklyHours,
)
from booking.models.appointment import AppointmentQuerySet
from booking.models.concern import Concern, ConcernQuerySet
from booking.models.taken import BusyTimeQuerySet, SpanQuerySet
from payments.models import (
    Charge,
    Credit,
    Deposit,
    Difference,
    Dispute,
    LedgerEntry,
    Paper,
    Payment,
    Refund,
    Repayment,
    SavedCard,
    Settlement,
)
from payments.models.disputes import DisputeQuerySet
from payments.models.papers import PaperQuerySet
from policies.models import Policy, PolicyException, PolicyVersion
from reminders.models import Adapted, Message, Route

SEAT = "seat"


@dataclass(frozen=True)
class Desk:
    """One member's view of one provider at one instant. ``beside`` are the further desks of this user, each
    with the rights that the user has there."""

    membership: Membership
    provider: Provider
    user: User
    at: datetime
    beside: tuple[Desk, ...] = ()

    @property
    def others(self) -> tuple[Provider, ...]:
        return tuple(one.provider for one in self.beside)

    @property
    def seat(self) -> str:
        """Who sits where, in short: forms say at which one they were shown."""
        return salted_hmac(SEAT, f"{self.user.pk} {self.provider.pk}").hexdigest()[:16]

    @property
    def by(self) -> Actor:
        return actors.provider(self.user)

    @property
    def rights(self) -> frozenset[str]:
        found = {"look"}
        if self.membership.may_act:
            found.add("act")
        if self.membership.may_refund:
            found.add("refund")
        if self.membership.role == Role.OWNER:
            found.add("own")
        return frozenset(found)

    @property
    def zone(self) -> str:
        return self.provider.timezone

    # --- What lies on it ---

    @property
    def business(self) -> Business | None:
        return Business.objects.filter(provider=self.provider).first()

    @property
    def legal_texts(self) -> QuerySet[LegalText]:
        return LegalText.objects.filter(provider=self.provider)

    @property
    def appointments(self) -> AppointmentQuerySet:
        """With their names, and with what is held of the current deposit as ``held_now``."""
        held = Deposit.objects.filter(appointment=OuterRef("pk"), current=True).values("held")[:1]
        ours = Appointment.objects.of(self.provider).select_related("service", "client", "policy_version")
        return cast(AppointmentQuerySet, ours.annotate(held_now=Subquery(held)))

    @property
    def clients(self) -> QuerySet[Client]:
        return Client.objects.filter(provider=self.provider)

    @property
    def notes(self) -> QuerySet[ClientNote]:
        return ClientNote.objects.filter(client__provider=self.provider).select_related("user", "appointment")

    @property
    def shared_notes(self) -> QuerySet[SharedNote]:
        """Those that clients read."""
        return SharedNote.objects.filter(appointment__provider=self.provider).select_related("user")

    @property
    def proposed_times(self) -> QuerySet[ProposedTime]:
        """Those that are held for a client to decide now."""
        ours = ProposedTime.objects.filter(proposal__appointment__provider=self.provider)
        return ours.filter(proposal__state="open", proposal__expires_at__gt=self.at)

    @property
    def concerns(self) -> ConcernQuerySet:
        return Concern.objects.filter(client__provider=self.provider)

    @property
    def services(self) -> QuerySet[Service]:
        return Service.objects.filter(provider=self.provider)

    @property
    def hours(self) -> QuerySet[WeeklyHours]:
        return WeeklyHours.objects.filter(provider=self.provider)

    @property
    def overrides(self) -> QuerySet[Override]:
        """The provider's own words of a day."""
        return Override.objects.filter(provider=self.provider, origin="")

    @property
    def holidays(self) -> Holidays | None:
        return Holidays.objects.filter(provider=self.provider).first()

    @property
    def closed_holidays(self) -> QuerySet[Override]:
        return Override.objects.filter(provider=self.provider, origin=free_days.HOLIDAY)

    @property
    def busy_calendars(self) -> QuerySet[BusyCalendar]:
        return BusyCalendar.objects.filter(provider=self.provider)

    @property
    def busy_elsewhere(self) -> QuerySet[BusyElsewhere]:
        """When the provider's other calendars say that it is busy."""
        return BusyElsewhere.objects.filter(provider=self.provider)

    @property
    def webhook_endpoints(self) -> QuerySet[WebhookEndpoint]:
        """Where programs are told what happens."""
        return WebhookEndpoint.objects.filter(provider=self.provider)

    @property
    def webhook_deliveries(self) -> QuerySet[WebhookDelivery]:
        return WebhookDelivery.objects.filter(endpoint__provider=self.provider).select_related("endpoint")

    @property
    def time_off(self) -> QuerySet[TimeOff]:
        return TimeOff.objects.filter(provider=self.provider)

    @property
    def timeline(self) -> QuerySet[TimelineEntry]:
        return TimelineEntry.objects.filter(appointment__provider=self.provider)

    @property
    def lapses(self) -> QuerySet[Lapse]:
        return Lapse.objects.filter(appointment__provider=self.provider)

    @property
    def deposits(self) -> QuerySet[Deposit]:
        """By their appointments: they stand by the day of those, which is the order of an index there."""
        return Deposit.objects.filter(appointment__provider=self.provider)

    @property
    def payments(self) -> QuerySet[Payment]:
        return Payment.objects.of(self.provider)

    @property
    def entries(self) -> QuerySet[LedgerEntry]:
        return LedgerEntry.objects.of(self.provider)

    @property
    def refunds(self) -> QuerySet[Refund]:
        return Refund.objects.of(self.provider)

    @property
    def papers(self) -> PaperQuerySet:
        return Paper.objects.filter(provider=self.provider)

    @property
    def repayments(self) -> QuerySet[Repayment]:
        return Repayment.objects.of(self.provider)

    @property
    def disputes(self) -> DisputeQuerySet:
        return Dispute.objects.of(self.provider)

    @property
    def settlements(self) -> QuerySet[Settlement]:
        return Settlement.objects.filter(provider=self.provider)

    @property
    def differences(self) -> QuerySet[Difference]:
        return Difference.objects.filter(provider=self.provider)

    @property
    def charges(self) -> QuerySet[Charge]:
        return Charge.objects.filter(provider=self.provider)

    @property
    def cards(self) -> QuerySet[SavedCard]:
        return SavedCard.objects.filter(client__provider=self.provider)

    @property
    def credits(self) -> QuerySet[Credit]:
        return Credit.objects.filter(client__provider=self.provider)

    @property
    def members(self) -> QuerySet[Membership]:
        ours = Membership.objects.filter(provider=self.provider)
        return ours.select_related("user", "provider").order_by("pk")

    @property
    def invitations(self) -> QuerySet[Invitation]:
        """Those that nobody has answered; a link may have ended by itself."""
        return Invitation.objects.open().filter(provider=self.provider).order_by("-created_at", "-pk")

    @property
    def tokens(self) -> QuerySet[ApiToken]:
        """Those of the API that still open something."""
        ours = ApiToken.objects.filter(provider=self.provider, revoked_at=None)
        return ours.select_related("user").order_by("-created_at", "-pk")

    @property
    def exceptions(self) -> QuerySet[PolicyException]:
        return PolicyException.objects.filter(appointment__provider=self.provider)

    @property
    def policies(self) -> QuerySet[Policy]:
        return Policy.objects.filter(provider=self.provider)

    @property
    def policy_versions(self) -> QuerySet[PolicyVersion]:
        return PolicyVersion.objects.filter(policy__provider=self.provider)

    @property
    def messages(self) -> QuerySet[Message]:
        return Message.objects.filter(provider=self.provider)

    @property
    def routes(self) -> QuerySet[Route]:
        return Route.objects.filter(provider=self.provider, removed_at=None)

    @property
    def adapted(self) -> QuerySet[Adapted]:
        return Adapted.objects.in_force().filter(provider=self.provider)

    # --- One of them ---

    def appointment(self, uid: UUID) -> Appointment:
        """The appointment of that id on this desk, 404 for any other."""
        return self.known(get_object_or_404(self.appointments.select_related("agreement"), uid=uid))

    def known(self, appointment: Appointment) -> Appointment:
        """With the provider that this desk holds already, so that nobody asks for it again."""
        appointment.provider = appointment.service.provider = self.provider
        return appointment

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes this provider's appointments or money meanwhile (lock order: provider first)."""
        with transaction.atomic():
            Provider.objects.locked().get(pk=self.provider.pk)
            yield


class SideBySide:
    """Some desks of one user, asked together: one question for all of them."""

    def __init__(self, *desks: Desk) -> None:
        self.desks = {one.provider.pk: one for one in desks}
        self.at = desks[0].at

    @property
    def appointments(self) -> AppointmentQuerySet:
        return Appointment.objects.filter(provider__in=list(self.desks))

    @property
    def proposed_times(self) -> QuerySet[ProposedTime]:
        theirs = ProposedTime.objects.filter(proposal__appointment__provider__in=list(self.desks))
        return theirs.filter(proposal__state="open", proposal__expires_at__gt=self.at)

    @property
    def busy_times(self) -> BusyTimeQuerySet:
        return BusyTime.objects.filter(provider__in=list(self.desks))

    @property
    def busy_elsewhere(self) -> SpanQuerySet[BusyElsewhere]:
        return BusyElsewhere.objects.filter(provider__in=list(self.desks))

    @property
    def time_off(self) -> QuerySet[TimeOff]:
        return TimeOff.objects.filter(provider__in=list(self.desks))
