"""Tokens of the API: made here, shown once, revoked. One that may refund is made with a second factor shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import api_tokens
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from config import second_factor
from config.formats import short_moment

SCOPES: dict[str, str | Promise] = {
    "read": gettext_lazy("Look: appointments, clients, money"),
    "write": gettext_lazy("Act: book, move, cancel, set up"),
    "refunds": gettext_lazy("Give money back"),
}


class TokenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        help_text=gettext_lazy("So that you know it again: website, bookkeeping."),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What may it do?"), widget=forms.CheckboxSelectMultiple, initial=["read"]
    )

    def __init__(self, *args: Any, desk: Desk, may_refund: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.may_refund = may_refund
        found = [(one, str(SCOPES[one])) for one in api_tokens.allowed(desk.membership)]
        self.fields["scopes"].choices = found  # type: ignore[attr-defined]

    def clean_scopes(self) -> list[str]:
        found: list[str] = self.cleaned_data["scopes"]
        if "refunds" in found and not self.may_refund:
            raise forms.ValidationError(
                _("A token that gives money back needs your second factor, shown in this log-in.")
            )
        return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Everybody sees and makes their own; the owner revokes anybody's."""
    if "revoke" in request.POST:
        return _revoked(request, desk)
    may_refund = second_factor.shown(request)
    form = TokenForm(request.POST or None, desk=desk, may_refund=may_refund)
    token = ""
    if request.method == "POST" and form.is_valid():
        _row, token = api_tokens.make(member=desk.membership, at=desk.at, **form.cleaned_data)
        form = TokenForm(desk=desk, may_refund=may_refund)
    rows = [
        {
            "token": one,
            "words": ", ".join(str(SCOPES[scope]) for scope in one.scopes if scope in SCOPES),
            "since": short_moment(one.created_at, desk.zone),
        }
        for one in _theirs(desk)
    ]
    context: dict[str, Any] = {
        "form": form,
        "made": token,
        "rows": rows,
        "set_up": second_factor.is_set_up(request.user),
        "may_refund": may_refund,
        "show_factor": second_factor.where_to_show(request.user),
    }
    status = 400 if form.errors else 200
    return page(request, desk, "dashboard/tokens.html", section="set_up", status=status, **context)


def _theirs(desk: Desk) -> Any:
    return desk.tokens if "own" in desk.rights else desk.tokens.filter(user=desk.user)


def _revoked(request: HttpRequest, desk: Desk) -> HttpResponse:
    said = request.POST["revoke"]
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 18 else 0
    api_tokens.revoke(token=get_object_or_404(_theirs(desk), pk=number), at=desk.at)
    messages.success(request, _("Revoked: it opens nothing any more."))
    return HttpResponseRedirect(reverse("desk_tokens"))
