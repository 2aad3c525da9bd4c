"""A believable studio with half a year of history. Nothing is written as if: every appointment went
through the story, every payment through the sandbox's webhooks, every message through the delivery,
at the instants at which that would have happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from booking import actors, transfer
from booking.demo import cast, clearing, dealings
from booking.demo.plan import BACK, plan
from booking.demo.stage import Stage
from booking.demo.stories import STORIES as APPOINTMENTS
from booking.models import Provider, User

STORIES = {**APPOINTMENTS, **dealings.STORIES}
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


@dataclass(frozen=True)
class Login:
    who: str
    email: str


LOGINS = (
    Login("owner", cast.OWNER),
    Login("refund desk", cast.REFUND_DESK),
    Login("superuser", cast.SUPERUSER),
)


def seed(*, at: datetime) -> bool:
    """Makes the demo; False when it is there already. One that was stopped half-way is made anew."""
    there = Provider.objects.filter(slug=cast.SLUG).first()
    if there is not None and there.listed:
        return False
    if there is not None:
        clearing.clear(there, emails=[login.email for login in LOGINS])
    with _no_mail_leaves(), _quick_commits():
        stage = _stage(at)
        for part in plan(at=at):
            stage.enter(part, STORIES[part.kind](stage, part))
        stage.play()
    # Listed at the very end: so a run that was stopped can be told from one that was not.
    Provider.objects.filter(pk=stage.provider.pk).update(listed=True)
    return True


def _stage(at: datetime) -> Stage:
    today = at.astimezone(ZoneInfo(cast.ZONE)).date()
    content = transfer.dumps(cast.studio(today)).encode()
    provider = transfer.load(file=transfer.read(content), at=at - BACK - timedelta(days=7), is_demo=True)
    provider.memberships.filter(user__email=cast.REFUND_DESK).update(refund_limit=cast.DESK_LIMIT)
    User.objects.create_superuser(cast.SUPERUSER, cast.PASSWORD, name="Ada Operator")
    owner, desk = (_with_password(email) for email in (cast.OWNER, cast.REFUND_DESK))
    return Stage(provider=provider, owner=actors.provider(owner), desk=actors.provider(desk), now=at)


def _with_password(email: str) -> User:
    user = User.objects.get(email=email)
    user.set_password(cast.PASSWORD)
    user.save(update_fields=["password"])
    return user


@contextmanager
def _no_mail_leaves() -> Iterator[None]:
    """What was said is kept on the messages; the invented addresses get nothing. With DEBUG every
    query would be kept too, at twice the time."""
    ours = settings.EMAIL_BACKEND, settings.DEBUG
    settings.EMAIL_BACKEND, settings.DEBUG = NO_MAIL, False
    try:
        yield
    finally:
        settings.EMAIL_BACKEND, settings.DEBUG = ours


@contextmanager
def _quick_commits() -> Iterator[None]:
    """Thousands of small transactions, none of which a power cut may not undo: a demo is made again."""
    sqlite = connection.vendor == "sqlite"
    if sqlite and connection.in_atomic_block:
        yield
        return
    quick, safe = (
        ("PRAGMA synchronous=OFF", "PRAGMA synchronous=FULL")
        if sqlite
        else ("SET synchronous_commit TO off", "RESET synchronous_commit")
    )
    with connection.cursor() as cursor:
        cursor.execute(quick)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(safe)
