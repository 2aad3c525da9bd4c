"""`/a/{token}/` and the acts on it: arrive, confirm, late, mode, explain, pay, join, calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import lifecycle, tokens
from booking.actors import CLIENT
from booking.models import Appointment, Client, Status
from booking.pages import offering, owing, paying, sheet
from booking.pages.forms import ExplainForm, WishesForm
from booking.pages.private import by_token, path_of
from booking.pages.state import Told
from config.refusal import Refusal
from payments import checkout, credits, reconcile, webhooks
from reminders import calendar

LONGEST_DELAY = 60
PAID = ("paid", "checked")
JUST_NOW = timedelta(minutes=5)


@gzip_page
@require_safe
@by_token
def show(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """The appointment: what, when, where, what a change costs now, and what happened."""
    done = request.GET.get("done", "")
    if done in PAID and not reconcile.is_open(appointment=appointment):
        done = ""  # the money is known of: there is nothing to wait for
    told = told_after(done) or just_confirmed(appointment, at=at)
    return page(request, appointment, at=at, told=told)


def page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    at: datetime,
    told: Told | None = None,
    form: ExplainForm | None = None,
    wishes_form: WishesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "provider": appointment.provider,
        "demo": appointment.provider.is_demo,
        "sheet": sheet.whole(appointment, at=at),
        "terms": offering.terms_agreed(appointment),
        "told": told,
        "explain_form": form or ExplainForm(known=appointment.cancel_reason),
        "wishes_form": wishes_form
        or WishesForm(
            modes=appointment.service.modes,
            told=appointment.client.preferences if appointment.brought_client else {},
        ),
        "wishes_open": wishes_form is not None,
        "mail_trouble": mail_trouble(appointment.client),
        "proposal": sheet.proposal(appointment, at=at),
        "cost_offer": sheet.cost_offer(appointment),
        "check": request.GET.get("done") if told and request.GET.get("done") in PAID else "",
        "credit_for": request.GET.get("credit_for", "") if credits.find(appointment=appointment) else "",
    }
    return render(request, "booking/appointment.html", context, status=status)


def mail_trouble(client: Client) -> str:
    """Why the client may have heard nothing, with the address as we have it: a typing mistake is seen there."""
    if client.mail_complained_at:
        return _("Mails to %(address)s were marked as unwanted, so we send no reminders there.") % {
            "address": client.email
        }
    if client.mail_bounced_at:
        return _("Mails to %(address)s come back. Is it written right?") % {"address": client.email}
    return ""


def just_confirmed(appointment: Appointment, *, at: datetime) -> Told | None:
    """Who comes back from paying is told that it worked."""
    confirmed = appointment.confirmed_at if appointment.status == Status.CONFIRMED else None
    return (
        told_after("booked")
        if confirmed and at - confirmed < JUST_NOW and not appointment.moves_used
        else None
    )


def told_after(done: str) -> Told | None:
    """The answer to the act that led here."""
    return {
        "booked": Told(
            "good", _("It is booked"), _("The confirmation is on its way to your mail, with a calendar file.")
        ),
        "requested": Told("good", _("Your wish is passed on"), _("The answer comes by mail.")),
        "by_mail": Told(
            "info", _("Nearly there"), _("Look into your mail: its button books the time for good.")
        ),
        "mail_again": Told(
            "good", _("The mail is on its way once more"), _("Look among the unwanted ones too.")
        ),
        "pay_later": Told(
            "warn",
            _("The pay page cannot be reached"),
            _("The time is kept for you. Please try again in a minute."),
        ),
        "paid": Told(
            "info", _("Thank you"), _("One moment: we ask the bank whether your payment has arrived.")
        ),
        "checked": Told(
            "info",
            _("The bank has not told us yet"),
            _("Your time is kept. If you have paid, the confirmation comes by mail; you need not pay again."),
        ),
        "confirmed": Told("good", _("Thank you, see you there")),
        "arrived": Told("good", _("Welcome. We know that you are here")),
        "late": Told("good", _("Thank you for telling us"), _("We pass it on at once.")),
        "consent": Told("good", _("Taken back. Your answers about your health are erased")),
        "mode": Told("good", _("Changed. The time stays the same")),
        "explained": Told(
            "good", _("Thank you for telling us"), _("It is read by a person, and you get an answer by mail.")
        ),
        "card_removed": Told("good", _("Your card is taken away"), _("Nothing is charged to it any more.")),
        "cancelled": Told(
            "good", _("It is cancelled"), _("The mail with what becomes of the money is on its way.")
        ),
        "cancelled_rest": Told(
            "good", _("They are cancelled"), _("The mail with what becomes of the money is on its way.")
        ),
        "kept_time": Told("good", _("All right, the time stays as it was"), _("Nothing has changed.")),
        "wishes_told": Told(
            "good", _("Thank you, we keep that in mind"), _("Times we offer you fit it first.")
        ),
        "address": Told(
            "good",
            _("Mails come to your new address now"),
            _("This page has a new link; the mail with it is on its way. Links in earlier mails are dead."),
        ),
        "moved": Told(
            "good",
            _("It is moved"),
            _("The new time is below; the mail with a new calendar file is on its way."),
        ),
    }.get(done)


def answered(appointment: Appointment, done: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{path_of(appointment)}?done={done}")


def is_done(request: HttpRequest, appointment: Appointment) -> bool:
    """Whether the client has cancelled it, and the form came once more: its answer was lost on the way."""
    appointment.refresh_from_db(fields=["status", "cancelled_by"])
    cancelled = appointment.status == Status.CANCELLED and appointment.cancelled_by == CLIENT.kind
    return request.method == "POST" and cancelled


def refused(
    request: HttpRequest, appointment: Appointment, refusal: Refusal, *, at: datetime
) -> HttpResponse:
    """The page as it is now, with the reason on top."""
    appointment.refresh_from_db()
    told = Told("warn", _("That was not possible"), refusal.detail or "")
    return page(request, appointment, at=at, told=told, status=refusal.status)


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def confirm(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """*I'll be there*: a mail leads to the one button, for scanners open every link."""
    if request.method != "POST":
        context = {
            "provider": appointment.provider,
            "sheet": sheet.head(appointment, at=at),
            "said": appointment.status == Status.CONFIRMED and appointment.will_come_at is not None,
        }
        return render(request, "booking/confirm.html", context)
    try:
        lifecycle.will_come(appointment=appointment, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "confirmed")


