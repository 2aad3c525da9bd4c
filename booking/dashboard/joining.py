"""The link of an invitation: for those who have a log-in and for those who have none yet."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import invitations
from booking.dashboard.access import CHOSEN, by_link
from booking.dashboard.members import ROLES
from booking.models import Invitation, User
from config import accounts


class NewUserForm(forms.Form):
    """For whoever has no log-in: the address is proved by the link."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("A password"),
        help_text=gettext_lazy("At least ten characters; a few words in a row are best."),
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email

    def clean_password(self) -> str:
        found: str = self.cleaned_data["password"]
        validate_password(found, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return found


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def join(request: HttpRequest, *, token: str, at: Any) -> HttpResponse:
    """A yes by somebody who is logged in; else a log-in, or a new one for an address that we do not know."""
    try:
        invitation = invitations.find(token, at=at)
        return _answer(request, token, invitation, at)
    except invitations.Ended as ended:
        return render(request, "dashboard/invitation_ended.html", {"told": ended.detail}, status=410)


def _answer(request: HttpRequest, token: str, invitation: Invitation, at: Any) -> HttpResponse:
    user = request.user
    known = accounts.is_known(invitation.email)
    form = None if known else NewUserForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and isinstance(user, User):
        if request.POST.get("as") == user.email:
            return _joined(request, token, user, at)
    elif request.method == "POST" and form is not None and form.is_valid():
        return _new(request, token, invitation, form.cleaned_data, at)
    context = {
        "invitation": invitation,
        "role": ROLES[invitation.role],
        "form": form if not request.user.is_authenticated else None,
        "known": known,
        "token": token,
    }
    # Who is logged in joins by a page that names them: another one was shown to somebody else at this browser.
    status = 200 if request.method != "POST" else 409 if user.is_authenticated else 400
    return render(request, "dashboard/invitation.html", context, status=status)


def _joined(request: HttpRequest, token: str, user: User, at: Any) -> HttpResponse:
    member = invitations.accept(token=token, user=user, at=at)
    request.session[CHOSEN] = str(member.provider.uid)
    messages.success(request, _("Welcome to %(provider)s.") % {"provider": member.provider.name})
    return HttpResponseRedirect(reverse("dashboard"))


def _new(
    request: HttpRequest, token: str, invitation: Invitation, said: dict[str, Any], at: Any
) -> HttpResponse:
    user = accounts.make(
        email=invitation.email,
        password=said["password"],
        name=said["name"],
        language=get_language() or invitation.provider.language,
    )
    member = invitations.accept(token=token, user=user, at=at)
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=reverse("dashboard")))
    request.session[CHOSEN] = str(member.provider.uid)
    return answer
