"""Addresses that refuse our mails: the mark on the client, and the word to the provider."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from booking.models import Client
from reminders import kinds, plan
from reminders.models import MailEvent, Message


@transaction.atomic
def mark(*, client: Client, why: str, at: datetime, complained: bool = False) -> bool:
    """The present address of ``client`` sends our mails back, or asked us to stop. The provider hears of it
    once per address and matter; a second report changes nothing and answers False."""
    if client.erased_at:
        return False
    field = "mail_complained_at" if complained else "mail_bounced_at"
    fresh = Client.objects.filter(Q(**{field: None}), pk=client.pk, email=client.email)
    if not fresh.update(**{field: at, "mail_trouble": why[:300]}):
        return False
    setattr(client, field, at)
    mail = hashlib.sha256(client.email.encode()).hexdigest()[:12]
    facts = {
        "name": client.name,
        "email": client.email,
        "client": str(client.uid),
        "why": why,
        "complained": complained,
    }
    about = f"{client.uid}:{mail}:{'complaint' if complained else 'bounce'}"
    plan.announce(provider=client.provider, kind="mail_bounced", about=about, at=at, facts=facts)
    return True


def clear(*, client: Client, at: datetime) -> int:
    """Try the address again: mails go there, and what failed for it and is still due goes out now."""
    Client.objects.filter(pk=client.pk).update(mail_bounced_at=None, mail_complained_at=None, mail_trouble="")
    failed = Message.objects.filter(
        Q(appointment__client=client) | Q(client=client),
        to=Message.To.CLIENT,
        channel=plan.MAIL,
        state=Message.State.FAILED,
    ).exclude(kind__in=kinds.ELSEWHERE)
    failed = failed.filter(Q(appointment=None) | Q(appointment__ends_at__gt=at))
    pks = list(failed.values_list("pk", flat=True))
    again = Message.objects.filter(pk__in=pks, state=Message.State.FAILED)
    return again.update(state=Message.State.WAITING, due_at=at, claimed_at=None, attempts=0, failure="")


@transaction.atomic
def reported(
    *, sender: str, event_id: str, kind: str, address: str, why: str, message: Message | None, at: datetime
) -> bool:
    """Keep what a sender of mail reports, once, and mark the client to whom that mail went. Only the
    address that it went to is marked: one that was corrected meanwhile stays clean. Of who was erased, or of
    nobody's mail, nothing but the report itself is kept."""
    person = message.person if message else None
    known = person is not None and person.erased_at is None
    event = MailEvent(
        sender=sender,
        event_id=event_id,
        kind=kind,
        address=address if known else "",
        reason=why[:300] if known else "",
        message=message,
        at=at,
    )
    if MailEvent.objects.filter(sender=sender, event_id=event_id).exists():
        return False
    MailEvent.objects.bulk_create([event], ignore_conflicts=True)
    client = message.person if message and message.to_client else None
    if client and message and client.email.casefold() == (address or message.address).casefold():
        return mark(client=client, why=why, at=at, complained=kind == "complained")
    return False
