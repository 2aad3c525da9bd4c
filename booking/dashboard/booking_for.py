"""Booking on a client's behalf: a time of the provider's own, a client who is known or new, then one look, then
one button."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import lifecycle, own_time, quotes
from booking.api.fields import Email, Line, Phone, e164
from booking.dashboard.access import adds, at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.own_time import asked, next_hour, written
from booking.dashboard.proposing import OwnStart
from booking.models import Client, Service, Status
from booking.pages.forms import Checked
from booking.pages.when import when
from booking.templatetags.kept import mode_name
from booking.texts import text_in
from config import formats
from config.refusal import Refusal

MOST_FOUND, SEEN_LAST = 8, 4
LONGEST_SEARCH = 100
NEW = "new"


WITHOUT, WITH = "without", "with"
DEPOSIT = (
    (WITHOUT, gettext_lazy("No deposit this time: confirmed at once")),
    (
        WITH,
        gettext_lazy("As in your terms: the client is mailed the link to pay, and the time waits for a day"),
    ),
)


class WhatForm(forms.Form):
    """When, what, and who: one who was found, or a new one."""

    def __init__(self, *args: Any, desk: Desk, found: list[Client], **options: Any) -> None:
        super().__init__(*args, **options)
        self.desk = desk
        self.services = {one.slug: one for one in desk.services.filter(hidden=False).select_related("policy")}
        for one in self.services.values():
            one.provider = desk.provider
        who = [*((str(one.uid), f"{one.name}, {one.email}") for one in found), (NEW, _("Somebody new"))]
        self.fields["start"] = OwnStart(zone=desk.zone, label=_("Day and time"), required=True)
        self.fields["service"] = forms.ChoiceField(label=_("Service"), choices=self.offered())
        self.fields["who"] = forms.ChoiceField(label=_("Client"), choices=who, widget=forms.RadioSelect)
        self.fields["name"] = Checked(Line(max_length=200), label=_("Name"), max_length=200)
        self.fields["email"] = Checked(Email(), label=_("E-mail"), max_length=254, widget=forms.EmailInput())
        self.fields["phone"] = Checked(
            Phone(), label=_("Phone"), max_length=32, required=False, widget=forms.TextInput({"type": "tel"})
        )
        self.fields["deposit"] = forms.ChoiceField(
            label=_("The deposit"), choices=DEPOSIT, widget=forms.RadioSelect, initial=WITHOUT
        )

    def offered(self) -> list[tuple[str, str]]:
        """Each service in each of its modes."""
        language = self.desk.provider.language
        return [
            (
                f"{one.slug}:{mode}",
                f"{text_in(one.name, fallback=language)}, {length(one)}, {mode_name(mode)}",
            )
            for one in self.services.values()
            for mode in one.modes
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("who") != NEW:
            for name in ("name", "email", "phone"):
                self.errors.pop(name, None)
            return said
        if said.get("phone"):
            said["phone"] = self.number(said["phone"])
        return said

    def number(self, text: str) -> str:
        found = e164(text, like=self.desk.provider.phone, zone=self.desk.zone)
        if found is None:
            self.add_error("phone", _("Send a telephone number with its country, as +39 02 5555 0101."))
        return found or ""

    @property
    def service(self) -> Service:
        return self.services[self.cleaned_data["service"].partition(":")[0]]

    @property
    def mode(self) -> str:
        return str(self.cleaned_data["service"].partition(":")[2])

    def client(self) -> lifecycle.ClientDetails:
        """Who is known by the address is that client, whatever name was typed."""
        said, ours = self.cleaned_data, self.desk.clients
        by_address = said["who"] == NEW and ours.filter(email=said["email"].lower()).first()
        if said["who"] == NEW and not by_address:
            return lifecycle.ClientDetails(
                name=said["name"],
                email=said["email"],
                phone=said["phone"],
                language=self.desk.provider.language,
                hour_cycle=self.desk.provider.hour_cycle,
            )
        known = by_address or ours.get(uid=said["who"])
        return lifecycle.ClientDetails(
            name=known.name, email=known.email, language=known.language, hour_cycle=known.hour_cycle
        )


def length(service: Service) -> str:
    return formats.length(timedelta(minutes=service.duration_minutes))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="act")
@adds
def book(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The form, its search, the look at what will happen; and, sent for good, the appointment."""
    if request.method != "POST":
        start = asked(request.GET.get("start", ""), desk) or next_hour(desk)
        person = request.GET.get("client", "")
        found = _found(desk, "", person)
        who = person if any(str(one.uid) == person for one in found) else NEW
        initial = {"start": written(start, desk.zone), "who": who}
        return _form(request, desk, WhatForm(desk=desk, found=found, initial=initial))
    search = request.POST.get("q", "").strip()[:LONGEST_SEARCH]
    found = _found(desk, search, request.POST.get("who", ""))
    form = WhatForm(request.POST, desk=desk, found=found)
    step = request.POST.get("step", "")
    if step == "look" and search and _nobody(request):
        step = "find"  # the enter key in the search
    if step in ("find", "change"):
        return _form(request, desk, _typed(request, desk, found, step), q=search)
    if not form.is_valid():
        return _form(request, desk, form, q=search, status=400)
    if step != "send":
        return _look(request, desk, form, q=search)
    return _send(request, desk, form, q=search)


