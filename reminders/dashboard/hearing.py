"""Messages > What you hear of: each group of news at once, in the summary at 08:00, or in the dashboard
alone, and by which channels."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from config import formats
from reminders import notices
from reminders.dashboard import words
from reminders.dashboard.tabs import tabs
from reminders.kinds import TO_PROVIDER
from reminders.models import Notice
from reminders.wording.delivering import GROUP_NAMES


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def choose(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The choices; a POST keeps all of them."""
    may_act = "act" in desk.rights
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        for group in notices.GROUPS:
            how = request.POST.get(f"how_{group}", "")
            if how in Notice.How.values:
                channels = request.POST.getlist(f"by_{group}")
                notices.choose(provider=desk.provider, group=group, how=how, channels=channels)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("desk_notices"))
    ways = [("email", _("E-mail")), *((one.channel, one.name) for one in notices.routes(desk.provider))]
    return page(
        request,
        desk,
        "dashboard/messages/notices.html",
        section="messages",
        tabs=tabs("desk_notices"),
        groups=_groups(desk),
        ways=ways,
        hows=_hows(),
        urgent=_names(notices.URGENT),
        may_act=may_act,
    )


def _hows() -> list[tuple[str, str]]:
    return [
        (Notice.How.AT_ONCE, _("at once")),
        (Notice.How.DAILY, _("in a summary at %(time)s") % {"time": formats.time_of_day(8 * 60)}),
        (Notice.How.NONE, _("only in the dashboard")),
    ]


def _groups(desk: Desk) -> list[dict[str, Any]]:
    chosen = notices.choices(desk.provider)
    named = {kind for kinds in notices.GROUPS.values() for kind in kinds}
    rest = tuple(kind for kind in TO_PROVIDER if kind not in named and kind != "daily")
    return [
        {
            "key": group,
            "name": str(GROUP_NAMES[group]),
            "kinds": _names(kinds or rest),
            "chosen": chosen[group],
        }
        for group, kinds in notices.GROUPS.items()
        if kinds or rest
    ]


def _names(kinds: Any) -> str:
    return " · ".join(str(words.KINDS.get(kind, kind)) for kind in kinds if kind in TO_PROVIDER)
