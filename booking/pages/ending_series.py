"""`/a/{token}/cancel-rest/`: what it costs to cancel this one and the later ones of its series, then exactly that."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import lifecycle
from booking.models import Appointment
from booking.pages import sheet
from booking.pages.appointment import answered, is_done, refused
from booking.pages.changing import with_reason
from booking.pages.forms import ReasonForm
from booking.pages.private import by_token
from config import formats


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def cancel_rest(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """Reason, one quote, one button."""
    act = lifecycle.cancel_rest
    return with_reason(request, appointment, act=act, page=_page, done="cancelled_rest", at=at)


def _page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    at: datetime,
    form: ReasonForm | None = None,
    changed: bool = False,
) -> HttpResponse:
    asked = lifecycle.rest_quote(appointment, at=at)
    if asked is None and is_done(request, appointment):
        return answered(appointment, "cancelled_rest")
    if asked is None:
        detail = _("No later appointment of this series stands any more.")
        return refused(request, appointment, lifecycle.NotAllowed("nothing_left", detail), at=at)
    zone = appointment.clock
    context = {
        "provider": appointment.provider,
        "demo": appointment.provider.is_demo,
        "sheet": sheet.head(appointment, at=at),
        "quote": cost_of(asked),
        "dates": [
            {"words": formats.moment(one.appointment.starts_at, zone), "text": one.text}
            for one in asked.quotes
        ],
        "form": form or ReasonForm(),
        "changed": changed,
    }
    status = 409 if changed else 400 if form is not None and form.errors else 200
    return render(request, "booking/cancel_rest.html", context, status=status)


def cost_of(asked: lifecycle.RestQuote) -> sheet.Cost:
    """All of them in one figure, and where the money goes in one line."""
    count, currency = len(asked.quotes), asked.currency
    said = ngettext("Cancelling this %(count)s costs", "Cancelling these %(count)s costs", count)
    label = said % {"count": count}
    names = {
        "refund": _("%(amount)s goes back to you."),
        "carry": _("%(amount)s waits as your credit."),
        "forfeit": _("%(amount)s is kept, as agreed."),
        "fee": _("%(amount)s is still to be paid."),
    }
    sums = {name: formats.money(amount, currency) for name, amount in asked.sums.items() if amount}
    text = " ".join(names[name] % {"amount": amount} for name, amount in sums.items())
    if asked.cost:
        amount = formats.money(asked.cost, currency)
        act = _("Cancel all %(count)s, and lose %(amount)s") % {"count": count, "amount": amount}
        return sheet.Cost("costs", label, amount, text, asked.token, act)
    return sheet.Cost(
        "free", label, _("Nothing"), text, asked.token, _("Cancel all %(count)s") % {"count": count}
    )
