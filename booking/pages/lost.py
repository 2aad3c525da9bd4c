"""A time that was picked and cannot be had: said kindly, with others, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from booking import availability, free_starts
from booking.models import Service
from booking.pages import picker, repeating
from booking.pages.forms import moment_in
from config import formats
from config.refusal import Refusal
from payments import accounts
from policies.rules.wishes import Wishes

NOT_KEPT = (
    *("start", "csrfmiddlewaretoken", "seal", "agree", "save_card", "only_pick", "key"),
    *("proof", "proof_answer", "again"),
)


@dataclass(frozen=True)
class Lost:
    """The time that was picked cannot be had; ``others`` can."""

    heading: str
    words: str
    others: list[dict[str, str]] = field(default_factory=list)
    typed: list[tuple[str, str]] = field(default_factory=list)


def is_about_time(refusal: Refusal) -> bool:
    return isinstance(refusal, availability.SlotTaken | availability.NotBookable)


def others_near(
    problem: Refusal | None, service: Service, said: Mapping[str, Any], suits: Wishes, *, at: datetime
) -> list[datetime]:
    """The nearest times that can be had, what suits first: those of the refusal, or found now."""
    wanted = moment_in(said.get("start", ""))
    if problem is None or wanted is None or not is_about_time(problem):
        return []
    if "alternatives" in problem.facts:
        return [one for one in map(moment_in, problem.facts["alternatives"]) if one]
    return free_starts.near(service=service, start=wanted, at=at, wishes=suits)


def told(
    problem: Refusal | None, asked: picker.Asked, others: list[datetime], *, typed: Mapping[str, str]
) -> Lost | None:
    if problem is None:
        return None
    heading = _("Please look once more")
    if isinstance(problem, accounts.DepositsClosed):
        heading = _("Deposits cannot be taken just now")
    elif isinstance(problem, availability.SlotTaken):
        heading = _("This time has just been taken")
    elif isinstance(problem, availability.NotBookable):
        heading = _("This time cannot be booked")
    return Lost(
        heading=heading,
        words=problem.detail or "",
        others=[
            {
                "words": formats.moment(other, asked.clock),
                "start": picker.compact(other),
                "url": asked.url(start=picker.compact(other)),
            }
            for other in others
        ],
        typed=typed_of(typed),
    )


def all_of(typed: Mapping[str, Any], name: str) -> list[str]:
    """Every value of a field; boxes may have several."""
    if isinstance(typed, QueryDict):
        return [str(one) for one in typed.getlist(name)]
    return list(typed[name]) if isinstance(typed[name], list) else [typed[name]]


def kept(typed: Mapping[str, Any], name: str) -> Any:
    return all_of(typed, name) if name.startswith("wish_") else typed[name]


def typed_of(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was typed, to go along with another choice."""
    names = [name for name in said if name not in NOT_KEPT and not name.startswith(repeating.CHOICE)]
    return [(name, value) for name in names for value in all_of(said, name)]
