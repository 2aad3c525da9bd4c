"""Clients: who they are, and how it goes with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.dashboard import concerns, paging, records, wishes
from booking.dashboard.access import at_desk, page
from booking.dashboard.agenda import entries
from booking.dashboard.desk import Desk
from booking.dashboard.notes_form import Sent, private
from booking.dashboard.tabs import tabs
from booking.models import Client
from config import formats
from reminders import consents

LONGEST_SEARCH = 100
MOST = 50


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """All clients by name, with their record and pattern."""
    asked = {"q": request.GET.get("q", "").strip()[:LONGEST_SEARCH]}
    rows = desk.clients.filter(erased_at=None)
    if asked["q"]:
        rows = rows.filter(
            Q(name__icontains=asked["q"]) | Q(email__icontains=asked["q"]) | Q(phone__icontains=asked["q"])
        )
    found = paging.page(rows, by="name", after=request.GET.get("after", ""), asked=asked, newest_first=False)
    known = records.of_clients(desk, found.rows)
    owed = _owed(desk, found.rows)
    context: dict[str, Any] = {
        "asked": asked,
        "rows": [
            {"client": client, "record": known[client.pk], "owed": owed.get(client.pk, [])}
            for client in found.rows
        ],
        "more": found.more,
    }
    return page(
        request, desk, "dashboard/clients.html", section="clients", tabs=tabs("desk_clients"), **context
    )


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One client: how to reach them, record and pattern, money, appointments."""
    client = get_object_or_404(desk.clients.select_related("merged_into"), uid=uid)
    if client.merged_into:
        return HttpResponseRedirect(reverse("desk_client", args=[client.merged_into.uid]))
    return shown(request, desk, client)


def shown(
    request: HttpRequest, desk: Desk, client: Client, *, note: Sent | None = None, status: int = 200
) -> HttpResponse:
    """The page; ``note`` is a form that came back."""
    appointments = desk.appointments.filter(client=client).order_by("-starts_at", "-pk")[:MOST]
    context: dict[str, Any] = {
        "client": client,
        "record": records.of_clients(desk, [client])[client.pk],
        "since": formats.day(client.created_at, desk.zone),
        "money": _money(desk, client),
        "wishes": wishes.of_client(client),
        "entries": entries(desk, appointments, with_day=True),
        "tasks": concerns.open_tasks(desk, client=client),
        "decided": concerns.decided(desk, client),
        "private": private(desk, desk.notes.filter(client=client)[:MOST], note),
        "agreed": _agreed(client),
        "erased": formats.day(client.erased_at, desk.zone) if client.erased_at else "",
        "blocked": formats.day(client.blocked_at, desk.zone) if client.blocked_at else "",
    }
    return page(request, desk, "dashboard/client.html", section="clients", status=status, **context)


def _owed(desk: Desk, clients: list[Client]) -> dict[int, list[tuple[int, str]]]:
    """What each of them owes, by currency, in one query."""
    sums: dict[tuple[int, str], int] = {}
    rows = desk.charges.filter(appointment__client__in=clients, state="owed").select_related("appointment")
    for charge in rows:
        key = charge.appointment.client_id, charge.currency
        sums[key] = sums.get(key, 0) + charge.owed
    found: dict[int, list[tuple[int, str]]] = {}
    for (client, currency), amount in sums.items():
        found.setdefault(client, []).append((amount, currency))
    return found


def _agreed(client: Client) -> list[str]:
    """The ways beside mail on which the client may be written to."""
    names = {"sms": _("Texts"), "whatsapp": "WhatsApp", "telegram": "Telegram"}
    found = [names[kind] for kind in sorted(consents.given_by(client)) if kind in names]
    return found if consents.wants_more(client) else [*found, _("One reminder alone")]


def _money(desk: Desk, client: Client) -> list[dict[str, Any]]:
    """What is held, what waits as credit, what is owed; by currency, for a provider may change it."""
    sums: dict[tuple[str, str], int] = {}

    def add(name: str, currency: str, amount: int) -> None:
        if amount:
            sums[name, currency] = sums.get((name, currency), 0) + amount

    for deposit in desk.deposits.filter(appointment__client=client, held__gt=0):
        add("held", deposit.currency, deposit.held)
    for credit in desk.credits.filter(client=client, ended_at=None):
        add("credit", credit.currency, credit.left)
    for charge in desk.charges.filter(appointment__client=client, state="owed"):
        add("owed", charge.currency, charge.owed)
    return [
        {"name": name, "currency": currency, "amount": amount} for (name, currency), amount in sums.items()
    ]
