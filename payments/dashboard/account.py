"""The account on which clients pay: the installation's, or the provider's own at Stripe."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from config import formats
from config.formats import short_moment
from config.refusal import Refusal
from payments import accounts, gateways, hints, webhooks
from payments.dashboard import account_words
from payments.dashboard.sure import be_sure
from payments.dashboard.tabs import tabs
from payments.models import ConnectedAccount

State = ConnectedAccount.State
BADGES = {
    "": ("plain", gettext_lazy("Not connected")),
    State.UNFINISHED: ("warn", gettext_lazy("Not finished")),
    State.READY: ("good", gettext_lazy("Ready")),
    State.RESTRICTED: ("bad", gettext_lazy("No payments")),
    State.GONE: ("bad", gettext_lazy("Disconnected")),
}
SECONDS_BETWEEN = 5  # Stripe is asked once, however often its owner comes back


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    return _page(request, desk)


@require_POST
@at_desk(may="own")
@be_sure
def connect(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """To Stripe's own pages, where the account is set up; made first, where there is none yet."""
    try:
        account = accounts.begin(provider=desk.provider, by=desk.by, at=desk.at)
        if account.state == State.READY:
            _look(account, desk)
            return HttpResponseRedirect(reverse("desk_account"))
        here = settings.BASE_URL + reverse("desk_account")
        address = accounts.page(account=account, back=f"{here}back/", again=f"{here}?page=over", at=desk.at)
    except Refusal as refusal:
        return _page(request, desk, refused=refusal.detail or "", status=refusal.status)
    return HttpResponseRedirect(address)


@require_safe
@at_desk(may="own")
def back(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Its owner comes back from Stripe, done or not: Stripe is asked how the account stands."""
    account = accounts.of(provider=desk.provider)
    if account and account.account_id:
        _look(account, desk)
    return HttpResponseRedirect(reverse("desk_account"))


@require_POST
@at_desk(may="own")
@be_sure
def leave(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """From now on clients pay on the installation's own account again."""
    try:
        accounts.leave(provider=desk.provider, by=desk.by, at=desk.at)
    except Refusal as refusal:
        return _page(request, desk, refused=refusal.detail or "", status=refusal.status)
    messages.success(request, _("Left. New payments go to the account of this installation."))
    return HttpResponseRedirect(reverse("desk_account"))


def warning(desk: Desk) -> str:
    """For Today: why deposits cannot be taken; empty where they can."""
    account = accounts.of(provider=desk.provider)
    if account is None or not account.is_closed:
        return ""
    if account.state == State.GONE:
        return _("Your account was disconnected at Stripe. Clients who pay a deposit cannot book.")
    return _("Your Stripe account takes no payments now. Clients who pay a deposit cannot book.")


def _look(account: ConnectedAccount, desk: Desk) -> None:
    """Stripe is asked as if it had told us of the account itself."""
    turn = int(desk.at.timestamp()) // SECONDS_BETWEEN
    named = str(account.account_id)
    thing = {"id": named, "object": "account"}
    event = hints.look(thing, desk.at, account=named, name=f"look:{account.uid}:back{turn}")
    webhooks.apply(event_id=event, at=desk.at)


def _page(request: HttpRequest, desk: Desk, *, refused: str = "", status: int = 200) -> HttpResponse:
    if not accounts.is_on():
        raise Http404
    account = accounts.of(provider=desk.provider)
    tone, badge = BADGES[account.state if account else ""]
    context: dict[str, Any] = {
        "tabs": tabs("desk_account"),
        "state": account.state if account else "",
        "tone": tone,
        "badge": badge,
        "refused": refused,
        "over": request.GET.get("page") == "over",
        "sandbox": gateways.current().name != "stripe",
        "owner": "own" in desk.rights,
        "fee": _percent(accounts.fee_of(account) if account else settings.STRIPE_CONNECT_FEE),
        **(_facts(account, desk) if account else {}),
    }
    return page(request, desk, "dashboard/money/account.html", section="money", status=status, **context)


def _facts(account: ConnectedAccount, desk: Desk) -> dict[str, Any]:
    stopped = account.state == State.RESTRICTED or account.details_submitted
    return {
        "account": account,
        "wanted": account_words.wanted(account.wanted),
        "wanted_by": short_moment(account.wanted_by, desk.zone) if account.wanted_by else "",
        "why": account_words.restriction(account.restriction)
        if stopped and not account.charges_enabled
        else "",
        "asked": short_moment(account.asked_at, desk.zone) if account.asked_at else "",
    }


def _percent(basis_points: int) -> str:
    return formats.percent(Decimal(basis_points) / 100) if basis_points else ""
