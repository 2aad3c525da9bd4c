"""Messages > Channels: ways beside e-mail, set up here, tested with one click. An address is typed and
never shown again but for its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking.api.fields import Line, Phone, e164
from booking.api.throttles import within
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.pages.forms import Checked
from config.formats import short_moment
from config.refusal import Refusal
from reminders import channels, gateway, routes, services
from reminders.dashboard.tabs import tabs
from reminders.models import Route

TESTS_A_MINUTE = 3
KINDS = {
    Route.Kind.SMS: gettext_lazy("SMS"),
    Route.Kind.WHATSAPP: gettext_lazy("WhatsApp"),
    Route.Kind.TELEGRAM: gettext_lazy("Telegram"),
    Route.Kind.OTHER: gettext_lazy("Messenger"),
}


class RouteForm(forms.Form):
    """One channel. ``address`` is empty when it is to stay as it is."""

    name = Checked(Line(max_length=60), label=gettext_lazy("Name"), max_length=60)
    address = forms.CharField(
        label=gettext_lazy("Address of the service"),
        max_length=services.LONGEST,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    target = Checked(
        Phone(),
        label=gettext_lazy("Your own number"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("With the country: +39 … Tests and what you want to hear go there."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    for_clients = forms.BooleanField(
        label=gettext_lazy("For clients who agree to it"),
        required=False,
        help_text=gettext_lazy(
            "Reminders, and the question where they are when they are late. SMS and WhatsApp only."
        ),
    )
    instead = forms.BooleanField(
        label=gettext_lazy("Instead of the e-mail, not besides"),
        required=False,
        help_text=gettext_lazy("Where it fails, the e-mail goes out after all."),
    )
    for_provider = forms.BooleanField(
        label=gettext_lazy("For you"),
        required=False,
        help_text=gettext_lazy("Which news come this way is chosen under “What you hear of”."),
    )
    month_cap = forms.IntegerField(
        label=gettext_lazy("At most this many in a month"), min_value=1, max_value=100_000, initial=100
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        initial="20:00",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        initial="08:00",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy(
            "On the client's clock. Reminders wait, or go by e-mail where it would be too late."
        ),
    )
    enabled = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone

    def clean_target(self) -> str:
        typed = str(self.cleaned_data["target"] or "")
        number = e164(typed, like="", zone=self._zone) if typed else ""
        if number is None:
            raise forms.ValidationError(_("Write a telephone number with its country, as +39 02 5555 0101."))
        return number


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The channels, how each does, and what is possible."""
    rows = [_row(desk, one) for one in desk.routes]
    return _page(request, desk, "channels.html", rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def add(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """A form; a POST sets a new channel up."""
    return _form(request, desk, Route(provider=desk.provider))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def edit(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The same for one that is there."""
    return _form(request, desk, get_object_or_404(desk.routes, uid=uid))


@require_POST
@at_desk(may="act")
def test(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Send one text to the provider itself, now, and show what the service answered."""
    route = get_object_or_404(desk.routes, uid=uid)
    if not within("channel_test", str(desk.provider.uid), most=TESTS_A_MINUTE):
        messages.error(request, _("That was often. Please wait a minute."))
        return HttpResponseRedirect(reverse("desk_channels"))
    by_phone = route.service not in services.SERVICES or services.SERVICES[route.service].by_phone
    if by_phone and not route.target:
        messages.error(request, _("Write your own number first: the test goes there."))
        return HttpResponseRedirect(reverse("desk_channel", args=[uid]))
    with translation.override(desk.provider.language):
        text = _("Kept: the channel “%(name)s” works.") % {"name": route.name}
    try:
        routes.reserve(route, at=desk.at)
        answer = gateway.send(
            address=routes.address_of(route), to=route.target if by_phone else "", text=text
        )
    except (channels.Refused, channels.TryLater, Refusal) as no:
        routes.give_back(route)
        routes.went_wrong(route, why=str(no), final=False, at=desk.at)
        messages.error(request, _("It did not work. The answer: %(answer)s") % {"answer": no})
    else:
        routes.went_well(route, at=desk.at)
        messages.success(request, _("Sent. The answer: %(answer)s") % {"answer": answer})
    return HttpResponseRedirect(reverse("desk_channels"))


@require_POST
@at_desk(may="act")
def remove(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Nothing goes there any more; its address is forgotten."""
    route = get_object_or_404(desk.routes, uid=uid)
    routes.remove(route=route, at=desk.at)
    messages.success(request, _("“%(name)s” is gone, and its address is forgotten.") % {"name": route.name})
    return HttpResponseRedirect(reverse("desk_channels"))


def _form(request: HttpRequest, desk: Desk, route: Route) -> HttpResponse:
    may_act = "act" in desk.rights
    form = RouteForm(request.POST or None, initial=_initial(route), zone=desk.zone)
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        if form.is_valid() and _kept(request, desk, route, form):
            return HttpResponseRedirect(reverse("desk_channels"))
    shown = _shown(route)
    facts = {"form": form, "route": route, "may_act": may_act, "shown": shown, "services": services.SERVICES}
    status = 400 if request.method == "POST" else 200
    return _page(request, desk, "channel.html", status=status, **facts)


def _kept(request: HttpRequest, desk: Desk, route: Route, form: RouteForm) -> bool:
    said = dict(form.cleaned_data)
    address, enabled = said.pop("address").strip(), said.pop("enabled")
    for name in ("quiet_from", "quiet_until"):
        said[name] = said[name].hour * 60 + said[name].minute
    for name, value in said.items():
        setattr(route, name, value)
    route.enabled_at = (route.enabled_at or desk.at) if enabled else None
    try:
        routes.set_up(route=route, address=address, at=desk.at)
    except Refusal as no:
        form.add_error("name" if isinstance(no, routes.NameTaken) else "address", str(no))
        return False
    messages.success(request, _("Saved. Try it with “Test”."))
    return True


def _initial(route: Route) -> dict[str, Any]:
    if route.pk is None:
        return {}
    names = ("name", "target", "for_clients", "instead", "for_provider", "month_cap")
    said = {name: getattr(route, name) for name in names}
    said |= {name: _clock(getattr(route, name)) for name in ("quiet_from", "quiet_until")}
    return said | {"enabled": route.enabled_at is not None}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _shown(route: Route) -> str:
    try:
        return routes.shown(routes.address_of(route)) if route.secret else ""
    except routes.NotReadable:
        return ""


def _row(desk: Desk, route: Route) -> dict[str, Any]:
    route.provider = desk.provider
    service = services.SERVICES.get(route.service)
    return {
        "route": route,
        "kind": str(KINDS[Route.Kind(route.kind)]),
        "service": service.name if service else "",
        "shown": _shown(route),
        "used": routes.used(route, at=desk.at),
        "ok": short_moment(route.last_ok_at, desk.zone) if route.last_ok_at else "",
        "failed": short_moment(route.last_failure_at, desk.zone) if route.last_failure_at else "",
    }


def _page(
    request: HttpRequest, desk: Desk, template: str, *, status: int = 200, **facts: Any
) -> HttpResponse:
    return page(
        request,
        desk,
        f"dashboard/messages/{template}",
        section="messages",
        status=status,
        tabs=tabs("desk_channels"),
        **facts,
    )
