"""What an act costs now, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from config import formats
from policies.rules.local_time import MICROSECOND, local
from policies.rules.outcomes import Outcome
from policies.rules.tax import Tax
from policies.wording import tax


@dataclass(frozen=True, kw_only=True)
class QuoteWords:
    """The sentences about one outcome, in the active language."""

    outcome: Outcome
    currency: str
    zone: str
    new_start: datetime | None
    tax: Tax | None = None

    def sentences(self) -> list[str]:
        """The cost first, then where the money goes, the cheaper way, and until when it holds."""
        if not self.outcome.allowed:
            return [self._refused()]
        return [
            s
            for s in (
                self._headline(),
                *self._money(),
                self._tax(),
                self._late(),
                self._cheaper(),
                self._until(),
            )
            if s
        ]

    def money(self, amount: int) -> str:
        """An amount in the currency of the appointment."""
        return formats.money(amount, self.currency)

    def _refused(self) -> str:
        if self.outcome.refusal == "already_started":
            return _("The appointment has started, so it can no longer be cancelled or moved.")
        return _("This is not possible now.")

    def _headline(self) -> str:
        cost = self.outcome.cost
        facts = {"cost": self.money(cost)}
        if self.outcome.act == "cancel":
            said = _("Cancelling now costs you %(cost)s.") if cost else _("Cancelling now costs you nothing.")
        elif self.outcome.act == "no_show":
            said = (
                _("The missed appointment costs you %(cost)s.") if cost
                else _("The missed appointment costs you nothing.")
            )  # fmt: skip
        elif self.new_start is None:
            said = _("Moving now costs you %(cost)s.") if cost else _("Moving now costs you nothing.")
        else:
            facts["when"] = formats.moment(self.new_start, self.zone)
            said = (
                _("Moving to %(when)s costs you %(cost)s.") if cost
                else _("Moving to %(when)s costs you nothing.")
            )  # fmt: skip
        return said % facts

    def _money(self) -> list[str]:
        outcome, said = self.outcome, []
        if outcome.refund:
            said.append(
                _("%(amount)s of your deposit comes back to you.") % {"amount": self.money(outcome.refund)}
            )
        if outcome.carry and outcome.act == "move":
            said.append(_("Your deposit of %(amount)s goes along.") % {"amount": self.money(outcome.carry)})
        elif outcome.carry:
            said.append(self._credit(outcome))
        if outcome.forfeit:
            said.append(_("We keep %(amount)s of your deposit.") % {"amount": self.money(outcome.forfeit)})
        if outcome.fee:
            said.append(_("%(amount)s is still to be paid.") % {"amount": self.money(outcome.fee)})
        if outcome.new_deposit:
            said.append(
                _("The new time asks for a deposit of its own; your old time stays yours until it is paid.")
            )
        return said

    def _credit(self, outcome: Outcome) -> str:
        facts = {"amount": self.money(outcome.carry)}
        if outcome.carry_until is None:
            return _("%(amount)s is kept for you as a credit without a deadline.") % facts
        last = outcome.carry_until - MICROSECOND
        if local(outcome.carry_until, self.zone).time() == datetime.min.time():
            facts["day"] = formats.day(last, self.zone)
            return (
                _("%(amount)s is kept for you as a credit for a new time up to the end of %(day)s.") % facts
            )
        facts["when"] = formats.moment(outcome.carry_until, self.zone)
        return _("%(amount)s is kept for you as a credit for a new time before %(when)s.") % facts

    def _tax(self) -> str:
        if self.tax is None or not self.outcome.cost:
            return ""
        return _("What it costs includes %(tax)s.") % {"tax": tax.rate(self.tax)}

    def _late(self) -> str:
        if self.outcome.forgiven:
            return _("It is late, and we forgive it this time.")
        if self.outcome.lapse == "late_cancel":
            return _("It counts as a late cancellation.")
        if self.outcome.lapse == "late_move":
            return _("It counts as a late move.")
        return ""

    def _cheaper(self) -> str:
        instead = self.outcome.instead
        if instead is None:
            return ""
        way = _("Cancelling instead is cheaper: it costs you %(cost)s.") % {"cost": self.money(instead.cost)}
        if not instead.cost:
            way = _("Cancelling instead is cheaper: it costs you nothing.")
        if instead.refund:
            back = _("%(amount)s of your deposit comes back to you.") % {"amount": self.money(instead.refund)}
            way = f"{way} {back}"
        return f"{way} {self._credit(instead)}" if instead.carry else way

    def _until(self) -> str:
        if self.outcome.valid_until is None:
            return ""
        return _("This holds until %(when)s (%(city)s time).") % {
            "city": formats.zone_city(self.zone),
            "when": formats.moment(self.outcome.valid_until, self.zone),
        }
