"""Patterns as tasks: why, a message to adapt, and the provider's answer (A12, A19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking import lifecycle
from booking.dashboard.access import at_desk
from booking.dashboard.desk import Desk
from booking.dashboard.forms import CHOOSE, note_field
from booking.lifecycle.concerns import CAUSES, DECISIONS
from booking.models import Client, Concern
from booking.telling.spoken import CLIENT_REASONS, PATTERN_NAMES, SUGGESTIONS, said
from config import formats
from config.refusal import Refusal
from policies.rules import patterns

MOST = 10
LONGEST_SHOWN = 20
ANSWERS: dict[str, str | Promise] = {
    "asked": gettext_lazy("I asked what changed"),
    "prepay": gettext_lazy("I ask for the price ahead from now on"),
    "approve": gettext_lazy("I look at each booking first"),
    "let_go": gettext_lazy("I let go, kindly"),
    "leave": gettext_lazy("I leave it as it is"),
}


class ConcernForm(forms.Form):
    decision = forms.ChoiceField(label=gettext_lazy("What do you do?"))
    reason = forms.ChoiceField(label=gettext_lazy("What was it, if they said?"), required=False)
    note = note_field(gettext_lazy("Note"), gettext_lazy("Stays with you."))

    def __init__(self, typed: Any = None, *, concern: Concern) -> None:
        super().__init__(typed, auto_id=f"concern{concern.pk}_%s")
        decision, reason = self.fields["decision"], self.fields["reason"]
        assert isinstance(decision, forms.ChoiceField)
        assert isinstance(reason, forms.ChoiceField)
        decision.choices = [CHOOSE, *((name, ANSWERS[name]) for name in DECISIONS[concern.pattern])]
        reason.choices = [("", _("They did not say")), *((name, CLIENT_REASONS[name]) for name in CAUSES)]


@dataclass(frozen=True)
class Task:
    """One that is open: ``words`` are a message to adapt, in the client's language, ``mail`` opens it."""

    concern: Concern
    heading: str
    why: str
    words: str
    mail: str
    form: ConcernForm


@dataclass(frozen=True)
class Decided:
    when: str
    pattern: str
    answer: str
    reason: str
    note: str


def open_tasks(desk: Desk, *, client: Client | None = None) -> list[Task]:
    rows = desk.concerns.open().select_related("client").order_by("raised_at", "pk")
    rows = rows.filter(client=client) if client else rows
    return [_task(desk, one) for one in rows[:MOST]]


def decided(desk: Desk, client: Client) -> list[Decided]:
    """What was decided about a client, newest first."""
    rows = desk.concerns.filter(client=client, state="decided").order_by("-decided_at")
    return [
        Decided(
            when=formats.day(one.decided_at, desk.zone) if one.decided_at else "",
            pattern=said(PATTERN_NAMES, one.pattern),
            answer=said(ANSWERS, one.decision),
            reason=said(CLIENT_REASONS, one.reason) if one.reason else "",
            note=one.note,
        )
        for one in rows[:LONGEST_SHOWN]
    ]


def _task(desk: Desk, concern: Concern, form: ConcernForm | None = None) -> Task:
    client = concern.client
    with formats.speaking_to(client):
        words, subject = _words(desk, concern), _("About our appointments")
    address = quote(client.email, safe="@")
    return Task(
        concern=concern,
        heading=_("%(name)s: %(pattern)s")
        % {"name": client.name, "pattern": said(PATTERN_NAMES, concern.pattern)},
        why=said(SUGGESTIONS, patterns.suggestion(concern.pattern)),
        words=words,
        mail=f"mailto:{address}?subject={quote(subject)}&body={quote(words)}",
        form=form or ConcernForm(concern=concern),
    )


def _words(desk: Desk, concern: Concern) -> str:
    """Something to begin with: kind, plain, and without blame."""
    facts = {"name": concern.client.name, "who": desk.provider.name}
    said_by_pattern = {
        patterns.SLIPPING: _(
            "Hello %(name)s, it has been good to work with you, and lately some of our appointments did not "
            "happen. Has something changed: the way here, the time, what you expected, or the cost? Tell me, "
            "and we look for what fits. – %(who)s"
        ),
        patterns.CHRONIC: _(
            "Hello %(name)s, several of our appointments did not happen, and I could give those times to "
            "nobody else. From now on I would like to agree on each one beforehand. If something stands in "
            "the way, tell me. – %(who)s"
        ),
        patterns.GONE_QUIET: _(
            "Hello %(name)s, I have not heard from you since our last appointment, and I hope that you are "
            "well. I keep no time for you for now. If you would like to come again, write to me; you are "
            "welcome. – %(who)s"
        ),
    }
    return said_by_pattern[concern.pattern] % facts


@require_POST
@at_desk(may="act")
def decide(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Keep the answer to one, and go back to where it was given."""
    concern = get_object_or_404(desk.concerns.select_related("client"), uid=uid)
    form = ConcernForm(request.POST, concern=concern)
    back = reverse("desk_client", args=[concern.client.uid])
    if not form.is_valid():
        messages.error(request, _("Please choose one of the answers."))
        return HttpResponseRedirect(back)
    try:
        lifecycle.decide_concern(concern=concern, by=desk.by, at=desk.at, **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
        return HttpResponseRedirect(back)
    messages.success(request, _("Your answer is kept with the client."))
    then = reverse("dashboard") if request.POST.get("then") == "today" else back
    return HttpResponseRedirect(then)
