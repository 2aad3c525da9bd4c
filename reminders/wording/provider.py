"""What a provider hears. Short: the dashboard says the rest."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Mode
from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import Link, Links, Row, Rows, Words
from reminders.wording.shared import Catalogue, Draft, client_reason, last_day, subject_day


def booked(case: Case) -> Draft:
    return Draft(
        subject=_("Booked: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("A new appointment"),
        preview=case.service,
        blocks=[_rows(case), _paid(case), _answers(case), _open(case)],
    )


def approval_needed(case: Case) -> Draft:
    until = case.moment(case.instant("hold_expires_at") or case.appointment.hold_expires_at)
    return Draft(
        subject=_("To decide: {name} asks for {when}").format(name=case.client, when=subject_day(case)),
        heading=_("{name} asks for an appointment").format(name=case.client),
        preview=_("Answer until {moment}.").format(moment=until),
        blocks=[
            _rows(case),
            _answers(case),
            Words(
                _("The time is kept until {moment}. Without your answer the request ends by itself.").format(
                    moment=until
                )
            ),
            _open(case, _("Approve or decline")),
        ],
    )


def moved(case: Case) -> Draft:
    return Draft(
        subject=_("Moved: {name}, now {when}").format(name=case.client, when=subject_day(case)),
        heading=_("An appointment has moved"),
        preview=_("Now: {when}").format(when=subject_day(case)),
        blocks=[
            _rows(case),
            Rows([Row(_("Before"), case.moment(case.instant("from_start")))])
            if case.facts.get("from_start")
            else None,
            _open(case),
        ],
    )


def mode_changed(case: Case) -> Draft:
    return Draft(
        subject=_("{how} now: {name}, {when}").format(
            how=_how(case), name=case.client, when=subject_day(case)
        ),
        heading=_("{name} comes another way").format(name=case.client),
        preview=_how(case),
        blocks=[_rows(case), _open(case)],
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
            _rows(case),
            client_reason(case) if by_client else None,
            _money_rows(case),
            _settles(case),
            _open(case),
        ],
    )


def payment_failed(case: Case) -> Draft:
    amount = case.money("amount") or case.price(case.appointment.deposit_amount)
    return Draft(
        subject=_("Payment failed: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("The payment of {name} did not go through").format(name=case.client),
        preview=amount,
        blocks=[
            _rows(case),
            Rows([Row(_("Deposit"), amount)]),
            Words(_("The client can try again until the hold ends. You need not do anything.")),
            _open(case),
        ],
    )


def is_client_there(case: Case) -> Draft:
    until = case.clock(case.instant("waits_until"))
    return Draft(
        subject=_("Is {name} there?").format(name=case.client),
        heading=_("Is {name} there?").format(name=case.client),
        preview=_("One click for yes or no."),
        blocks=[
            _rows(case),
            Words(
                _("You wait until {time}. If nobody came, we can write to {name} for you.").format(
                    time=until, name=case.client
                )
            )
            if until
            else None,
            _open(case, _("Say yes or no")),
        ],
    )


def decision_no_show(case: Case) -> Draft:
    until = case.moment(case.instant("completes_at"))
    return Draft(
        subject=_("To decide: did {name} come?").format(name=case.client),
        heading=_("Did {name} come?").format(name=case.client),
        preview=_("The time to wait is over."),
        blocks=[
            _rows(case),
            Words(_("The time to wait is over and we have not seen {name}.").format(name=case.client)),
            Words(_("Without your answer it counts as kept from {moment}.").format(moment=until))
            if until
            else Words(_("Without your answer it counts as kept.")),
            _open(case, _("Decide")),
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
            _rows(case),
            _open(case),
        ],
    )


def explained(case: Case) -> Draft:
    return Draft(
        subject=_("To decide: {name} explains").format(name=case.client),
        heading=_("{name} tells what happened").format(name=case.client),
        preview=case.typed("note").split("\n")[0],
        blocks=[
            client_reason(case),
            _rows(case),
            _money_rows(case),
            _settles(case),
            _open(case, _("Excuse it, or keep the terms")),
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
            _rows(case),
            Words(
                _("If you accept it, you wait that much longer. Otherwise the time to wait stays as agreed.")
            ),
            _open(case, _("Answer")),
        ],
    )


def settled(case: Case) -> Draft:
    return Draft(
        subject=_("Settled: {name}, {when}").format(name=case.client, when=subject_day(case)),
        heading=_("The terms have been applied"),
        preview=_("The time to explain is over."),
        blocks=[
            Words(_("The time to explain is over, and the agreed terms apply.")),
            _rows(case),
            _money_rows(case),
            _open(case),
        ],
    )


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
            _rows(case),
            _open(case),
        ],
    )


# --- Parts ---


def _rows(case: Case) -> Rows:
    client = case.appointment.client
    reach = [safe.line(one) for one in (client.email, client.phone) if one]
    return Rows(
        [
            Row(_("Who"), case.client, reach),
            Row(_("What"), case.service),
            case.when_row(),
            Row(_("How"), _how(case)),
        ]
    )


def _how(case: Case) -> str:
    ways = {Mode.IN_PERSON: _("In person"), Mode.VIDEO: _("Video call"), Mode.PHONE: _("Phone call")}
    return ways[Mode(case.appointment.mode)]


def _paid(case: Case) -> Rows | None:
    return Rows([Row(_("Deposit paid"), case.money("paid"))]) if case.amount("paid") else None


def _answers(case: Case) -> Rows:
    """What the client answered to the service's questions."""
    rows = []
    for question in case.appointment.service.questions:
        answer = case.appointment.answers.get(question.get("id"))
        if answer not in (None, ""):
            label = safe.line(case.local(question.get("label")))
            first, *more = safe.typed_lines(_in_words(answer)).split("\n")
            rows.append(Row(label, first, more))
    return Rows(rows)


def _in_words(answer: object) -> str:
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _money_rows(case: Case) -> Rows:
    carry = case.money("carry")
    if carry and (day := last_day(case, "carry_until")):
        carry = _("{amount}, for a start on or before {day}").format(amount=carry, day=day)
    shown = [
        (_("Goes back to the client"), case.money("refund")),
        (_("Stays as the client's credit"), carry),
        (_("You keep"), case.money("forfeit")),
        (_("Fee owed to you"), case.money("fee")),
    ]
    return Rows([Row(label, amount) for label, amount in shown if amount])


def _settles(case: Case) -> Words | None:
    due = case.instant("settles_at")
    if not due:
        return None
    return Words(
        _("It becomes final on {moment}. Until then you can excuse it.").format(moment=case.moment(due))
    )


def _open(case: Case, label: str = "") -> Links:
    return Links([Link(label or _("Open the appointment"), case.dashboard_url, main=True)])


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
    "settled": settled,
    "refund_failed": refund_failed,
}
