"""A client whom mails do not reach: correct the address, or try it again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from rest_framework import serializers

from booking import lifecycle
from booking.api.fields import Email
from booking.dashboard.access import at_desk
from booking.dashboard.desk import Desk
from config.refusal import Refusal


@require_POST
@at_desk(may="act")
def correct(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The address typed, or the same once more; what is due goes out to it."""
    client = get_object_or_404(desk.clients.filter(erased_at=None), uid=uid)
    back = HttpResponseRedirect(reverse("desk_client", args=[uid]))
    try:
        email = Email().run_validation(request.POST.get("email", "").strip())
        lifecycle.correct_address(client=client, email=email, by=desk.by, at=desk.at)
    except serializers.ValidationError as wrong:
        found = wrong.detail if isinstance(wrong.detail, list) else [wrong.detail]
        messages.error(request, str(found[0]))
        return back
    except Refusal as no:
        messages.error(request, str(no))
        return back
    messages.success(
        request, _("Mails go to %(email)s now. Links in earlier mails are dead.") % {"email": email.lower()}
    )
    return back
