"""Answers about health (GDPR, article 9): asked only with an explicit consent, which is recorded word for word and
can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from booking.models import Provider, Service

Question = Mapping[str, Any]


def asked(questions: Iterable[Question]) -> list[str]:
    """The ids of those that ask about health."""
    return [question["id"] for question in questions if question.get("health")]


def answered(answers: Mapping[str, Any], questions: Iterable[Question]) -> bool:
    """Whether one of them has an answer. A *no* is one: it speaks of health as a *yes* does."""
    return any(answers.get(one) not in (None, "") for one in asked(questions))


def is_asked_by(provider: Provider) -> bool:
    found = Service.objects.filter(provider=provider, hidden=False).values_list("questions", flat=True)
    return any(asked(questions) for questions in found)


def words(provider: Provider, *, language: str) -> str:
    """What is agreed to, exactly as it is shown and recorded."""
    with override(language):
        return _(
            "I agree that %(provider)s keeps and uses my answers about my health to prepare and hold this "
            "appointment, and for nothing else. I can take this back at any time on the page of my appointment; "
            "the answers are then erased."
        ) % {"provider": provider.name}
