"""Nobody moves money back with a password alone: a second factor is set up, and was shown in this session."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import suspend_request
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from booking.dashboard.access import page
from booking.dashboard.desk import Desk
from config import second_factor

TYPED = "refund_typed"
View = Callable[..., HttpResponse]


def has_second_factor(request: HttpRequest) -> bool:
    return second_factor.is_set_up(request.user)


def be_sure(view: View) -> View:
    """Asks for the second factor first, and keeps what was posted meanwhile. Who has none is told how to get one.
    The demo's money is made up and its password is known to all: there it is asked only of those who have one."""

    @wraps(view)
    def opened(request: HttpRequest, *, desk: Desk, **facts: Any) -> HttpResponse:
        if not has_second_factor(request):
            if not desk.provider.is_demo:
                return _set_up_first(request, desk)
        elif not second_factor.shown(request):
            return suspend_request(request, second_factor.where_to_show(request.user))
        request.session.pop(second_factor.WAY_ON, None)
        return view(_as_typed(request), desk=desk, **facts)

    return opened


def _set_up_first(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Nothing has moved; what was typed stands in the form again when they come back."""
    form = request.method != "POST" or "step" in request.POST or "amount" in request.POST
    back = request.path if form else reverse("desk_refunds")
    request.session[second_factor.WAY_ON] = back
    if request.method == "POST" and form:
        request.session[TYPED] = {"path": request.path, "typed": request.POST.urlencode()}
    return page(request, desk, "dashboard/money/second_factor.html", section="money", status=403, back=back)


def _as_typed(request: HttpRequest) -> HttpRequest:
    """A form that was left for the second factor, as it was typed: to be read once more, never sent by itself."""
    kept = request.session.get(TYPED)
    if request.method != "GET" or not kept or kept["path"] != request.path:
        return request
    del request.session[TYPED]
    typed = QueryDict(kept["typed"], mutable=True)
    typed["step"] = "change"
    request.method = "POST"
    request.POST = typed  # type: ignore[assignment]  # a QueryDict that was written to
    return request
