"""The business of a provider and the tax of its services, from the file and back."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from booking.models import Business, Provider, Service
from booking.transfer.shape import BusinessPart
from booking.transfer.values import Values
from policies.rules.reading import MISSING, paths

PREFIX = re.compile(r"[A-Za-z0-9-]{1,12}")
LINES = {"legal_name": 200, "tax_number": 60, "tax_name": 20}
TEXTS = {"address": 500, "note": 500}


def read(values: Values, source: Any, path: str) -> BusinessPart | None:
    """None where the file says nothing of it."""
    optional = ("address", "tax_number", "tax_name", "receipt_prefix", "note", "fees_taxed")
    found = values.fields(source, path, ("legal_name",), optional)
    if found is None:
        return None
    at = paths(path)
    lines = {name: values.line(found[name], at(name), most) or "" for name, most in LINES.items()}
    texts = {name: values.text(found[name], at(name), most) or "" for name, most in TEXTS.items()}
    return BusinessPart(
        **lines,
        **texts,
        receipt_prefix=_prefix(values, found["receipt_prefix"], at("receipt_prefix")),
        fees_taxed=bool(values.flag(found["fees_taxed"], at("fees_taxed"))),
    )


def _prefix(values: Values, source: Any, path: str) -> str:
    if source is MISSING:
        return ""
    if not isinstance(source, str) or not PREFIX.fullmatch(source):
        values.wrong(path, gettext_noop("must be 1 to 12 letters, digits and hyphens, as NOVE"))
        return ""
    return source


def tax_rate(values: Values, source: Any, path: str) -> int | None:
    """Basis points of a percentage with two decimals at most."""
    percent = values.number(source, path, 100, zero=True)
    if percent is None:
        return None
    if percent * 100 != int(percent * 100):
        values.wrong(path, gettext_noop("must have two decimals at most, as 22 or 5.25"))
        return None
    return int(percent * 100)


def write(provider: Provider) -> dict[str, Any]:
    """Empty when nothing was ever said of it."""
    row = Business.objects.filter(provider=provider).first()
    if row is None:
        return {}
    names = ("legal_name", "address", "tax_number", "tax_name", "receipt_prefix", "note", "fees_taxed")
    return {name: getattr(row, name) for name in names if getattr(row, name)}


def tax_percent(service: Service) -> dict[str, int | float]:
    if service.tax_rate is None:
        return {}
    percent = Decimal(service.tax_rate) / 100
    return {"tax_percent": int(percent) if percent == int(percent) else float(percent)}
