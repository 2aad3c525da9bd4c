"""Members and invitations: who works here, what each may do, who was asked."""

from __future__ import annotations

from collections.abc import Callable
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

from booking import invitations, members
from booking.dashboard.access import at_desk, page
from booking.dashboard.amounts import minor_units, typed
from booking.dashboard.desk import Desk
from booking.models import Role
from config.formats import short_moment
from config.refusal import Refusal

ROLES: dict[str, tuple[str | Promise, str | Promise]] = {
    Role.OWNER: (gettext_lazy("Owner"), gettext_lazy("everything, also set-up, members and money")),
    Role.REFUNDS: (gettext_lazy("Refund desk"), gettext_lazy("the calendar, clients and giving money back")),
    Role.MEMBER: (gettext_lazy("Member"), gettext_lazy("the calendar and clients, no money back")),
    Role.READ_ONLY: (gettext_lazy("Looks on"), gettext_lazy("looks at everything, changes nothing")),
}
LARGEST = 10**12
Post = Callable[[HttpRequest, Desk], HttpResponse]


def choices() -> list[tuple[str, str]]:
    return [(str(role), f"{name}: {words}") for role, (name, words) in ROLES.items()]


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Their e-mail address"), widget=forms.EmailInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label=gettext_lazy("What they may do"), widget=forms.RadioSelect, initial=Role.MEMBER
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = choices()  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """One member's role and limit; the fields carry the member's number, as there are several on the page."""

    role = forms.ChoiceField(label=gettext_lazy("What they may do"))
    limit = forms.CharField(max_length=20, required=False, widget=forms.TextInput({"inputmode": "decimal"}))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency
        self.fields["role"].choices = choices()  # type: ignore[attr-defined]
        self.fields["limit"].label = _("May give back alone, at most, in %(currency)s") % {
            "currency": currency
        }
        self.fields["limit"].help_text = _("Empty: any sum. Above it a second member approves.")

    def clean_limit(self) -> int | None:
        text = self.cleaned_data["limit"]
        amount = minor_units(text, self.currency) if text else None
        if amount is not None and amount > LARGEST:
            raise forms.ValidationError(_("That is more than any refund."))
        return amount


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    if request.method != "POST":
        return _page(request, desk)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _page(request, desk, refused=_("Nothing was chosen."), status=400)
    try:
        return act(request, desk)
    except Refusal as refusal:
        return _page(request, desk, refused=refusal.detail or "", status=refusal.status)


def _invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form, status=400)
    try:
        found = invitations.invite(provider=desk.provider, by=desk.user, at=desk.at, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error("email", refusal.detail or refusal.code)
        return _page(request, desk, form=form, status=refusal.status)
    return _sent(request, found)


def _sent(request: HttpRequest, found: Any) -> HttpResponse:
    if found.mailed_at:
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": found.email})
    else:
        told = _("The mail to %(email)s did not leave. Send it again in a while.")
        messages.warning(request, told % {"email": found.email})
    return _back()


def _again(request: HttpRequest, desk: Desk) -> HttpResponse:
    old = get_object_or_404(desk.invitations, pk=_number(request, "invitation"))
    return _sent(
        request,
        invitations.invite(provider=desk.provider, email=old.email, role=old.role, by=desk.user, at=desk.at),
    )


def _withdraw(request: HttpRequest, desk: Desk) -> HttpResponse:
    found = get_object_or_404(desk.invitations, pk=_number(request, "invitation"))
    invitations.withdraw(invitation=found, at=desk.at)
    messages.success(request, _("Withdrawn: the link to %(email)s has ended.") % {"email": found.email})
    return _back()


def _change(request: HttpRequest, desk: Desk) -> HttpResponse:
    member = get_object_or_404(desk.members, pk=_number(request, "member"))
    form = _form_of(desk, member, request.POST)
    if not form.is_valid():
        return _page(request, desk, wrong=(member.pk, form), status=400)
    said = form.cleaned_data
    members.change(member=member, role=said["role"], refund_limit=said["limit"])
    messages.success(
        request,
        _("%(name)s: %(role)s.") % {"name": str(member.user), "role": str(ROLES[said["role"]][0])},
    )
    return _back(to="dashboard" if member.user_id == desk.user.pk else "desk_members")


def _remove(request: HttpRequest, desk: Desk) -> HttpResponse:
    member = get_object_or_404(desk.members, pk=_number(request, "member"))
    members.remove(member=member, at=desk.at)
    told = _("%(name)s has no access any more: not to pages, not by token, not by calendar address.")
    messages.success(request, told % {"name": str(member.user)})
    return _back(to="dashboard" if member.user_id == desk.user.pk else "desk_members")


ACTS: dict[str, Post] = {
    "invite": _invite,
    "again": _again,
    "withdraw": _withdraw,
    "change": _change,
    "remove": _remove,
}


def _number(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else 0


def _back(*, to: str = "desk_members") -> HttpResponse:
    return HttpResponseRedirect(reverse(to))


def _form_of(desk: Desk, member: Any, said: Any = None) -> MemberForm:
    currency = desk.provider.currency
    limit = "" if member.refund_limit is None else typed(member.refund_limit, currency)
    initial = {"role": member.role, "limit": limit}
    return MemberForm(said, currency=currency, initial=initial, prefix=None, auto_id=f"id_{member.pk}_%s")


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    form: InviteForm | None = None,
    wrong: tuple[int, MemberForm] | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    forms_of = {wrong[0]: wrong[1]} if wrong else {}
    rows = [
        {
            "member": one,
            "role": ROLES[one.role][0],
            "words": ROLES[one.role][1],
            "you": one.user_id == desk.user.pk,
            "form": forms_of.get(one.pk) or _form_of(desk, one),
            "wrong": one.pk in forms_of,
        }
        for one in desk.members
    ]
    asked = [
        {
            "invitation": one,
            "role": ROLES[one.role][0],
            "ended": one.expires_at <= desk.at,
            "until": short_moment(one.expires_at, desk.zone),
        }
        for one in desk.invitations
    ]
    context: dict[str, Any] = {"rows": rows, "asked": asked, "form": form or InviteForm(), "refused": refused}
    return page(request, desk, "dashboard/members.html", section="set_up", status=status, **context)
