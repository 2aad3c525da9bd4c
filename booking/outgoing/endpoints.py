"""The addresses that are told: added, tried, given another secret, switched on again, taken away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Provider, WebhookDelivery, WebhookEndpoint
from booking.outgoing import EVENTS, TEST, signing, staging
from config import outward, sealing
from config.refusal import Refusal

MOST = 10  # endpoints of one provider
BOTH_SIGN = timedelta(hours=24)  # the old secret and the new one
KEPT = timedelta(days=30)  # a delivery, after it is settled
SEALED_AS = "kept.webhook_endpoint"


class EndpointRefused(Refusal):
    """It cannot be added; ``field`` and ``trouble`` say what is wrong with what."""

    code = "endpoint_refused"
    status = 400

    def __init__(self, field: str, trouble: str, detail: str) -> None:
        super().__init__(detail, errors={field: [trouble]})
        self.field = field


class EndpointOff(Refusal):
    """Nothing is sent to an endpoint that is switched off."""

    code = "endpoint_off"
    status = 409


def add(*, provider: Provider, url: str, events: Iterable[str] = (), at: datetime) -> WebhookEndpoint:
    """Keep an address that was looked at with `check`, before any transaction. Refuses a second one of the same with
    `EndpointRefused`."""
    wanted = set(events)
    url = url.strip()
    with transaction.atomic():
        Provider.objects.locked().get(pk=provider.pk)
        theirs = WebhookEndpoint.objects.filter(provider=provider)
        if theirs.filter(url=url).exists():
            raise EndpointRefused("url", "taken", _("This address is told already."))
        if theirs.count() >= MOST:
            raise EndpointRefused(
                "url", "most", _("At most %(most)s addresses can be told.") % {"most": MOST}
            )
        return WebhookEndpoint.objects.create(
            provider=provider,
            url=url,
            events=[one for one in EVENTS if one in wanted],
            secret=sealing.seal(signing.new_secret(), purpose=SEALED_AS),
            created_at=at,
        )


def check(url: str) -> None:
    """Raises `EndpointRefused` for what is no public https address: looks its name up, which takes a while. The name may
    lead elsewhere tomorrow, so that is done again with every delivery."""
    try:
        outward.must_be_public(url.strip(), plain=settings.DEBUG)
    except outward.NotFetched as no:
        raise EndpointRefused("url", no.code, why_not(no.code)) from None


def why_not(code: str) -> str:
    if code == "not_https":
        return _("The address must begin with https://.")
    if code == "not_public":
        return _("This address cannot be reached from the internet.")
    return _("This is no address. It looks like https://example.com/kept.")


def host(endpoint: WebhookEndpoint) -> str:
    return urlsplit(endpoint.url).hostname or ""


def keys(endpoint: WebhookEndpoint, *, at: datetime) -> list[str]:
    """The secrets that sign now, the newest first. Raises ``InvalidToken`` where the present one cannot be opened."""
    found = [sealing.opened(endpoint.secret, purpose=SEALED_AS)]
    if endpoint.old_until and endpoint.old_until > at:
        with contextlib.suppress(InvalidToken, ValueError):
            found.append(sealing.opened(endpoint.old_secret, purpose=SEALED_AS))
    return found


def secret(endpoint: WebhookEndpoint) -> str:
    """To be shown when it is made, and never again; empty where it cannot be opened any more."""
    try:
        return sealing.opened(endpoint.secret, purpose=SEALED_AS)
    except (InvalidToken, ValueError):
        return ""


def rotate(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookEndpoint:
    """A new secret; for a day the one before signs, too, so that nothing is missed while it is changed over there."""
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
        endpoint.old_secret, endpoint.old_until = endpoint.secret, at + BOTH_SIGN
        endpoint.secret = sealing.seal(signing.new_secret(), purpose=SEALED_AS)
        endpoint.save(update_fields=["secret", "old_secret", "old_until"])
    return endpoint


def turn_on(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """It is told again of what happens from now on; what failed meanwhile can be sent again one by one."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(off_at=None, failing_since=None)
    endpoint.refresh_from_db()
    return endpoint


def remove(*, endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()


def test(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """Something to receive that means nothing."""
    must_be_on(endpoint)
    made = staging.new(endpoint, TEST, None, at=at)
    made.save()
    return made


def send_again(*, delivery: WebhookDelivery, at: datetime) -> WebhookDelivery:
    """The same once more, under its id; it may take its three days again."""
    must_be_on(delivery.endpoint)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.WAITING,
        due_at=at,
        attempts=0,
        settled_at=None,
    )
    delivery.refresh_from_db()
    return delivery


def must_be_on(endpoint: WebhookEndpoint) -> None:
    if endpoint.off_at is not None:
        raise EndpointOff(_("This address is switched off. Switch it on first."))


def forget(*, at: datetime) -> int:
    """Sweep: a month after it was settled, a delivery goes."""
    rows = WebhookDelivery.objects.filter(settled_at__lte=at - KEPT)
    return rows.delete()[0]
