"""`/{provider}/my-appointments/`: who lost the mails has the links sent again. The answer says nothing about who is
known here: it is the same, and takes the same, for every address (F-107)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from rest_framework import serializers

from booking import lifecycle
from booking.api.fields import Email
from booking.api.throttles import Links
from booking.models import Provider
from booking.pages.limits import counted


@require_http_methods(["GET", "HEAD", "POST"])
@counted(Links)
def links(request: HttpRequest, provider: str) -> HttpResponse:
    found = get_object_or_404(Provider, slug=provider)
    typed, wrong = request.POST.get("email", "").strip()[:300], ""
    if request.method == "POST":
        wrong = _wrong(typed)
        if not wrong:
            lifecycle.ask_links(provider=found, email=typed, at=timezone.now())
            return HttpResponseRedirect(f"{request.path}?done=1")
    facts = {"provider": found, "demo": found.is_demo, "typed": typed, "wrong": wrong}
    facts["done"] = request.method != "POST" and "done" in request.GET
    return render(request, "booking/links.html", facts, status=400 if wrong else 200)


def _wrong(typed: str) -> str:
    if not typed:
        return _("Please write your e-mail address.")
    try:
        Email().run_validation(typed)
    except serializers.ValidationError as wrong:
        found = wrong.detail if isinstance(wrong.detail, list) else [wrong.detail]
        return str(found[0])
    return ""
