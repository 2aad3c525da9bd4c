"""The sandbox's onboarding: stands where a provider would give Stripe its papers, plainly marked."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from payments import gateways, webhooks
from payments.gateways import sandbox, sandbox_accounts
from payments.models import ConnectedAccount


@csrf_exempt  # like Stripe's, it knows nobody: whoever has the address sets it up
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def set_up(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A post of ``state`` (ready, asked, away) plays through what Stripe would make of the account."""
    rows = ConnectedAccount.objects.select_related("provider").filter(gateway=sandbox.Sandbox.name)
    account = rows.filter(uid=uid, account_id__isnull=False).first()
    if account is None or gateways.current().name != sandbox.Sandbox.name:
        raise Http404
    back = reverse("desk_account_back")
    if request.method != "POST":
        facts = {"account": account, "provider": account.provider, "back": back}
        return render(request, "payments/sandbox_account.html", facts)
    state = request.POST.get("state", "")
    if state in sandbox_accounts.STATES:
        at = timezone.now()
        body, signature = sandbox_accounts.becomes(account=account, state=state, at=at)
        webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)
    return HttpResponseRedirect(back)
