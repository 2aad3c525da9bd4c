"""What a provider hears. Short: the dashboard says the rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from config import formats
from reminders.wording import safe
from reminders.wording.case import Case, parsed
from reminders.wording.desk import answers, becomes_final, money_rows, open_it, paid, person_rows
from reminders.wording.disputes import dispute_closed, dispute_opened, refund_asked
from reminders.wording.letter import Link, Links, Note, Row, Rows, Words
from reminders.wording.shared import Catalogue, Draft, client_reason, how, subject_day


def booked(case: Case) -> Draft:
    return Draft(
        subject=_("Booked: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("A new appointment"),
        preview=case.service,
        blocks=[person_rows(case), paid(case), answers(case), open_it(case)],
    )


def approval_needed(case: Case) -> Draft:
    until = case.moment(case.instant("hold_expires_at") or case.appointment.hold_expires_at)
    return Draft(
        subject=_("To decide: {name} asks for {when}").format(name=case.client, when=subject_day(case)),
        heading=_("{name} asks for an appointment").format(name=case.client),
        preview=_("Answer until {moment}.").format(moment=until),
        blocks=[
            person_rows(case),
            answers(case),
            Words(
                _("The time is kept until {moment}. Without your answer the request ends by itself.").format(
                    moment=until
                )
            ),
            open_it(case, _("Approve or decline")),
        ],
    )


def moved(case: Case) -> Draft:
    return Draft(
        subject=_("Moved: {name}, now {when}").format(name=case.client, when=subject_day(case)),
        heading=_("An appointment has moved"),
        preview=_("Now: {when}").format(when=subject_day(case)),
        blocks=[
            person_rows(case),
            Rows([Row(_("Before"), case.moment(case.instant("from_start")))])
            if case.facts.get("from_start")
            else None,
            open_it(case),
        ],
    )


def mode_changed(case: Case) -> Draft:
    return Draft(
        subject=_("{how} now: {name}, {when}").format(
            how=how(case), name=case.client, when=subject_day(case)
        ),
        heading=_("{name} comes another way").format(name=case.client),
        preview=how(case),
        blocks=[person_rows(case), open_it(case)],
    )


def cancelled(case: Case) -> Draft:
    late = bool(case.facts.get("late"))
    by_client = case.facts.get("by") == "client"
    heading = _("{name} has cancelled late") if late else _("{name} has cancelled")
    if not by_client:
        heading = _("Cancelled: {name}")
    return Draft(
        subject=_("Cancelled: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=heading.format(name=case.client),
        preview=_("The time is free again."),
        blocks=[
            person_rows(case),
            client_reason(case) if by_client else None,
            money_rows(case),
            becomes_final(case),
            open_it(case),
        ],
    )


def payment_failed(case: Case) -> Draft:
    amount = case.money("amount") or case.price(case.appointment.deposit_amount)
    return Draft(
        subject=_("Payment failed: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("The payment of {name} did not go through").format(name=case.client),
        preview=amount,
        blocks=[
            person_rows(case),
            Rows([Row(_("Deposit"), amount)]),
            Words(_("The client can try again until the hold ends. You need not do anything.")),
            open_it(case),
        ],
    )


def is_client_there(case: Case) -> Draft:
    until = case.clock(case.instant("waits_until"))
    return Draft(
        subject=_("Is {name} there?").format(name=case.client),
        heading=_("Is {name} there?").format(name=case.client),
        preview=_("One click for yes or no."),
        blocks=[
            person_rows(case),
            Words(
                _("You wait until {time}. If nobody came, we can write to {name} for you.").format(
                    time=until, name=case.client
                )
            )
            if until
            else None,
            open_it(case, _("Say yes or no")),
        ],
    )


def decision_no_show(case: Case) -> Draft:
    until = case.moment(case.instant("completes_at"))
    return Draft(
        subject=_("To decide: did {name} come?").format(name=case.client),
        heading=_("Did {name} come?").format(name=case.client),
        preview=_("The time to wait is over."),
        blocks=[
            person_rows(case),
            Words(_("The time to wait is over and we have not seen {name}.").format(name=case.client)),
            Words(_("Without your answer it counts as kept from {moment}.").format(moment=until))
            if until
            else Words(_("Without your answer it counts as kept.")),
            open_it(case, _("Decide")),
        ],
    )


def link_missing(case: Case) -> Draft:
    return Draft(
        subject=_("Your meeting link is missing: {name}, {when}").format(
            name=case.client, when=subject_day(case)
        ),
        heading=_("Where does the video call take place?"),
        preview=_("The client's reminder has no link yet."),
        blocks=[
            Words(
                _(
                    "Your profile has no link for video calls, so the reminder to {name} cannot carry one."
                ).format(name=case.client)
            ),
            Words(
                _("Add it to your profile, or send it to {email} yourself.").format(
                    email=safe.line(case.appointment.client.email)
                )
            ),
            person_rows(case),
            open_it(case),
        ],
    )


def explained(case: Case) -> Draft:
    return Draft(
        subject=_("To decide: {name} explains").format(name=case.client),
        heading=_("{name} tells what happened").format(name=case.client),
        preview=case.typed("note").split("\n")[0],
        blocks=[
            client_reason(case),
            person_rows(case),
            money_rows(case),
            becomes_final(case),
            open_it(case, _("Excuse it, or keep the terms")),
        ],
    )


def late_asked(case: Case) -> Draft:
    minutes = int(case.facts.get("minutes") or 0)
    said = ngettext("{name} is {minutes} minute late", "{name} is {minutes} minutes late", minutes)
    return Draft(
        subject=said.format(name=case.client, minutes=minutes),
        heading=said.format(name=case.client, minutes=minutes),
        preview=_("Will you wait?"),
        blocks=[
            person_rows(case),
            Words(
                _("If you accept it, you wait that much longer. Otherwise the time to wait stays as agreed.")
            ),
            open_it(case, pgettext("a button", "Answer")),
        ],
    )


TRIED = {
    "camera": gettext_lazy("Camera"),
    "microphone": gettext_lazy("Microphone"),
    "speaker": gettext_lazy("Sound"),
    "connection": gettext_lazy("Connection"),
}
SEEN = {
    "ok": gettext_lazy("works"),
    "denied": gettext_lazy("not allowed in the browser"),
    "missing": gettext_lazy("none found"),
    "busy": gettext_lazy("another program has it"),
    "silent": gettext_lazy("nothing heard"),
    "slow": gettext_lazy("slow"),
    "failed": gettext_lazy("no answer"),
}


def needs_help(case: Case) -> Draft:
    """Ahead of the call, while there is time: what the browser saw, and how to reach the client."""
    said = case.facts.get("found") or {}
    found = [Row(str(name), str(SEEN[said[key]])) for key, name in TRIED.items() if said.get(key) in SEEN]
    return Draft(
        subject=_("{name} needs help with the call, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("{name} needs help with the call").format(name=case.client),
        preview=_("The test before the video call did not work."),
        blocks=[
            Words(_("The test before the video call did not work. A word or a phone call will do.")),
            person_rows(case),
            Rows(found),
            open_it(case),
        ],
    )


def settled(case: Case) -> Draft:
    return Draft(
        subject=_("Settled: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("The terms have been applied"),
        preview=_("The time to explain is over."),
        blocks=[
            Words(_("The time to explain is over, and the agreed terms apply.")),
            person_rows(case),
            money_rows(case),
            open_it(case),
        ],
    )


def settlements_ahead(case: Case) -> Draft:
    """The day's list, before anything happens: who, how much, when."""
    count = int(case.facts.get("count") or 0)
    total = ", ".join(_amount(one) for one in case.facts.get("totals") or [])
    lines = [_ahead(case, one) for one in case.facts.get("rows") or []]
    return Draft(
        subject=ngettext(
            "Settled by tomorrow morning: {count} case, {total}",
            "Settled by tomorrow morning: {count} cases, {total}",
            count,
        ).format(count=count, total=total),
        heading=_("What will be settled by tomorrow morning"),
        preview=_("Until then you can excuse it."),
        blocks=[
            Words(
                _(
                    "The time to explain ends for these. You need do nothing; until then you can excuse each, "
                    "in whole or in part. Things happen to everyone."
                )
            ),
            Rows(lines),
            Note(_("There are more; the page has them all.")) if count > len(lines) else None,
            Links(
                [Link(_("See them and decide"), f"{settings.BASE_URL}/dashboard/money/settlements/", True)]
            ),
        ],
    )


