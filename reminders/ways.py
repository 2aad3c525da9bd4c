"""By which channels a message goes: decided when it falls due, by what holds then.

A story plans the row for e-mail alone. When it falls due, rows for the other channels are made beside
it, one each, and the mail goes too unless it is asked to stay behind. Whatever fails is tried by the
next way that is allowed; as there is one row per channel, that ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from booking.models import Client
from reminders import consents, kinds, notices, plan
from reminders.models import Message, MessageQuerySet, Notice, Route

BY_TEXT = (*kinds.REMINDERS, "contact")  # what clients who agreed get by text besides
SUMMARY_HOUR = 8
STOPS_WAITING = timedelta(hours=2)  # rule 14: what is late waits for the morning only until then


@dataclass(frozen=True)
class Verdict:
    """What becomes of a mail that is due: it goes, it is left to others (`passed`, in the summary
    ``told_in``), it is not wanted, or the address cannot be used."""

    goes: bool = True
    unwanted: bool = False
    dead: str = ""
    told_in: Message | None = None


def decide(message: Message, *, at: datetime) -> Verdict:
    """Make the rows for other channels and say what becomes of the mail itself."""
    return _to_client(message, at) if message.to_client else _to_provider(message, at)


def _to_client(message: Message, at: datetime) -> Verdict:
    client = message.person
    assert client is not None
    if _too_many(message, client):
        return Verdict(goes=False, unwanted=True)
    here = routes_to(client) if message.kind in BY_TEXT else []
    for route in here:
        _beside(message, route, at)
    if message.kind in kinds.ELSEWHERE:
        return Verdict()
    if (why := address_trouble(client)) and not kinds.is_needed(message.kind):
        return Verdict(goes=False, dead=why)
    left_to = [route.channel for route in here if route.instead]
    return Verdict(goes=not _under_way(message, left_to))


def _too_many(message: Message, client: Client) -> bool:
    """A second or third reminder that the client can do without; the first always comes."""
    if message.kind not in ("reminder_day", "reminder_hours") or consents.wants_more(client):
        return False
    first = Message.objects.filter(
        appointment=message.appointment, kind="reminder", start_at=message.start_at, channel=plan.MAIL
    )
    return message.kind == "reminder_hours" or first.exclude(state=Message.State.DROPPED).exists()


def _to_provider(message: Message, at: datetime) -> Verdict:
    chosen = notices.choice(message.provider, message.kind)
    if chosen.how == Notice.How.NONE:
        return Verdict(goes=False)
    if chosen.how == Notice.How.DAILY:
        return Verdict(goes=False, told_in=_into_summary(message, at))
    ways = [one for one in notices.routes(message.provider) if one.channel in chosen.channels]
    for route in ways if message.kind not in notices.NEVER_BY_TEXT else []:
        _beside(message, route, at)
    by_mail = plan.MAIL in chosen.channels
    return Verdict(goes=by_mail or not _under_way(message, [one.channel for one in ways]))


def routes_to(client: Client) -> list[Route]:
    """Where a client with a number agreed to be written to; one route per kind."""
    agreed = consents.given_by(client) if client.phone else set()
    if not agreed:
        return []
    usable = Route.objects.in_use().filter(provider_id=client.provider_id, for_clients=True, kind__in=agreed)
    return list({route.kind: route for route in usable.order_by("-pk")}.values())


def address_trouble(client: Client) -> str:
    """Why no mail goes to that address any more, but what money or law need; empty where all is well."""
    if client.mail_complained_at:
        return "this address asked not to get our mails"
    return "mails to this address come back" if client.mail_bounced_at else ""


# --- Rows ----------------------------------------------------------------------------------------


def _beside(message: Message, route: Route, at: datetime) -> None:
    """The same message by another channel, once."""
    beside = Message(**_key(message), channel=route.channel, facts=message.facts, created_at=at)
    beside.due_at, beside.planned_for = at, message.planned_for
    Message.objects.bulk_create([beside], ignore_conflicts=True)


def _key(message: Message) -> dict[str, object]:
    names = ("provider", "appointment", "client", "start_at", "kind", "to", "about")
    return {name: getattr(message, name) for name in names}


def _siblings(message: Message) -> MessageQuerySet:
    return Message.objects.filter(**_key(message)).exclude(pk=message.pk)


def _under_way(message: Message, channels: list[str]) -> bool:
    states = (Message.State.WAITING, Message.State.SENT)
    return bool(channels) and _siblings(message).filter(channel__in=channels, state__in=states).exists()


def after_failure(message: Message, *, at: datetime) -> bool:
    """What did not leave by one channel is tried by another that is allowed. Whether there was one."""
    if message.channel != plan.MAIL:
        passed = _siblings(message).filter(channel=plan.MAIL, state=Message.State.PASSED, told_in=None)
        return bool(passed.update(state=Message.State.WAITING, due_at=at, claimed_at=None))
    if message.kind in kinds.ELSEWHERE:
        return False
    before = _siblings(message).exclude(channel=plan.MAIL).count()
    person = message.person if message.to_client else None
    for route in (routes_to(person) if person else notices.routes(message.provider))[:1]:
        _beside(message, route, at)
    return _siblings(message).exclude(channel=plan.MAIL).count() > before


# --- The summary of the day ------------------------------------------------------------------------


def next_summary(*, zone: str, at: datetime) -> datetime:
    """The next 08:00 on the provider's clock, never ``at`` itself."""
    local = at.astimezone(ZoneInfo(zone))
    today = local.replace(hour=SUMMARY_HOUR, minute=0, second=0, microsecond=0)
    days = 0 if today.astimezone(at.tzinfo) > at else 1
    morning = (today.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone))
    return morning.astimezone(at.tzinfo)