def _typed(request: HttpRequest, desk: Desk, found: list[Client], step: str) -> WhatForm:
    """What was typed so far, without complaints; after a search the first who was found is chosen."""
    initial = dict(request.POST.items())
    if step == "find":
        initial["who"] = str(found[0].uid) if found else NEW
    return WhatForm(desk=desk, found=found, initial=initial)


def _found(desk: Desk, search: str, chosen: str) -> list[Client]:
    """Those whom the search finds, and the one who was chosen; without a search those seen last."""
    known = desk.clients.filter(erased_at=None)
    rows = known.order_by("-last_answer_at", "-pk")
    if search:
        rows = known.filter(
            Q(name__icontains=search) | Q(email__icontains=search) | Q(phone__icontains=search)
        ).order_by("name", "pk")
    found = list(rows[: MOST_FOUND if search else SEEN_LAST])
    if chosen and chosen != NEW and all(str(one.uid) != chosen for one in found):
        found += list(known.filter(uid=chosen)) if _is_uid(chosen) else []
    return found


def _nobody(request: HttpRequest) -> bool:
    """Nobody is chosen yet, and no name was typed."""
    typed = (request.POST.get(name, "") for name in ("name", "email"))
    return request.POST.get("who", NEW) == NEW and not any(typed)


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _form(
    request: HttpRequest, desk: Desk, form: WhatForm, *, q: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "q": q, "zone_words": formats.zone_label(desk.zone, desk.at)}
    return page(request, desk, "dashboard/book_for.html", section="calendar", status=status, **context)


def _look(
    request: HttpRequest, desk: Desk, form: WhatForm, *, q: str, refused: str = "", status: int = 200
) -> HttpResponse:
    """What will happen, to whom, and for how much."""
    service, start, person = form.service, form.cleaned_data["start"], form.client()
    end = start + timedelta(minutes=service.duration_minutes)
    offered = quotes.offer(service)
    deposit = offered.deposit if form.cleaned_data["deposit"] == WITH else 0
    context = {
        "form": form,
        "q": q,
        "person": person,
        "when": when(start=start, end=end, here=desk.zone, there=desk.zone, who=person.name),
        "service": service,
        "mode": mode_name(form.mode),
        "price": formats.money(offered.price, offered.currency),
        "deposit": formats.money(deposit, offered.currency) if deposit else "",
        "refused": refused or _why_not(desk, form),
        "elsewhere": own_time.busy_elsewhere(desk.provider, start, end),
        "outside": not own_time.is_open(desk.provider, start, end),
        "terms": quotes.policy_text(service, replace(offered, deposit=deposit), language=person.language),
        "language": person.language,
        "typed": {name: request.POST.get(name, "") for name in form.fields},
    }
    return page(request, desk, "dashboard/book_for_look.html", section="calendar", status=status, **context)


def _why_not(desk: Desk, form: WhatForm) -> str:
    start = form.cleaned_data["start"]
    try:
        lifecycle.check_own_time(form.service, start, mode=form.mode, at=desk.at)
        lifecycle.must_be_free(desk.provider, form.service, start, at=desk.at)
    except Refusal as refusal:
        return refusal.detail or ""
    return ""


def _send(request: HttpRequest, desk: Desk, form: WhatForm, *, q: str) -> HttpResponse:
    said = form.cleaned_data
    try:
        made = lifecycle.book_for(
            service=form.service,
            start=said["start"],
            mode=form.mode,
            client=form.client(),
            answers={},
            with_deposit=said["deposit"] == WITH,
            by=desk.by,
            at=desk.at,
        )
    except Refusal as refusal:
        return _look(request, desk, form, q=q, refused=refusal.detail or "", status=refusal.status)
    done = _("Booked. The client gets the confirmation.")
    if made.status == Status.HELD:
        done = _("The time is held. The client gets the link to pay.")
    messages.success(request, done)
    return HttpResponseRedirect(reverse("desk_appointment", args=[made.uid]))
