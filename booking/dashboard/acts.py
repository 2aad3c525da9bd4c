"""The acts of the desk: a form, one call down, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking import lifecycle
from booking.dashboard.desk import Desk
from booking.dashboard.forms import ActForm, CancelForm, ExcuseForm, KeepForm, ReachForm
from booking.dashboard.proposing import DeclineWithTimesForm, ProposeForm, UrgentForm
from booking.models import Appointment


@dataclass(frozen=True)
class Act:
    """``name`` is that of `lifecycle.allowed`; ``grave`` is one that is hard to take back."""

    name: str
    label: str | Promise
    story: Callable[..., object]
    done: str | Promise
    form: type[ActForm] = ActForm
    grave: bool = False

    def do(self, *, desk: Desk, appointment: Appointment, said: dict[str, Any]) -> None:
        self.story(appointment=appointment, by=desk.by, at=desk.at, **said)


# In the order in which a page offers them.
ACTS: dict[str, Act] = {
    act.name: act
    for act in (
        Act("approve", _("Say yes"), lifecycle.approve, _("Approved. The client hears of it now.")),
        Act("accept_late", _("I can wait"), lifecycle.accept_late, _("You wait, and the client is told.")),
        Act("helped", _("I helped"), lifecycle.helped, _("Noted: they have had help.")),
        Act("arrive", _("They are here"), lifecycle.arrive, _("Noted: they are here.")),
        Act(
            "undo_arrive",
            _("Not here after all"),
            lifecycle.undo_arrive,
            _("Taken back: nobody was seen yet."),
        ),
        Act(
            "complete", _("It was kept"), lifecycle.complete, _("Kept, and the deposit is part of the price.")
        ),
        Act("contact", _("Write to them"), lifecycle.contact, _("The mail is on its way.")),
        # Offered beside the ways to reach a client, never in the list of acts.
        Act(
            "reached_out",
            _("Note it"),
            lifecycle.reached_out,
            _("Noted: it is on the timeline."),
            ReachForm,
        ),
        Act(
            "keep_terms",
            _("The terms stay"),
            lifecycle.keep_terms,
            _("Answered: the terms stay. The client gets a kind mail."),
            KeepForm,
        ),
        Act("excuse", _("Excuse it"), lifecycle.excuse, _("Excused. The client gets a mail."), ExcuseForm),
        Act("undo_no_show", _("They did come"), lifecycle.undo_no_show, _("The mark is taken back.")),
        Act(
            "propose",
            _("Propose other times"),
            lifecycle.propose,
            _("Proposed. The times are kept while the client decides."),
            ProposeForm,
        ),
        Act(
            "withdraw_proposal",
            _("Take the proposal back"),
            lifecycle.withdraw_proposal,
            _("Taken back. The times are free, and the client is told."),
        ),
        Act("urgent", _("Mark as urgent"), lifecycle.mark_urgent, _("Marked as urgent."), UrgentForm),
        Act("not_urgent", _("It is not urgent"), lifecycle.not_urgent, _("No longer marked as urgent.")),
        Act(
            "no_show",
            _("Mark as missed"),
            lifecycle.mark_no_show,
            _("Marked as missed. The money waits, so that you can still excuse it."),
            grave=True,
        ),
        Act(
            "decline",
            _("Say no, kindly"),
            lifecycle.decline,
            _("Declined, with other times."),
            DeclineWithTimesForm,
            grave=True,
        ),
        Act(
            "cancel",
            _("Cancel the appointment"),
            lifecycle.cancel,
            _("Cancelled. The client gets your note and three new times."),
            CancelForm,
            grave=True,
        ),
    )
}
