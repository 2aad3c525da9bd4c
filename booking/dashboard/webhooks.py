"""Programs of the provider's own that are told what happens: their addresses, and what each was told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from booking.api import told
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import WebhookDelivery, WebhookEndpoint
from booking.outgoing import EVENTS, TEST, endpoints, sending
from config import formats
from config.refusal import Refusal

SHOWN = 50  # deliveries; the API has all
EVENT_WORDS: dict[str, str | Promise] = {
    "appointment.held": gettext_lazy("A time is held until its deposit is paid"),
    "appointment.requested": gettext_lazy("Somebody asks for a time"),
    "appointment.confirmed": gettext_lazy("An appointment is confirmed"),
    "appointment.moved": gettext_lazy("An appointment is moved"),
    "appointment.cancelled": gettext_lazy("An appointment is cancelled or declined, or its hold ends"),
    "appointment.completed": gettext_lazy("An appointment took place"),
    "appointment.no_show": gettext_lazy("A client did not come"),
    "appointment.excused": gettext_lazy("A lapse is excused"),
    "deposit.paid": gettext_lazy("A deposit is paid"),
    "deposit.refunded": gettext_lazy("A deposit goes back"),
    "deposit.forfeited": gettext_lazy("A deposit is kept"),
    "deposit.carried": gettext_lazy("A deposit waits for another appointment"),
    TEST: gettext_lazy("A test"),
}
TROUBLE = {
    "not_public": gettext_lazy("the address cannot be reached from the internet"),
    "no_answer": gettext_lazy("nothing answered"),
    "too_slow": gettext_lazy("no answer within ten seconds"),
    "certificate": gettext_lazy("its certificate is not valid"),
    "nothing_there": gettext_lazy("what it was about is gone"),
    "not_opened": gettext_lazy("its secret cannot be read any more: make a new one"),
}


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address of your program"),
        max_length=2000,
        help_text=gettext_lazy("It begins with https:// and takes POST."),
        widget=forms.TextInput({"inputmode": "url", "autocapitalize": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What is it told of?"),
        help_text=gettext_lazy("Choose none and it is told of everything."),
        choices=[(one, EVENT_WORDS[one]) for one in EVENTS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The addresses; a post adds one and shows its secret, this once."""
    form = EndpointForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            endpoints.check(form.cleaned_data["url"])
            made = endpoints.add(provider=desk.provider, at=desk.at, **form.cleaned_data)
        except endpoints.EndpointRefused as no:
            form.add_error(no.field, no.detail or "")
        else:
            form = EndpointForm()
    context: dict[str, Any] = {
        "form": form,
        "made": made,
        "secret": endpoints.secret(made) if made else "",
        "rows": [_told(one, desk) for one in desk.webhook_endpoints],
        "most": endpoints.MOST,
    }
    status = 400 if form.errors else 200
    return page(request, desk, "dashboard/set_up/webhooks.html", section="set_up", status=status, **context)


@require_http_methods(["GET", "HEAD"])
@at_desk(may="own")
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One address, with what it was told last."""
    return _page(request, desk, get_object_or_404(desk.webhook_endpoints, uid=uid))


@require_POST
@at_desk(may="own")
def act(request: HttpRequest, *, desk: Desk, uid: UUID, what: str) -> HttpResponse:
    """Try it, give it a new secret, switch it on, or take it away."""
    endpoint = get_object_or_404(desk.webhook_endpoints, uid=uid)
    if what == "rotate":
        endpoint = endpoints.rotate(endpoint=endpoint, at=desk.at)
        return _page(request, desk, endpoint, secret=endpoints.secret(endpoint))
    if what == "remove":
        endpoints.remove(endpoint=endpoint)
        messages.success(request, _("Removed: it is told nothing more."))
        return HttpResponseRedirect(reverse("desk_webhooks"))
    if what == "turn-on":
        endpoints.turn_on(endpoint=endpoint)
        messages.success(request, _("Switched on: it is told of what happens from now on."))
    elif what == "test":
        _send(request, desk, lambda: endpoints.test(endpoint=endpoint, at=desk.at))
    else:
        raise Http404
    return HttpResponseRedirect(reverse("desk_webhook", args=[endpoint.uid]))


@require_POST
@at_desk(may="own")
def send_again(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The same once more, under its id."""
    found = get_object_or_404(desk.webhook_deliveries, uid=uid)
    _send(request, desk, lambda: endpoints.send_again(delivery=found, at=desk.at))
    return HttpResponseRedirect(reverse("desk_webhook", args=[found.endpoint.uid]))


def _send(request: HttpRequest, desk: Desk, stage: Any) -> None:
    """Stage it, send it while somebody waits, and say what came of it."""
    try:
        staged: WebhookDelivery = stage()
    except Refusal as no:
        messages.error(request, no.detail or "")
        return
    staged.endpoint.provider = desk.provider
    sending.attempt(delivery=staged, at=desk.at, shape=told.shape)
    staged.refresh_from_db()
    if staged.state == WebhookDelivery.State.DELIVERED:
        messages.success(request, _("It arrived: the answer was %(status)s.") % {"status": staged.status})
    else:
        messages.error(request, _("It did not arrive: %(why)s.") % {"why": why(staged)})


def why(delivery: WebhookDelivery) -> str:
    """What was answered, or why nothing was."""
    if delivery.status:
        return _("the answer was %(status)s") % {"status": delivery.status}
    return str(TROUBLE.get(delivery.trouble, TROUBLE["no_answer"]))


def _page(request: HttpRequest, desk: Desk, endpoint: WebhookEndpoint, *, secret: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "one": _told(endpoint, desk),
        "secret": secret,
        "old_until": _moment(endpoint.old_until, desk),
        "deliveries": [_line(one, desk) for one in endpoint.deliveries.all()[:SHOWN]],
        "shown": SHOWN,
    }
    return page(request, desk, "dashboard/set_up/webhook.html", section="set_up", **context)


def _moment(instant: Any, desk: Desk) -> str:
    return formats.short_moment(instant, desk.zone) if instant else ""


def _told(endpoint: WebhookEndpoint, desk: Desk) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "host": endpoints.host(endpoint),
        "events": [str(EVENT_WORDS.get(one, one)) for one in endpoint.events],
        "off": _moment(endpoint.off_at, desk),
        "failing": _moment(endpoint.failing_since, desk),
    }


def _line(delivery: WebhookDelivery, desk: Desk) -> dict[str, Any]:
    state = WebhookDelivery.State
    return {
        "delivery": delivery,
        "words": str(EVENT_WORDS.get(delivery.event, delivery.event)),
        "when": _moment(delivery.at, desk),
        "again": _moment(delivery.due_at, desk) if delivery.attempts else "",
        "arrived": delivery.state == state.DELIVERED,
        "failed": delivery.state == state.FAILED,
        "why": why(delivery) if delivery.attempts and delivery.state != state.DELIVERED else "",
        "appointment": delivery.about if delivery.event.startswith("appointment.") else None,
    }
