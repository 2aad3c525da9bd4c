"""The nouns of booking: who offers time, who books it, and what was agreed about when."""

from booking.models.appointment import Appointment, Status
from booking.models.brand import LegalText, Logo
from booking.models.business import Business
from booking.models.client import Client, LinksWish
from booking.models.concern import Concern
from booking.models.consent import HealthConsent
from booking.models.elsewhere import BusyCalendar, BusyElsewhere
from booking.models.idempotency import IdempotencyKey
from booking.models.invitation import Invitation
from booking.models.lapse import Lapse
from booking.models.move import Move
from booking.models.note import ClientNote, SharedNote
from booking.models.outgoing import WebhookDelivery, WebhookEndpoint
from booking.models.proposal import Proposal, ProposedTime
from booking.models.provider import ApiToken, HourCycle, Membership, Provider, Role
from booking.models.schedule import Holidays, Override, TimeOff, WeeklyHours
from booking.models.service import Mode, Service
from booking.models.taken import BusyTime
from booking.models.timeline import TimelineEntry
from booking.models.user import User

__all__ = [
    "ApiToken",
    "Appointment",
    "Business",
    "BusyCalendar",
    "BusyElsewhere",
    "BusyTime",
    "Client",
    "ClientNote",
    "Concern",
    "HealthConsent",
    "Holidays",
    "HourCycle",
    "IdempotencyKey",
    "Invitation",
    "Lapse",
    "LegalText",
    "LinksWish",
    "Logo",
    "Membership",
    "Mode",
    "Move",
    "Override",
    "Proposal",
    "ProposedTime",
    "Provider",
    "Role",
    "Service",
    "SharedNote",
    "Status",
    "TimeOff",
    "TimelineEntry",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WeeklyHours",
]
