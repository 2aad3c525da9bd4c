"""What a client agrees to who gives a card for later: what can be charged, when, and up to how much."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from config import formats
from policies.rules.terms import Terms


def consent(*, terms: Terms, most: int, currency: str, provider: str, language: str) -> str:
    """The exact words of the tick; the same facts always give the same text, so that its hash can be kept."""
    with override(language):
        said = _(
            "My card is saved, and %(provider)s may charge the fee that these terms name for a late cancel, a late"
            " move or a missed appointment of this booking to it, up to %(most)s in all."
        )
        when = _("Nothing is charged before %(time)s have passed in which I can tell what happened.")
        if not terms.settle_after:
            when = _("It is charged once the fee is settled, as the terms say.")
        back = _("I can take the card away on the page of my appointment at any time.")
        facts = {
            "provider": provider,
            "most": formats.money(most, currency),
            "time": formats.length(terms.settle_after),
        }
        return f"{said % facts} {when % facts} {back}"
