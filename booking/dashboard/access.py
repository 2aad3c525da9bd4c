"""Who sits down at which desk, with which right, and the pages around it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from booking import starting
from booking.dashboard.desk import SEAT, Desk
from booking.models import Membership, Provider, User
from booking.pages import once
from config import formats

CHOSEN = "desk"
CSRF = "csrfmiddlewaretoken"
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

View = Callable[..., HttpResponse]


def at_desk(*, may: str = "look", any_form: bool = False) -> Callable[[View], View]:
    """A dashboard view: logged in, a member somewhere, with the right ``may`` (look, act, refund, own). A form that was
    shown at another desk is not taken here, unless ``any_form`` says that it does not matter."""

    def wrap(view: View) -> View:
        @_kept_for_the_log_in
        @login_required
        @wraps(view)
        def opened(request: HttpRequest, **facts: Any) -> HttpResponse:
            desk = desk_of(request)
            if desk is None:
                may_start = starting.may_start(cast(User, request.user))
                response = render(request, "dashboard/nobody.html", {"may_start": may_start}, status=403)
            elif not any_form and _shown_elsewhere(request, desk.seat):
                response = _kept_as_typed(request, "dashboard/another_desk.html", status=409)
            elif may not in desk.rights:
                response = page(request, desk, "dashboard/not_yours.html", section="", status=403, needs=may)
            else:
                with formats.on_clocks(desk.provider.hour_cycle):
                    response = view(request, desk=desk, **facts)
            return _unseen_by_others(response)

        opened.desk_right = may  # type: ignore[attr-defined]  # a test asks every route for it
        return opened

    return wrap


def _unseen_by_others(response: HttpResponse) -> HttpResponse:
    """Neither stored on the way nor found by a search, unless the view says otherwise."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _kept_for_the_log_in(opened: View) -> View:
    """Who was logged out meanwhile and sends a form finds it again, to be sent once more after the log-in. A part of a page,
    and a form with a file, which nobody can keep, lead to the log-in as before."""

    @wraps(opened)
    def kept(request: HttpRequest, **facts: Any) -> HttpResponse:
        form = request.method == "POST" and "HX-Request" not in request.headers and not request.FILES
        if request.user.is_authenticated or not form:
            return opened(request, **facts)
        return _unseen_by_others(_kept_as_typed(request, "dashboard/logged_out.html", status=403))

    return kept


def _kept_as_typed(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """The form that was sent, unseen on a page that sends it once more."""
    typed = [(name, value) for name, all_of in request.POST.lists() for value in all_of if name != CSRF]
    return render(request, template, {"typed": typed}, status=status)


def _shown_elsewhere(request: HttpRequest, *seats: str) -> bool:
    """Whether a form says that it was shown at none of these: who sits there now is somebody else than who typed it, or
    has gone to another desk in another window, and it would be written over what is kept here."""
    said = request.POST.get(SEAT)
    return bool(said) and said not in seats


def adds(view: View) -> View:
    """Stands under `at_desk`: the form says a key of its own (`{% once %}`), and the very same form again adds nothing.
    All of the view is one transaction, so never for one that asks the outside."""

    @wraps(view)
    def once_alone(request: HttpRequest, *, desk: Desk, **facts: Any) -> HttpResponse:
        act = partial(view, request, desk=desk, **facts)
        if not request.POST.get("once"):
            return act()
        scope = f"desk {desk.user.pk}"
        return once.led(scope=scope, path=request.path, said=request.POST, act=act, at=desk.at)

    return once_alone


def by_oneself(view: View) -> View:
    """A dashboard view about the user alone, for whoever is logged in, at a desk or not."""

    @login_required
    @wraps(view)
    def opened(request: HttpRequest, **facts: Any) -> HttpResponse:
        if request.POST.get(SEAT) and _shown_elsewhere(request, *_seats(request)):
            response = _kept_as_typed(request, "dashboard/another_desk.html", status=409)
        else:
            response = view(request, **facts)
        return _unseen_by_others(response)

    opened.desk_right = "self"  # type: ignore[attr-defined]
    return opened


def _seats(request: HttpRequest) -> list[str]:
    """At every desk of one's own one is oneself."""
    desk = desk_of(request)
    return [one.seat for one in (desk, *desk.beside)] if desk else []


def by_link(view: View) -> View:
    """A dashboard view for whoever holds its link, logged in or not. The link is told to nobody else; the site's own
    origin is, which the check for forgeries asks for."""

    @wraps(view)
    def opened(request: HttpRequest, **facts: Any) -> HttpResponse:
        response = view(request, at=timezone.now(), **facts)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return _unseen_by_others(response)

    opened.desk_right = "link"  # type: ignore[attr-defined]
    return opened


def desk_of(request: HttpRequest) -> Desk | None:
    """The desk that the user chose, else the one that was there first. None for a user who is nobody's member: a
    superuser sees nothing here either."""
    user = request.user
    assert isinstance(user, User)
    memberships = list(
        Membership.objects.filter(user=user).select_related("provider").order_by("provider__name", "pk")
    )
    if not memberships:
        return None
    chosen = request.session.get(CHOSEN, "")
    first = min(memberships, key=lambda one: one.pk)  # whatever they are called today
    ours = next((one for one in memberships if str(one.provider.uid) == chosen), first)
    at = timezone.now()
    beside = tuple(Desk(one, one.provider, user, at) for one in memberships if one != ours)
    return Desk(ours, ours.provider, user, at, beside)


def page(
    request: HttpRequest, desk: Desk, template: str, *, section: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A page in the dashboard's shell."""
    shell = {"desk": desk, "provider": desk.provider, "demo": desk.provider.is_demo, "section": section}
    return render(request, template, shell | context, status=status)


def own_page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page about the user: in the dashboard's shell for a member of somebody, else alone. The template extends
    ``layout``."""
    desk = desk_of(request)
    if desk is None:
        return render(request, template, {"layout": "dashboard/alone.html"} | context, status=status)
    shell: dict[str, Any] = {"layout": "dashboard/base.html", "section": "set_up"} | context
    return page(request, desk, template, status=status, **shell)


def now() -> datetime:
    """For the pages that have no desk yet, which would know the instant."""
    return timezone.now()


def example() -> str:
    """The address of a page to look at: the demo, where there is one."""
    found = Provider.objects.filter(is_demo=True, listed=True).order_by("pk").first()
    return f"/{found.slug}/" if found else ""