def _into_summary(message: Message, at: datetime) -> Message:
    """Leave it to the summary of the next morning; one that is being written already takes no more."""
    provider, when = message.provider, at
    while True:
        when = next_summary(zone=provider.timezone, at=when)
        day = when.astimezone(ZoneInfo(provider.timezone)).date().isoformat()
        with transaction.atomic():
            made = plan.announce(provider=provider, kind="daily", about=day, at=at, due_at=when)
            summary = (
                Message.objects.waiting().select_for_update().filter(pk=made.pk, claimed_at=None).first()
            )
            if summary is None:
                continue
            mine = Message.objects.waiting().filter(pk=message.pk, claimed_at=message.claimed_at)
            mine.update(state=Message.State.PASSED, told_in=summary, claimed_at=None)
            return summary


# --- Before a text leaves --------------------------------------------------------------------------


def refused_now(message: Message, route: Route | None) -> str:
    """Why a text does not go by this channel now; empty where it does."""
    if route is None:
        return "this channel is not in use any more"
    if not message.to_client:
        return "" if route.for_provider else "this channel is not for you any more"
    client = message.person
    if not route.for_clients or client is None or route.kind not in consents.given_by(client):
        return "the client does not agree to this channel any more"
    return "" if client.phone else "the client has no number"


def reader_of(message: Message, route: Route) -> str:
    person = message.person
    return person.phone if message.to_client and person else route.target


def after_quiet(message: Message, route: Route, *, at: datetime) -> datetime | None:
    """When a reminder may leave by text, ``at`` itself outside the quiet hours of the channel on the
    reader's clock; None where that would be too late to be of use. Only reminders wait (rule 14)."""
    if message.appointment is None or not message.to_client or message.kind not in kinds.REMINDERS:
        return at
    local = at.astimezone(ZoneInfo(message.appointment.timezone))
    minute, first, last = local.hour * 60 + local.minute, route.quiet_from, route.quiet_until
    quiet = first <= minute < last if first <= last else minute >= first or minute < last
    if not quiet:
        return at
    ends = at + timedelta(minutes=(last - minute) % (24 * 60)) - timedelta(seconds=local.second)
    return ends if ends <= message.appointment.starts_at - STOPS_WAITING else None
