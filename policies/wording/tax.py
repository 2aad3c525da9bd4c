"""Tax, in words."""

from django.utils.translation import gettext as _

from config import formats
from policies.rules.tax import Tax


def name(tax: Tax) -> str:
    """What the provider's country calls it."""
    return tax.name or _("tax")


def rate(tax: Tax) -> str:
    """`22% VAT`."""
    return _("%(percent)s %(tax)s") % {"percent": formats.percent(tax.percent), "tax": name(tax)}


def included(tax: Tax | None) -> str:
    """`incl. 22% VAT`; nothing where there is none."""
    if tax is None:
        return ""
    facts = {"percent": formats.percent(tax.percent), "tax": name(tax)}
    return _("incl. %(percent)s %(tax)s") % facts
