"""The doors at which senders report: mails that came back or were unwanted, and answers to texts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from booking.api.fields import e164
from reminders import consents, routes, trouble
from reminders.models import Message, Route

log = logging.getLogger(__name__)

VIEWS = {
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "resend": "anymail.webhooks.resend.ResendTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "mailersend": "anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
}
DEAD = ("bounced", "invalid")
MOST_EVENTS = 1000


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def mail(request: HttpRequest, sender: str) -> HttpResponse:
    """What happened to mails, from the sender of ``EMAIL_URL`` alone: its name and password in the address,
    and its signature where it has one. Odd input is a 400; a report that came before changes nothing."""
    if sender != settings.MAIL_SENDER or sender not in VIEWS:
        raise Http404
    if request.method == "HEAD":  # some ask whether anybody is there
        return HttpResponse()
    try:
        view = import_string(VIEWS[sender])()
        view.run_validators(request)
        events = list(view.parse_events(request))[:MOST_EVENTS]
    except (SuspiciousOperation, AnymailError):
        return HttpResponse("not from the sender", status=400, content_type="text/plain")
    except (ValueError, TypeError, KeyError, AttributeError, LookupError, RecursionError, AssertionError):
        return HttpResponse("not a report", status=400, content_type="text/plain")
    for event in events:
        _keep(sender, event)
    return HttpResponse("kept", content_type="text/plain")


def _keep(sender: str, event: Any) -> None:
    kind = _kind(event)
    address = str(event.recipient or "")[:254]
    if not kind:
        return
    why = str(event.mta_response or event.description or event.reject_reason or kind)
    told = event.event_id or f"{event.message_id}:{kind}:{address}"
    trouble.reported(
        sender=sender,
        event_id=hashlib.sha256(str(told).encode()).hexdigest(),
        kind=kind,
        address=address,
        why=" ".join(why.replace("\0", "").split())[:300],
        message=_message(event),
        at=timezone.now(),
    )


def _kind(event: Any) -> str:
    """Bounced, complained, or nothing that concerns us. A soft bounce is none: the sender tries again."""
    if event.event_type in ("complained", "unsubscribed"):
        return "complained"
    raw = event.esp_event
    if event.event_type == "bounced":
        soft = isinstance(raw, dict) and raw.get("Type") in ("SoftBounce", "Transient")
        return "" if soft else "bounced"
    return "bounced" if event.event_type == "rejected" and event.reject_reason in DEAD else ""


def _message(event: Any) -> Message | None:
    """By the name that we gave it, or else by the sender's own."""
    known = Message.objects.select_related("provider", "client__provider", "appointment__client__provider")
    uid = str((event.metadata or {}).get("message") or "")
    try:
        return known.filter(uid=UUID(uid)).first()
    except ValueError:
        relay_id = str(event.message_id or "")[:200]
        return known.filter(relay_id=relay_id).first() if relay_id else None


@csrf_exempt
@require_POST
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A client answered a text that went through Twilio: STOP is heeded. Signed by Twilio with the account's
    own token over this very address and its fields."""
    route = get_object_or_404(Route.objects.in_use().select_related("provider"), uid=uid, service="twilio")
    token = routes.address_of(route).partition("://")[2].partition("@")[0].partition(":")[2]
    fields = request.POST.dict()
    signed = f"{settings.BASE_URL}{request.path}" + "".join(
        f"{name}{fields[name]}" for name in sorted(fields)
    )
    mac = hmac.new(token.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    if not constant_time_compare(
        base64.b64encode(mac).decode(), request.headers.get("X-Twilio-Signature", "")
    ):
        return HttpResponse("not from Twilio", status=403, content_type="text/plain")
    number = str(fields.get("From", "")).removeprefix("whatsapp:")
    phone = e164(number, like="", zone=route.provider.timezone) or ""
    consents.answered(
        provider=route.provider,
        phone=phone,
        kind=route.kind,
        text=str(fields.get("Body", "")),
        at=timezone.now(),
    )
    return HttpResponse("<Response/>", content_type="text/xml")
