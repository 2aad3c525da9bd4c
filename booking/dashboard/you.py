"""The page "You": the log-in, whichever provider it works for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking.dashboard.access import by_oneself, own_page
from booking.models import User
from config import second_factor


class YouForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        help_text=gettext_lazy("Stands beside what you did, for the others at the same desk."),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Of these pages, and of the mails that you get."),
        choices=[(code, name) for code, name in settings.LANGUAGES],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@by_oneself
def show(request: HttpRequest) -> HttpResponse:
    """Name, language, e-mail, password, second factor, log-ins: each in plain words, with the way to change it."""
    user = request.user
    assert isinstance(user, User)
    form = YouForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        return _saved(request, user, form.cleaned_data)
    context: dict[str, Any] = {
        "form": form,
        "factors": second_factor.of(user),
        "new_address": second_factor.waiting_address(user),
        "log_ins": second_factor.log_ins(user),
    }
    return own_page(request, "dashboard/you.html", status=400 if form.errors else 200, **context)


def _saved(request: HttpRequest, user: User, said: dict[str, Any]) -> HttpResponse:
    user.name, user.language = said["name"], said["language"]
    user.save(update_fields=["name", "language"])
    with translation.override(user.language):
        messages.success(request, _("Saved."))
    response = HttpResponseRedirect(reverse("desk_you"))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=settings.HTTPS, httponly=True
    )
    return response
