"""Messages: what was sent, what waits, what failed; and each as it was said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from booking.dashboard import paging, searching
from booking.dashboard.access import at_desk, page
from booking.dashboard.agenda import entry
from booking.dashboard.desk import Desk
from reminders.dashboard import words
from reminders.dashboard.tabs import tabs
from reminders.models import Message

LOOKED_THROUGH = 2_000  # messages, for the words in them
# A mail has styles of its own; it gets them and nothing else: no script, no form, no address outside.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
)


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Messages, newest first, by state and by name."""
    asked = {
        "q": request.GET.get("q", "").strip()[: searching.LONGEST],
        "state": request.GET.get("state", ""),
    }
    rows = desk.messages.select_related("appointment__client", "client")
    if asked["state"] in Message.State.values:
        rows = rows.filter(state=asked["state"])
    if asked["q"]:
        rows = rows.filter(pk__in=_meant(desk, asked["q"]))
    found = paging.page(rows, by="due_at", after=request.GET.get("after", ""), asked=asked)
    context: dict[str, Any] = {
        "tabs": tabs("desk_messages"),
        **words.trouble(desk.provider, at=desk.at),
        "asked": asked,
        "states": list(words.state_names().items()),
        "rows": words.rows(found.rows, zone=desk.zone),
        "more": found.more,
        "narrowed": any(asked.values()),
    }
    return page(request, desk, "dashboard/messages/list.html", section="messages", **context)


def _meant(desk: Desk, said: str) -> Any:
    """About or to the clients who are meant; of the last messages also those that say it themselves."""
    lately = desk.messages.order_by("-due_at", "-pk").values("pk")[:LOOKED_THROUGH]
    saying = Q(address__icontains=said) | Q(subject__icontains=said)
    by_words = desk.messages.filter(pk__in=lately).filter(saying).order_by().values("pk")
    # From the clients on: asked the other way round, SQLite reads every message of the provider.
    meant = desk.clients.filter(searching.theirs(desk, said, "pk")).order_by()
    return by_words.union(meant.values("appointments__messages"), meant.values("messages"))


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One message: to whom, when, how it went, and what it says."""
    found = desk.messages.select_related("appointment", "client")
    message = get_object_or_404(found, uid=uid)
    about = desk.appointment(message.appointment.uid) if message.appointment else None
    context: dict[str, Any] = {
        "message": message,
        "row": words.row(message, zone=desk.zone),
        "entry": entry(desk, about, with_day=True) if about else None,
        "why": _why(message),
    }
    return page(request, desk, "dashboard/messages/message.html", section="messages", **context)


def _why(message: Message) -> str:
    """What there is instead of words, where there are none yet."""
    if message.state == Message.State.WAITING:
        return _("It is written when it leaves, so that what it says is true then.")
    if message.state == Message.State.DROPPED:
        return _("When it was due it was not true any more, so it was never sent.")
    return _("It never left, so there is nothing to show.")


@require_safe
@xframe_options_sameorigin
@at_desk()
def letter(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The mail itself, for the frame on its page. Whatever a client typed into it stays harmless."""
    message = get_object_or_404(desk.messages, uid=uid)
    if not message.html:
        raise Http404
    response = HttpResponse(message.html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
