"""A client has lost the mails with the links of its appointments, and asks for them by its address."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from booking.lifecycle.steps import each
from booking.models import Client, LinksWish, Provider
from reminders import plan
from reminders.models import Message

MOST_MAILS = 3  # within a day: anyone can type an address
DAY = timedelta(days=1)


def ask_links(*, provider: Provider, email: str, at: datetime) -> None:
    """Notes the wish and no more: what is asked, written and answered is the same for an address that nobody
    has. The sweep looks whose it is (`send_links`)."""
    LinksWish.objects.create(provider=provider, email=email.lower(), asked_at=at)


def send_links(*, at: datetime) -> int:
    """Answer the wishes that wait: a mail to the client of that address, if there is one. Returns how many
    mails were planned."""
    return each(LinksWish.objects.select_related("provider").order_by("pk"), partial(_answer, at=at))


@transaction.atomic
def _answer(wish: LinksWish, *, at: datetime) -> bool:
    Provider.objects.locked().get(pk=wish.provider_id)
    deleted, _rows = LinksWish.objects.filter(pk=wish.pk).delete()
    client = Client.objects.filter(provider=wish.provider, email=wish.email, erased_at=None).first()
    if not deleted or client is None or _had_enough(client, at=at):
        return False
    plan.announce(
        provider=wish.provider, kind="my_links", client=client, about=f"{client.uid}:{wish.pk}", at=at
    )
    return True


def _had_enough(client: Client, *, at: datetime) -> bool:
    """So many mails a day, and none while one waits: that one will say the same."""
    asked = Message.objects.filter(client=client, kind="my_links", created_at__gt=at - DAY)
    return asked.count() >= MOST_MAILS or asked.waiting().exists()
