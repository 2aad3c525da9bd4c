"""One catalogue of everything that is said by mail: kind, firm, exact (A6).

`write` makes a letter of a message, the facts handed to it and the instant. Facts are JSON: money is
``{"amount": 4000, "currency": "EUR"}``, instants are ISO 8601, ``offers`` is a list of up to three ISO
starts, free text is as typed. What is told once (``tell(facts=…)``) is kept with the message; what is
only true now comes from ``facts(appointment, kind, at)`` when it leaves. What was told wins over what is
true now. A fact in brackets may be left out, and then its sentence is.

Always, now: ``manage_url`` for whatever a client gets (never kept: it carries the token), and
(``holds``), which withdraws the message where it is false.

To the client:

=====================  ==================================================================================
confirmed              policy_text, paid, (due); now: (quote_text, free_until, terms_lines)
requested              (hold_expires_at)
pay_link               deposit, (tax_deposit: that in it), (pay_url), (hold_expires_at), (note of the provider),
                       (booked_by)
moved                  from_start, (by: "provider"), (refund, carry, forfeit, fee; carry is what follows to
                       the new time), (settles_at); now: (quote_text, free_until)
mode_changed           nothing more
move_asks_deposit      to_start, deposit, (tax_deposit), hold_expires_at, (pay_url)
cancelled              by, refund, carry, (carry_until), forfeit, fee, (tax_lost), (settles_at), (forgiven), (note of
                       the provider), offers, (cost_offer: name by language, slug)
declined               (note of the provider), offers, or (proposal, starts, expires_at)
expired                was_request, offers
reminder               now: quote_text, free_until, (terms_lines: the terms by the calendar), (has_note)
reminder_day           now: quote_text, free_until, (terms_lines: the terms by the calendar), (has_note)
reminder_hours         now: (has_note)
contact                waits_until
no_show                refund, carry, (carry_until), forfeit, fee, (tax_lost), (settles_at), (forgiven), policy_text,
                       offers
no_show_undone         nothing more
refund                 refund, (reason: a code of `money.WHY` or free text), (note of the provider),
                       (by_hand, reference: handed over, not sent)
refund_failed          refund
credited               credit, (reason), (offers)
excused                full, (refund), (credit), (fee_waived), (note of the provider), (offers)
terms_kept             forfeit, fee, (tax_lost: that in both), (settles_at), (note of the provider)
credit_ends            credit, carry_until, unused ("forfeit" or "refund"), (offers)
paid_too_late          refund, offers
late_accepted          minutes, (waits_until)
fee_owed               fee, (tax: that in it), (card, why)
balance_due            fee, (tax: that in it), (what)
card_charged           fee, card, receipt, (tax: that on it)
already_has_credit     credit, (carry_until), (credit_url)
proposal               proposal, starts, expires_at, standing, (note of the provider)
proposal_lapsed        standing, starts, (offers)
proposal_withdrawn     standing
note_shared            changed (said of before)
address_confirm        email (to which it goes), asked_at; about no appointment
address_changed        email (the old one, to which it goes); about no appointment
series_cancelled       dates (of, start, refund, carry, carry_until, forfeit, fee, forgiven), the sums, (settles_at)
series_confirmed       policy_text, price (of all), paid (for all); now: coming, as for my_links
confirm_booking        policy_text, hold_expires_at, count (of a series); now: yes_url
my_links               now: coming (start, zone, service, waits, url of each); about no single appointment
=====================  ==================================================================================

To the provider:

=====================  ==================================================================================
booked                 (paid)
series_booked          starts, price (of all), paid (for all)
series_cancelled       dates, sums, late, (reason, note)
approval_needed        (hold_expires_at)
moved                  from_start
mode_changed           nothing more
cancelled              by, late, (reason, note), refund, carry, (carry_until), forfeit, fee, (settles_at)
payment_failed         amount
is_client_there        (waits_until)
decision_no_show       (completes_at)
link_missing           nothing more
explained              (reason, note), (forfeit, fee), (settles_at)
late_asked             minutes
needs_help             (found: state by name, as {"camera": "denied"})
settled                (forfeit), (fee)
settlements_ahead      rows (appointment, name, cause, amount, due_at, explained), count, totals: of no single
                       appointment
refund_failed          refund, (failure)
proposal_lapsed        standing, starts
proposal_refused       standing, starts, (note)
daily                  told: a list of group (see `reminders.notices`), subject, url; about no appointment
mail_bounced           name, email, client (its uid), why, (complained); about no appointment
channel_failed         name, failure; about no appointment
channel_used_up        name, percent, cap; about no appointment
calendar_failed        name, since; about no appointment
webhook_off            host, since; about no appointment
account_ready          nothing more; about no appointment
account_stopped        gone; about no appointment
refund_asked           refund, who (asks), reason
dispute_opened         disputed, bank_reason, asks_only, (due_by), dispute (its uid)
dispute_closed         disputed, bank_reason, outcome (won, lost, closed), dispute (its uid)
=====================  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from reminders.models import Adapted, Message
from reminders.wording import (
    absence,
    addressing,
    bookings,
    delivering,
    looks,
    money,
    noting,
    placeholders,
    proposals,
    provider,
    reminding,
    safe,
    series,
)
from reminders.wording.case import Case
from reminders.wording.letter import Letter, Look, Prose, Terms, Words, there
from reminders.wording.shared import Catalogue, Draft

CATALOGUE: dict[str, Catalogue] = {
    Message.To.CLIENT: bookings.SAYS
    | reminding.SAYS
    | absence.SAYS
    | money.SAYS
    | proposals.SAYS
    | addressing.SAYS
    | noting.SAYS
    | series.SAYS,
    Message.To.PROVIDER: provider.SAYS | delivering.SAYS | proposals.TO_PROVIDER | series.TO_PROVIDER,
}

__all__ = ["CATALOGUE", "Letter", "letter", "write"]


def write(
    message: Message, *, facts: Mapping[str, Any], at: datetime, texts: Mapping[str, str] | None = None
) -> Letter:
    """The letter that ``message`` is at ``at``, in the active language, in the words that its provider
    wants for this kind; ``texts`` are those words where they are known already."""
    case = Case(message, facts, at)
    return letter(case, texts=_own_words(message) if texts is None else texts)


def letter(case: Case, *, texts: Mapping[str, str]) -> Letter:
    """The letter of a case, with the provider's ``texts`` in place of ours where it has some."""
    draft = CATALOGUE[case.message.to][case.message.kind](case)
    if texts:
        draft = placeholders.adapted(draft, texts, case)
    return Letter(
        subject=safe.line(draft.subject, longest=180),
        heading=draft.heading,
        preview=draft.preview or _first_words(draft),
        blocks=there(draft.blocks),
        sender=case.provider if case.to_client else "Kept",
        language=get_language() or "en",
        look=looks.of(case.message.provider) if case.to_client else Look(),
        foot=looks.foot(case.message.provider) if case.to_client else (),
    )


def _own_words(message: Message) -> dict[str, str]:
    if message.to != Message.To.CLIENT:
        return {}
    rows = Adapted.objects.in_force().filter(
        provider=message.provider_id, kind=message.kind, language=get_language() or "en"
    )
    found = rows.first()
    return found.texts if found else {}


def _first_words(draft: Draft) -> str:
    found = (block for block in draft.blocks[1:] if isinstance(block, Words | Prose | Terms) and block.text)
    first = next(found, None)
    return first.text.split("\n")[0] if first else ""
