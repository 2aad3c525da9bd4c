"""What a client's bank gives as the reason of a dispute, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

REASONS: Mapping[str, str | Promise] = {
    "credit_not_processed": gettext_lazy("A refund that was promised did not come"),
    "duplicate": gettext_lazy("Paid twice"),
    "fraudulent": gettext_lazy("The cardholder says that it was somebody else"),
    "general": gettext_lazy("No reason given"),
    "product_not_received": gettext_lazy("The appointment did not take place, says the client"),
    "product_unacceptable": gettext_lazy("It was not as described, says the client"),
    "subscription_canceled": gettext_lazy("It was cancelled, says the client"),
    "unrecognized": gettext_lazy("The cardholder does not know the payment"),
}