def _ahead(case: Case, said: dict[str, Any]) -> Row:
    causes = {"cancel": _("Cancelled late"), "move": _("Moved late"), "no_show": _("Missed")}
    more = [
        causes.get(said["cause"], ""),
        _("On {moment}").format(moment=case.moment(parsed(said["due_at"]))),
    ]
    if said.get("explained"):
        more.append(_("There is an explanation that waits for your answer."))
    address = f"{settings.BASE_URL}/dashboard/appointments/{said['appointment']}/"
    return Row(safe.line(said["name"]), _amount(said["amount"]), [one for one in more if one], address)


def _amount(said: dict[str, Any]) -> str:
    return formats.money(said["amount"], said["currency"])


def refund_failed(case: Case) -> Draft:
    amount = case.money("refund")
    rows = [Row(_("Amount"), amount)]
    if case.facts.get("failure"):
        rows.append(Row(_("What the bank says"), safe.line(case.facts["failure"])))
    return Draft(
        subject=_("Refund failed: {amount} to {name}").format(amount=amount, name=case.client),
        heading=_("A refund did not go through"),
        preview=_("The money is with you and has to reach {name} another way.").format(name=case.client),
        blocks=[
            Words(_("The money is with you and has to reach {name} another way.").format(name=case.client)),
            Rows(rows),
            person_rows(case),
            open_it(case),
        ],
    )


SAYS: Catalogue = {
    "booked": booked,
    "approval_needed": approval_needed,
    "moved": moved,
    "mode_changed": mode_changed,
    "cancelled": cancelled,
    "payment_failed": payment_failed,
    "is_client_there": is_client_there,
    "decision_no_show": decision_no_show,
    "link_missing": link_missing,
    "explained": explained,
    "late_asked": late_asked,
    "needs_help": needs_help,
    "settled": settled,
    "settlements_ahead": settlements_ahead,
    "refund_failed": refund_failed,
    "refund_asked": refund_asked,
    "dispute_opened": dispute_opened,
    "dispute_closed": dispute_closed,
}
