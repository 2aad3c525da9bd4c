"""What stands on a provider's papers, as its owner says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from booking.models import Business, Provider, Service


@transaction.atomic
def save(*, provider: Provider, fields: Mapping[str, Any], rates: Mapping[UUID, int | None]) -> Business:
    """Puts down the details and the tax of each service named in ``rates`` (basis points; None: no tax).
    Papers that were issued keep what they said."""
    Provider.objects.locked().get(pk=provider.pk)
    business, _ = Business.objects.update_or_create(provider=provider, defaults=dict(fields))
    for service in Service.objects.filter(provider=provider, uid__in=rates):
        if service.tax_rate != rates[service.uid]:
            service.tax_rate = rates[service.uid]
            service.save(update_fields=["tax_rate"])
    return business