@require_POST
@by_token
def arrive(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    try:
        lifecycle.arrive(appointment=appointment, by=CLIENT, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "arrived")


@require_POST
@by_token
def late(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    said = request.POST.get("minutes", "")
    minutes = int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
    if not 0 < minutes <= LONGEST_DELAY:
        told = Told("warn", _("By how many minutes?"), _("Please choose one of the times below."))
        return page(request, appointment, at=at, told=told, status=400)
    try:
        lifecycle.late(appointment=appointment, minutes=minutes, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "late")


@require_POST
@by_token
def mode(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    try:
        lifecycle.change_mode(appointment=appointment, mode=request.POST.get("mode", ""), by=CLIENT, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "mode")


@require_POST
@by_token
def withdraw_consent(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    try:
        lifecycle.withdraw_consent(appointment=appointment, by=CLIENT, at=at)
    except Refusal as refusal:
        if appointment.timeline.filter(kind="health_consent_withdrawn").exists():  # the form came once more
            return answered(appointment, "consent")
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "consent")


@require_POST
@by_token
def explain(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    form = ExplainForm(request.POST, known=appointment.cancel_reason)
    if not form.is_valid():
        return page(request, appointment, at=at, form=form, status=400)
    said = form.cleaned_data
    try:
        lifecycle.explain(appointment=appointment, reason=said["reason"], note=said["note"], at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return answered(appointment, "explained")


@require_POST
@by_token
def credit(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """Uses the credit of this appointment for another booking of the same client that waits to be paid."""
    uid = uid_in(request.POST.get("for", ""))
    same_client = Appointment.objects.filter(client_id=appointment.client_id).with_names()
    booking = same_client.filter(uid=uid).first() if uid else None
    found = credits.find(appointment=appointment)
    try:
        if booking is None or found is None:
            raise lifecycle.NotAllowed("credit_gone", _("This credit has been used or has ended."))
        paid = lifecycle.apply_credit(appointment=booking, credit=found, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return HttpResponseRedirect(paying.after_booking(paid, at=at))


def uid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@by_token
def pay(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    try:
        address = paying.address(appointment, at=at)
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)
    return HttpResponseRedirect(address or path_of(appointment))


@require_POST
@by_token
def check(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """The client has come back from paying before the message about it: the gateway is asked now."""
    for event_id in reconcile.ask_after(appointment=appointment, at=at):
        webhooks.apply(event_id=event_id, at=at)
    return answered(appointment, "checked")


@require_POST
@by_token
def give_card(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """To the page on which the card that was agreed to is given."""
    return HttpResponseRedirect(paying.card_page(appointment, at=at))


@require_POST
@by_token
def remove_card(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """The saved card is taken away: nothing is charged to it any more."""
    lifecycle.remove_card(appointment=appointment, at=at)
    return answered(appointment, "card_removed")


@require_POST
@by_token
def pay_owed(request: HttpRequest, *, appointment: Appointment, charge: UUID, at: datetime) -> HttpResponse:
    """To the pay page of something that is owed."""
    found = owing.find(appointment, charge)
    if found is None:
        raise Http404
    try:
        return HttpResponseRedirect(checkout.open_session(charge=found, at=at))
    except Refusal as refusal:
        return refused(request, appointment, refusal, at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def join(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """One button: records that the client came and goes on to the meeting."""
    opens = appointment.mode == "video" and sheet.can_join(appointment, at=at)
    if request.method == "POST" and opens:
        try:
            lifecycle.arrive(appointment=appointment, by=CLIENT, at=at)
        except Refusal as refusal:
            return refused(request, appointment, refusal, at=at)
        return HttpResponseRedirect(meeting_url(appointment))
    context = {
        "provider": appointment.provider,
        "sheet": sheet.head(appointment, at=at),
        "can_join": opens,
        "join_words": _("The meeting opens half an hour before the start and closes at the end."),
    }
    response = render(request, "booking/join.html", context, status=409 if request.method == "POST" else 200)
    # Browsers hold the redirect of a form to its page's form-action.
    response._csp_update = {"form-action": origin_of(meeting_url(appointment))}  # type: ignore[attr-defined]
    return response


@require_safe
@by_token
def calendar_file(request: HttpRequest, *, appointment: Appointment, at: datetime) -> HttpResponse:
    """`calendar.ics`: the event, for any calendar."""
    made = calendar.event(appointment, manage_url=tokens.manage_url(appointment), at=at)
    return HttpResponse(
        made,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )


def origin_of(url: str) -> list[str]:
    """The origin of a meeting link as a content policy names it."""
    parts = urlsplit(url)
    plain = (
        parts.scheme in ("http", "https") and parts.netloc.isascii() and not set(parts.netloc) & set(" ;,'\"")
    )
    return [f"{parts.scheme}://{parts.netloc}"] if plain and parts.netloc else []


def meeting_url(appointment: Appointment) -> str:
    """The meeting link, with the appointment's own unguessable room where the provider asks for one."""
    url = appointment.provider.places.get("video", {}).get("url", "")
    return url.replace("{room}", appointment.room) or path_of(appointment)
