"""What each consequence means for a client, with its amounts."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from config import formats
from policies.rules.money import percent_of
from policies.rules.terms import Consequence, Terms

Act = Literal["cancel", "move", "no_show"]


@dataclass(frozen=True, kw_only=True)
class ConsequenceWords:
    """The sentences about one consequence, under one policy with its amounts."""

    terms: Terms
    price: int
    deposit: int
    currency: str
    zone: str

    def money(self, amount: int) -> str:
        """An amount in the currency of the policy."""
        return formats.money(amount, self.currency)

    def loss(self, consequence: Consequence) -> int:
        """What the client loses by it: the larger of deposit and fee."""
        return max(self.deposit, self.fee(consequence)) if consequence.deposit == "forfeit" else 0

    def may_be_lost(self, consequence: Consequence) -> int:
        """What the client can lose by it at worst: a credit whose days are over counts as unused."""
        unused = consequence.deposit == "carry" and self.terms.carry_unused == "forfeit"
        return self.deposit if unused else self.loss(consequence)

    def fee(self, consequence: Consequence) -> int:
        """The fee that a consequence asks, before the deposit counts towards it."""
        return min(percent_of(self.price, consequence.fee_percent, self.currency), self.price)

    def consequence(self, act: Act, consequence: Consequence) -> str:
        """What the consequence of this act is, in one sentence or two."""
        if not self.deposit:
            return self._without_deposit(act, consequence)
        facts = {"deposit": self.money(self.deposit)}
        if consequence.deposit == "refund":
            return {
                "cancel": _("If you cancel, your deposit of %(deposit)s comes back in full."),
                "move": _("If you move, your deposit of %(deposit)s goes along, whatever the new date."),
                "no_show": _("If you miss it, your deposit of %(deposit)s comes back in full all the same."),
            }[act] % facts
        if consequence.deposit == "carry":
            return {
                "cancel": _("If you cancel, your deposit of %(deposit)s is kept for you as a credit."),
                "move": _(
                    "If you move, your deposit of %(deposit)s goes along to a new time at which it keeps "
                    "its worth (see below)."
                ),
                "no_show": _("If you miss it, your deposit of %(deposit)s is kept for you as a credit."),
            }[act] % facts
        if self.fee(consequence) <= self.deposit:
            return {
                "cancel": _("If you cancel, we keep your deposit of %(deposit)s."),
                "move": _(
                    "If you move, we keep your deposit of %(deposit)s, and the new time asks for a deposit "
                    "of its own."
                ),
                "no_show": _("If you miss it, we keep your deposit of %(deposit)s."),
            }[act] % facts
        return self._with_fee(act, consequence)

    def _with_fee(self, act: Act, consequence: Consequence) -> str:
        fee = self.fee(consequence)
        return {
            "cancel": _(
                "If you cancel, it costs %(percent)s of the price, which is %(fee)s: we keep your deposit of "
                "%(deposit)s, and %(missing)s is still to be paid."
            ),
            "move": _(
                "If you move, it costs %(percent)s of the price, which is %(fee)s: we keep your deposit of "
                "%(deposit)s, and %(missing)s is still to be paid. The new time asks for a deposit of its own."
            ),
            "no_show": _(
                "If you miss it, it costs %(percent)s of the price, which is %(fee)s: we keep your deposit of "
                "%(deposit)s, and %(missing)s is still to be paid."
            ),
        }[act] % {
            "percent": formats.percent(consequence.fee_percent),
            "fee": self.money(fee),
            "deposit": self.money(self.deposit),
            "missing": self.money(fee - self.deposit),
        }

    def _without_deposit(self, act: Act, consequence: Consequence) -> str:
        facts = {
            "percent": formats.percent(consequence.fee_percent),
            "fee": self.money(self.fee(consequence)),
        }
        if not self.fee(consequence):
            return {
                "cancel": _("If you cancel, it costs you nothing."),
                "move": _("If you move, it costs you nothing."),
                "no_show": _("If you miss it, it costs you nothing."),
            }[act]
        return {
            "cancel": _("If you cancel, it costs %(percent)s of the price, which is %(fee)s."),
            "move": _("If you move, it costs %(percent)s of the price, which is %(fee)s."),
            "no_show": _("If you miss it, it costs %(percent)s of the price, which is %(fee)s."),
        }[act] % facts
