"""The yes by mail that a booking without a deposit may wait for: `/a/yes/{token}/`, and the mail once more."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from booking import lifecycle, tokens
from booking.models import Appointment, Status
from booking.pages import sheet
from booking.pages.appointment import answered, refused
from booking.pages.private import by_token, by_yes_token
from config import formats
from config.refusal import Refusal

STANDS = (Status.CONFIRMED, Status.COMPLETED)


@require_http_methods(["GET", "HEAD", "POST"])
@by_yes_token
def yes(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """Who got the mail says yes by the one button: scanners open every link, and change nothing."""
    no = ""
    if request.method == "POST":
        try:
            lifecycle.confirm_by_mail(appointment=appointment, at=at)
            return HttpResponseRedirect(f"{tokens.manage_path(appointment)}?done=booked")
        except Refusal as refusal:
            no = refusal.detail or ""
            appointment.refresh_from_db()
    ends = appointment.hold_expires_at
    context = {
        "provider": appointment.provider,
        "demo": appointment.provider.is_demo,
        "sheet": sheet.head(appointment, at=at),
        "no": no,
        "stands": appointment.status in STANDS,
        "until": formats.time(ends, appointment.clock) if ends and ends > at else "",
        "can": appointment.waits_for_mail or appointment.status == Status.EXPIRED,
        "more": appointment.series_rest.count(),
        "manage": tokens.manage_path(appointment),
    }
    return render(request, "booking/yes.html", context, status=409 if no else 200)


@require_POST
@by_token
def again(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    try:
        lifecycle.mail_again(appointment=appointment, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "mail_again")
