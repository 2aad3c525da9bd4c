"""A provider's own words for its messages to clients: kept in versions, so that one can always go back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Provider, User
from config.refusal import Refusal
from reminders import wording
from reminders.kinds import ELSEWHERE
from reminders.models import Adapted, Message
from reminders.wording import placeholders


class WrongWording(Refusal):
    """The words cannot be taken; ``errors`` names what is wrong in each field."""

    code = "wrong_wording"
    status = 400


def kinds() -> list[str]:
    """Those that may be adapted: everything that clients are written about an appointment."""
    return [kind for kind in wording.CATALOGUE[Message.To.CLIENT] if kind not in ELSEWHERE]


def check(texts: Mapping[str, str]) -> None:
    """Raises `WrongWording` for a placeholder that is none, a text too long or a subject of two lines."""
    if wrong := placeholders.problems(texts):
        raise WrongWording(_("These words cannot be taken yet."), errors=wrong)


def versions(*, provider: Provider, kind: str, language: str) -> list[Adapted]:
    """Newest first, those that are over too."""
    rows = Adapted.objects.filter(provider=provider, kind=kind, language=language)
    return list(rows.select_related("user").order_by("-number"))


def in_force(*, provider: Provider, kind: str, language: str) -> Adapted | None:
    rows = Adapted.objects.in_force()
    return rows.filter(provider=provider, kind=kind, language=language).first()


@transaction.atomic
def save(
    *,
    provider: Provider,
    kind: str,
    language: str,
    texts: Mapping[str, str],
    by: User | None,
    at: datetime,
) -> Adapted | None:
    """These words from now on; where none are left, ours again. What is in force already makes no version."""
    if kind not in kinds() or language not in dict(settings.LANGUAGES):
        raise ValueError(f"there is no {kind!r} in {language!r}")
    said = {name: _tidy(texts.get(name, "")) for name in Adapted.TEXTS}
    check(said)
    Provider.objects.locked().get(pk=provider.pk)
    now = in_force(provider=provider, kind=kind, language=language)
    if now is not None and now.texts == said:
        return now
    _end(provider, kind, language, at)
    if not any(said.values()):
        return None
    rows = Adapted.objects.filter(provider=provider, kind=kind, language=language)
    newest = rows.order_by("-number").first()
    return Adapted.objects.create(
        provider=provider,
        kind=kind,
        language=language,
        number=newest.number + 1 if newest else 1,
        created_at=at,
        user=by,
        **said,
    )


@transaction.atomic
def go_back(*, provider: Provider, kind: str, language: str, at: datetime) -> bool:
    """Ours from now on; the versions stay to go back to. Whether there was anything to end."""
    Provider.objects.locked().get(pk=provider.pk)
    return _end(provider, kind, language, at)


def _end(provider: Provider, kind: str, language: str, at: datetime) -> bool:
    rows = Adapted.objects.in_force().filter(provider=provider, kind=kind, language=language)
    return rows.update(ended_at=at) > 0


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
