"""The short lines of the terms about one start: the hours of notice as a day and a time that stand in a calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from config import formats
from policies.rules.terms import Window
from policies.rules.windows import best_ahead, of_cancel
from policies.wording.policy import PolicyWords


@dataclass(frozen=True, kw_only=True)
class DatedWords(PolicyWords):
    """`zone` is whose clocks the days are on, `notice` the notice that counts."""

    start: datetime
    notice: timedelta

    def best(self) -> str:
        """Until which instant a cancel costs the least of what is still ahead."""
        best = self._ahead()
        if self.loss(best.cancel):
            return self._over(best)
        if not best.min_notice:
            return super().best() if len(self.terms.windows) == 1 else self._to_the_start(best)
        facts = self._moment(self.start - best.min_notice)
        if best.cancel.deposit == "carry" and self.deposit:
            return (
                _("Until %(when)s (%(city)s time) you can cancel and keep the deposit as a credit.") % facts
            )
        return _("Until %(when)s (%(city)s time) you can cancel free of charge.") % facts

    def worst(self) -> str:
        """What not coming costs, where the line above has said what any cancel does."""
        missed = self.loss(self.terms.no_show)
        if missed and self.loss(self._ahead().cancel):
            return _("Not coming costs %(missed)s.") % {"missed": self.money(missed)}
        return super().worst()

    def _ahead(self) -> Window:
        return self.terms.windows[best_ahead(self.terms, self.notice, of_cancel)]

    def _to_the_start(self, best: Window) -> str:
        if best.cancel.deposit == "carry" and self.deposit:
            return _("Until the start you can cancel and keep the deposit as a credit.")
        return _("Until the start you can cancel free of charge.")

    def _over(self, best: Window) -> str:
        """The kinder windows are past: what it costs, and what stays free for a while after booking."""
        facts = {"loss": self.money(self.loss(best.cancel)), "regret": formats.length(self.terms.regret)}
        if not self.terms.regret:
            return _("The start is near: cancelling costs %(loss)s.") % facts
        return (
            _(
                "The start is near: cancelling costs %(loss)s, but nothing within %(regret)s of the confirmation "
                "and before the start."
            )
            % facts
        )

    def _moment(self, when: datetime) -> dict[str, str]:
        return {"when": formats.moment(when, self.zone), "city": formats.zone_city(self.zone)}
