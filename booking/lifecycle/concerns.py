"""What a pattern suggests becomes a task of the provider's, whose answer is kept (A12, A19).

A pattern never punishes by itself: nothing here changes an appointment, a price or what may be booked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking import records
from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed, each
from booking.models import Client, Concern, Lapse, Provider
from policies.rules import patterns

DECISIONS = {
    patterns.SLIPPING: ("asked", "leave"),
    patterns.CHRONIC: ("prepay", "approve", "leave"),
    patterns.GONE_QUIET: ("let_go", "leave"),
}

CAUSES = ("convenience", "availability", "expectations", "cost", "illness", "other")


def notice(*, lapse: Lapse, at: datetime) -> None:
    """A lapse happened: what its client's record suggests now is raised, and silence is looked for later."""
    client = lapse.client
    found = patterns.pattern(
        records.of_client(client_id=client.pk), at=at, last_answer_at=client.last_answer_at
    )
    if found in (patterns.SLIPPING, patterns.CHRONIC):
        _raise(client, found, state=Concern.State.OPEN, due_at=at, at=at)
    if lapse.kind == "no_show":
        later = at + patterns.QUIET_AFTER
        _raise(client, patterns.GONE_QUIET, state=Concern.State.WAITING, due_at=later, at=at)


def _raise(client: Client, pattern: str, *, state: str, due_at: datetime, at: datetime) -> None:
    """Once as long as it is open."""
    one = Concern(client=client, pattern=pattern, state=state, due_at=due_at, raised_at=at)
    Concern.objects.bulk_create([one], ignore_conflicts=True)


def raise_concerns(*, at: datetime) -> int:
    """Sweep: two weeks after a missed appointment, who has still not said a word? Returns how many."""
    due = Concern.objects.due(at=at).select_related("client").order_by("due_at")
    return each(due, lambda concern: look_again(concern, at=at))


@transaction.atomic
def look_again(concern: Concern, *, at: datetime) -> bool:
    """Whether the pattern still holds; then it is the provider's to decide."""
    Provider.objects.locked().get(pk=concern.client.provider_id)
    concern = Concern.objects.select_related("client").get(pk=concern.pk)
    client = concern.client
    ended = records.of_client(client_id=client.pk)
    holds = patterns.pattern(ended, at=at, last_answer_at=client.last_answer_at) == concern.pattern
    state = Concern.State.OPEN if holds and not client.erased_at else Concern.State.DROPPED
    changed = Concern.objects.due(at=at).filter(pk=concern.pk).update(state=state, raised_at=at)
    return bool(changed) and state == Concern.State.OPEN


@transaction.atomic
def decide_concern(
    *, concern: Concern, decision: str, by: Actor, at: datetime, reason: str = "", note: str = ""
) -> Concern:
    """The provider's answer, with the root cause that the client gave, where they gave one."""
    locked = Concern.objects.select_for_update().get(pk=concern.pk)
    if locked.state != Concern.State.OPEN:
        raise NotAllowed("is_decided", _("This was answered already."))
    if decision not in DECISIONS[locked.pattern]:
        raise NotAllowed("unknown_decision", _("Please choose one of the answers."))
    locked.state, locked.decision, locked.reason, locked.note = (
        Concern.State.DECIDED,
        decision,
        reason,
        note,
    )
    locked.decided_at, locked.user = at, by.user
    locked.save(update_fields=["state", "decision", "reason", "note", "decided_at", "user"])
    return locked
