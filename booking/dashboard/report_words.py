"""What a report says, in sentences that a freelancer understands."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.insights import ENOUGH, Counts, Money, Reminding, Report, Span
from booking.telling.spoken import EXCEPTION_REASONS, said
from config import formats

RETURNED: dict[str, str | Promise] = {
    "cancel": gettext_lazy("Cancelled"),
    "move": gettext_lazy("Moved"),
    "excused": gettext_lazy("Excused"),
    "staff": gettext_lazy("Given back by hand"),
    "paid_too_late": gettext_lazy("Paid too late"),
    "credit_ended": gettext_lazy("Credit not used"),
    "elsewhere": gettext_lazy("Refunded at the payment service"),
    "refund_failed": gettext_lazy("A refund failed"),
    "undone": gettext_lazy("They did come"),
}


def percent(part: int, whole: int) -> str:
    """Rounded, but 100% is only all and 0% only none."""
    rounded = (200 * part + whole) // (2 * whole)
    if rounded == 100 and part < whole:
        rounded = 99
    if rounded == 0 and part:
        rounded = 1
    return formats.percent(rounded)


def rate(counts: Counts) -> str:
    return percent(counts.kept, counts.due) if counts.due else "–"


def days(span: Span) -> str:
    facts = {"first": formats.short_day(span.first), "last": formats.short_day(span.last)}
    return facts["first"] if span.days == 1 else _("%(first)s to %(last)s") % facts


def headline(report: Report) -> str:
    total = report.attendance.total
    if not total.due:
        return _("No appointment was due in this time yet.")
    return _kept(total)


def _kept(counts: Counts) -> str:
    return ngettext(
        "%(kept)s of %(due)s appointment was kept.",
        "%(kept)s of %(due)s appointments were kept.",
        counts.due,
    ) % {"kept": counts.kept, "due": counts.due}


def compared(report: Report) -> str:
    """The time before, beside it."""
    before, now = report.before, report.attendance.total
    facts = {"days": days(report.span.before), "kept": before.kept, "due": before.due}
    if not before.due:
        return (
            _("There is nothing to compare it with: in the time before, %(days)s, nothing was due.") % facts
        )
    if not now.due:
        return _("In the time before, %(days)s, it was %(kept)s of %(due)s.") % facts
    change = round(100 * now.kept / now.due) - round(100 * before.kept / before.due)
    if change > 0:
        return _("Better than in the time before, %(days)s: then it was %(kept)s of %(due)s.") % facts
    if change < 0:
        return _("Less than in the time before, %(days)s: then it was %(kept)s of %(due)s.") % facts
    return _("As in the time before, %(days)s: then it was %(kept)s of %(due)s.") % facts


def facts(report: Report) -> list[str]:
    """One sentence for each way in which appointments ended that the cards do not show."""
    total = report.attendance.total
    sentences = [
        (
            total.excused,
            ngettext(
                "%(n)s more was missed or cancelled late, and excused: it counts for nothing here.",
                "%(n)s more were missed or cancelled late, and excused: they count for nothing here.",
                total.excused,
            ),
        ),
        (
            total.in_time,
            ngettext(
                "%(n)s was cancelled in time, so that you could give the time to somebody else.",
                "%(n)s were cancelled in time, so that you could give the time to somebody else.",
                total.in_time,
            ),
        ),
        (
            total.by_provider,
            ngettext("%(n)s was cancelled by you.", "%(n)s were cancelled by you.", total.by_provider),
        ),
        (
            total.open,
            ngettext(
                "%(n)s is still to come, or waits to be marked.",
                "%(n)s are still to come, or wait to be marked.",
                total.open,
            ),
        ),
    ]
    return [words % {"n": count} for count, words in sentences if count]


def cards(report: Report) -> list[dict[str, str]]:
    """The figures to be seen first."""
    total = report.attendance.total
    found = [
        {"figure": rate(total), "words": _("kept of those that were due")},
        {"figure": str(total.no_show), "words": _("missed")},
        {"figure": str(total.late_cancel), "words": _("cancelled late")},
    ]
    return found + [
        {"figure": formats.money(one.kept, one.currency), "words": _("of deposits kept by the terms")}
        for one in report.money
        if one.paid
    ]


def money(report: Report) -> list[dict[str, Any]]:
    """By currency: lines of (what, amount, is it a part of the one before)."""
    worth = report.attendance.worth
    known = {one.currency: one for one in report.money}
    return [
        {
            "currency": currency,
            "lines": _lines(known.get(currency) or Money(currency)),
            "worth": _worth(known.get(currency) or Money(currency), worth.get(currency, 0)),
        }
        for currency in sorted(known.keys() | worth.keys())
    ]


def _lines(one: Money) -> list[tuple[str, str, bool]]:
    found: list[tuple[str, int, bool]] = [
        (_("Paid ahead"), one.paid, False),
        (_("of it with a credit"), one.from_credit, True),
        (_("Counted towards the price"), one.applied, False),
        (_("Kept by the terms"), one.kept, False),
        (_("Returned"), one.returned, False),
        *((said(RETURNED, reason), amount, True) for reason, amount in sorted(one.returned_for.items())),
        (_("Carried to another time"), one.carried, False),
        (_("Still held"), one.held, False),
        (_("In dispute"), one.disputed, False),
        (_("Forgiven"), one.forgiven, False),
        *((said(EXCEPTION_REASONS, why), amount, True) for why, amount in sorted(one.forgiven_for.items())),
        (_("Fees asked"), one.fees_asked, False),
        (_("paid"), one.fees_paid, True),
        (_("waived"), one.fees_waived, True),
    ]
    always = (_("Paid ahead"), _("Kept by the terms"), _("Returned"), _("Forgiven"))
    return [
        (words, formats.money(amount, one.currency), part)
        for words, amount, part in found
        if amount or words in always
    ]


def _worth(one: Money, worth: int) -> str:
    if not worth:
        return ""
    return _(
        "What was missed or cancelled late had a price of %(worth)s. Deposits that you kept and fees that were paid "
        "make up for %(covered)s of it."
    ) % {
        "worth": formats.money(worth, one.currency),
        "covered": formats.money(min(worth, one.kept + one.fees_paid), one.currency),
    }


def reminders(report: Report) -> list[str]:
    """What can be said honestly: numbers only where there are enough, and never as a cause."""
    found = report.reminding
    if not found.reminded.booked:
        return [_("No reminder has gone out for these appointments yet.")]
    answers = _answers(found.said_yes, found.freed) if found.reminded.due >= ENOUGH else []
    no_cause = _(
        "This is no experiment: who had no reminder mostly booked at the last moment, and may have come or stayed "
        "away for other reasons."
    )
    return [_compared(found), *answers, no_cause]


def _compared(found: Reminding) -> str:
    """Those who were reminded beside those who were not, as far as there are enough of each."""
    reminded, others = found.reminded, found.not_reminded
    if found.enough:
        return _(
            "With a reminder %(rate)s were kept (%(kept)s of %(due)s), without one %(rate_without)s "
            "(%(kept_without)s of %(due_without)s)."
        ) % {
            "rate": rate(reminded),
            "kept": reminded.kept,
            "due": reminded.due,
            "rate_without": rate(others),
            "kept_without": others.kept,
            "due_without": others.due,
        }
    if reminded.due >= ENOUGH:
        return _(
            "With a reminder %(rate)s were kept (%(kept)s of %(due)s). Too few had none to compare it fairly."
        ) % {"rate": rate(reminded), "kept": reminded.kept, "due": reminded.due}
    return ngettext(
        "So far a reminder went before %(n)s appointment that was due. From %(enough)s on we compare; "
        "with fewer a single one would turn the picture around.",
        "So far a reminder went before %(n)s appointments that were due. From %(enough)s on we compare; "
        "with fewer a single one would turn the picture around.",
        reminded.due,
    ) % {"n": reminded.due, "enough": ENOUGH}


def _answers(yes: Counts, freed: int) -> list[str]:
    found = [
        ngettext(
            "After it %(n)s client said “I'll be there”.",
            "After it %(n)s clients said “I'll be there”.",
            yes.booked,
        )
        % {"n": yes.booked}
    ]
    if yes.due >= ENOUGH:
        found.append(
            _("Of these %(rate)s came (%(kept)s of %(due)s).")
            % {"rate": rate(yes), "kept": yes.kept, "due": yes.due}
        )
    if freed:
        found.append(
            ngettext(
                "%(n)s cancelled after it while there was still time.",
                "%(n)s cancelled after it while there was still time.",
                freed,
            )
            % {"n": freed}
        )
    return found
