"""How much each member may give back alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.dashboard.access import at_desk, page
from booking.dashboard.amounts import minor_units, typed
from booking.dashboard.desk import Desk
from booking.models import Membership
from booking.models.provider import Role
from payments.dashboard.tabs import tabs

LARGEST = 10**12


class LimitField(forms.CharField):
    """An amount, or nothing for no limit."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=20, required=False, widget=widget, **options)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        amount = minor_units(text, self.currency)
        if amount > LARGEST:
            raise ValidationError(_("That is more than any refund."))
        return amount


class LimitsForm(forms.Form):
    """A field per member who may give money back."""

    def __init__(self, *args: Any, desk: Desk, **options: Any) -> None:
        super().__init__(*args, **options)
        currency = desk.provider.currency
        self.members = {f"limit_{one.pk}": one for one in members(desk)}
        for name, member in self.members.items():
            self.fields[name] = LimitField(
                currency=currency,
                label=_("%(name)s alone, at most, in %(currency)s")
                % {"name": str(member.user), "currency": currency},
            )
            if member.refund_limit is not None:
                self.initial[name] = typed(member.refund_limit, currency)


def members(desk: Desk) -> list[Membership]:
    rows = desk.provider.memberships.filter(role__in=(Role.OWNER, Role.REFUNDS))
    return list(rows.select_related("user").order_by("user__email"))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def limits(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The owner sets them; everybody may know them."""
    owner = desk.membership.role == Role.OWNER
    if request.method != "POST":
        return _page(request, desk, LimitsForm(desk=desk), owner)
    form = LimitsForm(request.POST, desk=desk)
    if not owner:
        return page(request, desk, "dashboard/not_yours.html", section="money", status=403, needs="owner")
    if not form.is_valid():
        return _page(request, desk, form, owner, status=400)
    for name, member in form.members.items():
        member.refund_limit = form.cleaned_data[name]
        member.save(update_fields=["refund_limit"])
    messages.success(request, _("The limits are set."))
    return HttpResponseRedirect(reverse("desk_money_limits"))


def _page(
    request: HttpRequest, desk: Desk, form: LimitsForm, owner: bool, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "tabs": tabs("desk_money_limits"),
        "form": form,
        "owner": owner,
        "members": list(form.members.values()),
        "alone": len(form.members) < 2,
    }
    return page(request, desk, "dashboard/money/limits.html", section="money", status=status, **context)
