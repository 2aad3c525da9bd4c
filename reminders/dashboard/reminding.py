"""Messages > Reminders: which ones go out beside the main one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import lifecycle
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from reminders.dashboard.tabs import tabs


class RemindersForm(forms.Form):
    day_ahead = forms.BooleanField(
        label=gettext_lazy("Also a day ahead"),
        required=False,
        help_text=gettext_lazy(
            "For everybody. Clients who missed or cancelled late in their last six appointments get it anyway."
        ),
    )
    hours_ahead = forms.BooleanField(
        label=gettext_lazy("Also two hours ahead"),
        required=False,
        help_text=gettext_lazy("Short: when and where, for the way there."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def options(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The options; a POST chooses them, for appointments that stand already too."""
    may_act = "act" in desk.rights
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        form = RemindersForm(request.POST)
        form.is_valid()  # two ticks cannot be wrong
        lifecycle.choose_reminders(provider=desk.provider, at=desk.at, **form.cleaned_data)
        messages.success(request, _("Saved. It holds for the appointments that stand already, too."))
        return HttpResponseRedirect(reverse("desk_reminders"))
    provider = desk.provider
    form = RemindersForm(
        initial={"day_ahead": provider.day_ahead_reminder, "hours_ahead": provider.hours_ahead_reminder}
    )
    return page(
        request,
        desk,
        "dashboard/messages/reminders.html",
        section="messages",
        tabs=tabs("desk_reminders"),
        form=form,
        may_act=may_act,
    )
