"""Answers about health (GDPR, article 9): asked only with an explicit consent, which is recorded word for word and
can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from booking.models import Provider, Service
from config.refusal import Refusal

Question = Mapping[str, Any]


class ConsentNeeded(Refusal):
    """There are answers about health, and no consent to keep them."""

    code = "consent_needed"
    status = 400


def needed() -> ConsentNeeded:
    return ConsentNeeded(str(NEEDED), errors={"consent": "required"})


# Said at the box on the page, and by the API at ``consent``.
NEEDED = gettext_lazy(
    "Please tick this too, or leave the answers about your health out: without your consent we may not keep them."
)


def asked(questions: Iterable[Question]) -> list[str]:
    """The ids of those that ask about health."""
    return [question["id"] for question in questions if question.get("health")]


def answered(answers: Mapping[str, Any], questions: Iterable[Question]) -> bool:
    """Whether one of them has an answer. A *no* is one: it speaks of health as a *yes* does."""
    return any(answers.get(one) not in (None, "") for one in asked(questions))


def without(answers: Mapping[str, Any], questions: Iterable[str]) -> dict[str, Any]:
    """The answers that are left when those to ``questions`` go."""
    gone = set(questions)
    return {name: answer for name, answer in answers.items() if name not in gone}


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
