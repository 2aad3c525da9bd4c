"""The terms in the provider's words: what each may be, and what changed from one version to the next."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import formats
from policies.rules.terms import Consequence, DepositTerms, Terms, Window

Words = dict[str, str | Promise]

CANCEL: Words = {
    "refund": gettext_lazy("The deposit comes back"),
    "carry": gettext_lazy("The deposit is kept as a credit"),
    "forfeit": gettext_lazy("The deposit is lost"),
}
MOVE: Words = {
    "refund": gettext_lazy("The deposit goes along, to any date"),
    "carry": gettext_lazy("The deposit goes along, within the days below"),
    "forfeit": gettext_lazy("The deposit is lost"),
}
UNUSED: Words = {"forfeit": gettext_lazy("You keep it"), "refund": gettext_lazy("It goes back")}
AFTER_GRACE: Words = {
    "ask": gettext_lazy("You are asked"),
    "mark": gettext_lazy("It is marked as missed by itself"),
}
DEPOSITS: Words = {
    "none": gettext_lazy("No deposit"),
    "percent": gettext_lazy("A part of the price"),
    "fixed": gettext_lazy("A fixed amount"),
    "hours": gettext_lazy("Hours of your rate"),
}


class Difference(NamedTuple):
    """``before`` or ``after`` is empty where it was not there, or is no longer."""

    what: str
    before: str
    after: str


def differences(old: Terms, new: Terms, *, currency: str) -> list[Difference]:
    before, after = facts(old, currency), facts(new, currency)
    return [
        Difference(what, before.get(what, ""), after.get(what, ""))
        for what in [*after, *(one for one in before if one not in after)]
        if before.get(what, "") != after.get(what, "")
    ]


def facts(terms: Terms, currency: str) -> dict[str, str]:
    """Every term by what it is about, in words."""
    count = terms.forgive_lapses
    span = ngettext("%(count)s month", "%(count)s months", terms.forgive_months) % {
        "count": terms.forgive_months
    }
    forgiven = ngettext("%(n)s time in %(span)s", "%(n)s times in %(span)s", count) % {
        "n": count,
        "span": span,
    }
    return {
        _("Deposit"): deposit(terms.deposit, currency),
        **{when(window): _change(window) for window in terms.windows},
        _("Days that a carried deposit keeps its worth"): str(terms.carry_days),
        _("A credit that is not used"): str(UNUSED[terms.carry_unused]),
        _("Moves that one deposit may follow"): str(terms.max_moves),
        _("Time to change one's mind"): formats.length(terms.regret),
        _("How long you wait"): formats.length(terms.grace),
        _("Not coming"): consequence(terms.no_show, CANCEL),
        _("When nobody said anything by then"): str(AFTER_GRACE[terms.auto_no_show]),
        _("Time to explain"): formats.length(terms.settle_after),
        _("Forgiven without being asked"): forgiven if count else _("never"),
    }


def deposit(asked: DepositTerms, currency: str) -> str:
    if asked.kind == "percent":
        return _("%(percent)s of the price") % {"percent": formats.percent(asked.value)}
    if asked.kind == "fixed":
        return formats.money(int(asked.value), currency)
    if asked.kind == "hours":
        return _("%(hours)s h of your rate") % {"hours": f"{asked.value.normalize():f}"}
    return str(DEPOSITS["none"])


def when(window: Window) -> str:
    """A window by its notice."""
    if not window.min_notice:
        return _("Up to the start")
    return _("%(notice)s or more before the start") % {"notice": formats.length(window.min_notice)}


def _change(window: Window) -> str:
    return _("Cancelling: %(cancel)s. Moving: %(move)s.") % {
        "cancel": consequence(window.cancel, CANCEL),
        "move": consequence(window.move, MOVE),
    }


def consequence(found: Consequence, words: Words) -> str:
    said = str(words[found.deposit])
    if not found.fee_percent:
        return said
    fee = _("a fee of %(percent)s of the price") % {"percent": formats.percent(found.fee_percent)}
    return f"{said}, {fee}"
