"""The terms of a policy as people read and agree to them. `we` is the provider."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import formats
from policies.rules.terms import LONGEST_NOTICE_HOURS, Consequence, Window
from policies.rules.windows import best_ahead, index_for, of_cancel, severity
from policies.wording.consequences import Act, ConsequenceWords


class PolicyWords(ConsequenceWords):
    """The paragraphs of one policy, in the active language."""

    def paragraphs(self) -> list[str]:
        """All of it; a paragraph that does not apply is empty."""
        return [
            self.ahead(),
            self._regret(),
            *(self._window(index) for index in range(len(self.terms.windows))),
            self._counting(),
            self._carried(),
            self._no_show(),
            self._forgiven(),
            self._settled(),
            self._by_the_provider(),
        ]

    def rule(self, act: Act, notice: timedelta | None) -> str:
        """The one sentence that applies to this act at this notice."""
        if act == "no_show":
            return self.consequence(act, self.terms.no_show)
        index = index_for(self.terms, notice or timedelta(0))
        window = self.terms.windows[index]
        what = self.consequence("cancel", window.cancel) if act == "cancel" else self._move(window)
        return f"{self._when(index)} {what}"

    def ahead(self) -> str:
        """What is paid ahead, and what later."""
        if not self.price:
            return _("This appointment is free of charge.")
        if not self.deposit:
            return _("You pay nothing ahead. The price is %(price)s.") % {"price": self.money(self.price)}
        if self.deposit >= self.price:
            return _("You pay the whole price of %(price)s ahead, as a deposit.") % {
                "price": self.money(self.price)
            }
        return _(
            "You pay a deposit of %(deposit)s ahead. It counts towards the price of %(price)s; "
            "the remaining %(rest)s is due later."
        ) % {
            "deposit": self.money(self.deposit),
            "price": self.money(self.price),
            "rest": self.money(self.price - self.deposit),
        }

    def best(self) -> str:
        """Until when a cancel costs the least."""
        terms = self.terms
        best = terms.windows[best_ahead(terms, timedelta(hours=LONGEST_NOTICE_HOURS), of_cancel)]
        facts = {"notice": formats.length(best.min_notice), "loss": self.money(self.loss(best.cancel))}
        if self.loss(best.cancel):
            return _("Cancelling costs %(loss)s, however early.") % facts
        if best.cancel.deposit == "carry" and self.deposit:
            if best.min_notice:
                return (
                    _("Until %(notice)s before the start you can cancel and keep the deposit as a credit.")
                    % facts
                )
            return _("Until the start you can cancel and keep the deposit as a credit.")
        if best.min_notice:
            return _("Until %(notice)s before the start you can cancel free of charge.") % facts
        return _("Until the start you can cancel free of charge.")

    def worst(self) -> str:
        """What a cancel costs at the last minute, and what not coming costs."""
        late, missed = self.loss(self.terms.windows[-1].cancel), self.loss(self.terms.no_show)
        facts = {"late": self.money(late), "missed": self.money(missed)}
        if late and late == missed:
            return _("Cancelling at the last minute, or not coming, costs %(late)s.") % facts
        if late and missed:
            return _("Cancelling at the last minute costs %(late)s, not coming %(missed)s.") % facts
        if missed:
            return _("Not coming costs %(missed)s.") % facts
        if late:
            return _("Cancelling at the last minute costs %(late)s.") % facts
        return _("If you cannot come, it costs you nothing; please tell us in time.")

    def _regret(self) -> str:
        if not self.terms.regret:
            return ""
        text = _(
            "Changed your mind? Within %(regret)s of the confirmation, and before the start, "
            "a cancellation or a first move is free of charge."
        ) % {"regret": formats.length(self.terms.regret)}
        if not self.deposit:
            return text
        back = _(
            "Your deposit comes back in full or goes along; what you paid with a credit stays that credit, "
            "with its deadline."
        )
        return f"{text} {back}"

    def _window(self, index: int) -> str:
        window = self.terms.windows[index]
        lines = [
            self._when(index),
            f"- {self.consequence('cancel', window.cancel)}",
            f"- {self._move(window)}",
        ]
        return "\n".join(lines)

    def _when(self, index: int) -> str:
        windows = self.terms.windows
        this = formats.length(windows[index].min_notice)
        if len(windows) == 1:
            return _("At any time until the start:")
        if index == 0:
            return _("%(notice)s or more before the start:") % {"notice": this}
        longer = formats.length(windows[index - 1].min_notice)
        if index == len(windows) - 1:
            return _("Less than %(longer)s before the start:") % {"longer": longer}
        return _("Less than %(longer)s, but at least %(notice)s before the start:") % {
            "longer": longer,
            "notice": this,
        }

    def _move(self, window: Window) -> str:
        """What a move does here and, where that is not always so, what it costs otherwise."""
        beyond = self._beyond(window)
        if window.move.deposit != "carry":
            sentence = self.consequence("move", beyond)
        elif beyond.deposit == "refund" or (not self.deposit and not self.fee(beyond)):
            return self.consequence("move", beyond)
        else:
            sentence = f"{self._within()} {self._otherwise(beyond)}"
        if window.cancel.deposit == "carry" and self.deposit:
            cheaper = _(
                "Where a move would cost you the deposit, cancel instead and book anew with the credit."
            )
            return f"{sentence} {cheaper}"
        return sentence

    def _within(self) -> str:
        if self.deposit:
            return self.consequence("move", Consequence(deposit="carry"))
        return _("If you move to a time within the days named below, it costs you nothing.")

    def _otherwise(self, beyond: Consequence) -> str:
        loss = self.money(self.loss(beyond))
        if self.deposit:
            return _(
                "A move to any other time costs %(loss)s, and the new time asks for its own deposit."
            ) % {"loss": loss}
        return _("A move to any other time costs %(loss)s.") % {"loss": loss}

    def _beyond(self, window: Window) -> Consequence:
        """What a move does that the window does not let go along: what a cancel would, never more."""
        own, cancel = window.move, window.cancel
        if own.deposit == "refund" or cancel.deposit == "refund":
            return Consequence(deposit="refund")
        if cancel.deposit == "carry":
            return Consequence(deposit=self.terms.carry_unused)
        return min(own, cancel, key=severity) if own.deposit == "forfeit" else cancel

    def _counting(self) -> str:
        said = [_("After the start nothing can be cancelled or moved.")]
        if len(self.terms.windows) > 1:
            said = [
                _("What counts is the time left until the start; exactly on the line is in time."),
                _(
                    "A move does not give notice back: the shortest notice at which you moved or cancelled "
                    "counts from then on."
                ),
                *said,
            ]
        return " ".join(said)

    def _carried(self) -> str:
        terms = self.terms
        words = {
            terms.no_show.deposit,
            *(word for w in terms.windows for word in (w.cancel.deposit, w.move.deposit)),
        }
        if "carry" not in words or not (self.deposit or self._fee_beyond_days()):
            return ""
        said = [self._days(), self._moves()]
        if self.deposit:
            unused = {
                "forfeit": _("What is not used by then, we keep."),
                "refund": _("What is not used by then comes back to you."),
            }
            said.append(unused[terms.carry_unused])
        return " ".join(said)

    def _fee_beyond_days(self) -> bool:
        return any(w.move.deposit == "carry" and self.fee(self._beyond(w)) for w in self.terms.windows)

    def _days(self) -> str:
        days, city = self.terms.carry_days, formats.zone_city(self.zone)
        if not days:
            return _(
                "A deposit that is carried keeps its worth for a new time no later than the day of your original "
                "appointment (%(city)s time), however often you move; an earlier time is always fine."
            ) % {"city": city}
        return ngettext(
            "A deposit that is carried keeps its worth for a new time no later than %(days)s day after the day "
            "of your original appointment (whole days, %(city)s time), however often you move; an earlier time "
            "is always fine.",
            "A deposit that is carried keeps its worth for a new time no later than %(days)s days after the day "
            "of your original appointment (whole days, %(city)s time), however often you move; an earlier time "
            "is always fine.",
            days,
        ) % {"days": days, "city": city}

    def _moves(self) -> str:
        most = self.terms.max_moves
        if not most:
            return _("It cannot be carried along on a move.")
        return ngettext(
            "It can be carried along on %(count)s move.", "It can be carried along on %(count)s moves.", most
        ) % {"count": most}

    def _no_show(self) -> str:
        waits = _(
            "If you are not there, we try to reach you and wait %(grace)s from the start. Tell us if you are "
            "late: what we agree to is added."
        ) % {"grace": formats.length(self.terms.grace)}
        then = {
            "ask": _("After that we decide whether the appointment counts as missed."),
            "mark": _("After that the appointment counts as missed."),
        }[self.terms.auto_no_show]
        return f"{waits} {then} {self.consequence('no_show', self.terms.no_show)}"

    def _forgiven(self) -> str:
        count, months = self.terms.forgive_lapses, self.terms.forgive_months
        if not count:
            return ""
        span = ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
        return ngettext(
            "Once within %(span)s we forgive a late cancellation, a late move or a missed appointment without "
            "your asking: then you lose nothing by it.",
            "%(count)s times within %(span)s we forgive a late cancellation, a late move or a missed appointment "
            "without your asking: then you lose nothing by it.",
            count,
        ) % {"count": count, "span": span}

    def _settled(self) -> str:
        every = [self.terms.no_show, *(c for w in self.terms.windows for c in (w.cancel, w.move))]
        if not any(self.may_be_lost(consequence) for consequence in every):
            return ""
        if self.terms.settle_after:
            said = _(
                "Before we keep or charge anything, you have %(time)s to tell us what happened. Illness and "
                "emergencies happen to everyone: tell us, and we may make an exception."
            ) % {"time": formats.length(self.terms.settle_after)}
        else:
            said = _(
                "What is lost, we keep or charge at once. Illness and emergencies happen to everyone: tell us "
                "what happened, and we may make an exception and give it back."
            )
        if any(self.fee(consequence) > self.deposit for consequence in every):
            card = _(
                "What is still to be paid is charged to your saved card if you agreed to that, or else owed."
            )
            return f"{said} {card}"
        return said

    def _by_the_provider(self) -> str:
        proposal = _("If we propose another time, yours stands until you say yes.")
        if not self.deposit:
            return _("If we have to cancel, it costs you nothing.") + f" {proposal}"
        back = _(
            "If we have to cancel, your whole deposit comes back, whatever the notice, or stays yours as a "
            "credit without a deadline if you prefer."
        )
        return f"{back} {proposal}"
