"""What a provider keeps about a client for itself: notes, and that no more bookings are taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed
from booking.models import Appointment, Client, ClientNote, Provider


@dataclass(frozen=True)
class Person:
    """Whom a provider knew before; ``note`` is what it had written down."""

    name: str
    email: str
    phone: str = ""
    note: str = ""


@transaction.atomic
def bring_clients(*, provider: Provider, people: list[Person], by: Actor, at: datetime) -> int:
    """Clients from another tool. Who is known by address already stays as they are; nobody is written to, and
    nobody has agreed to anything. Returns how many are new."""
    Provider.objects.locked().get(pk=provider.pk)
    assert by.user
    known = set(Client.objects.filter(provider=provider).values_list("email", flat=True))
    fresh = {one.email: one for one in people if one.email not in known}
    made = Client.objects.bulk_create(
        [
            Client(
                provider=provider,
                name=one.name,
                email=one.email,
                phone=one.phone,
                language=provider.language,
                hour_cycle=provider.hour_cycle,
                timezone=provider.timezone,
                created_at=at,
            )
            for one in fresh.values()
        ],
        batch_size=500,
    )
    notes = [(client, fresh[client.email].note) for client in made if fresh[client.email].note]
    ClientNote.objects.bulk_create(
        [ClientNote(client=client, user=by.user, text=text, written_at=at) for client, text in notes],
        batch_size=500,
    )
    return len(made)


@transaction.atomic
def note(
    *, client: Client, text: str, by: Actor, at: datetime, appointment: Appointment | None = None
) -> ClientNote:
    """A private note, perhaps about one ``appointment`` of theirs: the client is told nothing of it, and gets it only
    with everything that is held about them (`telling.on_record`)."""
    _must_be_known(client)
    assert by.user
    return ClientNote.objects.create(
        client=client, appointment=appointment, user=by.user, text=text, written_at=at
    )


@transaction.atomic
def change_note(*, note: ClientNote, text: str, by: Actor, at: datetime) -> ClientNote:
    """Its author puts it in other words; an empty text takes it away."""
    locked = ClientNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if by.user is None or locked.user_id != by.user.pk:
        raise NotAllowed("not_yours", _("Only who wrote a note may change it."))
    if not text:
        locked.delete()
    elif text != locked.text:
        locked.text, locked.changed_at = text, at
        locked.save(update_fields=["text", "changed_at"])
    return locked


@transaction.atomic
def block(*, client: Client, reason: str, at: datetime) -> Client:
    """No more bookings are taken from this client, in words that tell nobody else so; what stands, stands."""
    return _blocked(client, blocked_at=at, reason=reason)


@transaction.atomic
def unblock(*, client: Client) -> Client:
    """Bookings are taken again."""
    return _blocked(client, blocked_at=None, reason="")


def _blocked(client: Client, *, blocked_at: datetime | None, reason: str) -> Client:
    found = _must_be_known(client)
    found.blocked_at, found.blocked_reason = blocked_at, reason
    found.save(update_fields=["blocked_at", "blocked_reason"])
    return found


def _must_be_known(client: Client) -> Client:
    found = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    if found.erased_at:
        raise NotAllowed("is_erased", _("This client was erased."))
    return found
