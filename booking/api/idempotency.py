"""The same answer to the same request, however often it is sent (F-13).

The answer is kept in the transaction of the act itself: either both are there or neither. Of two that
run at once the slower one is undone by the unique key and gets the answer of the first."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import orjson
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from booking.api.refusals import of_one_shape
from booking.models import IdempotencyKey
from config import errors
from config.refusal import Refusal

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
PATIENCE = 3
TOO_MANY = 429
Done = TypeVar("Done")
CONTENDED = {"40001", "40P01", "55P03"}  # serialization, deadlock, lock not available


class KeyReused(Refusal):
    """The key was used before, for another request."""

    code = "idempotency_key_reused"
    status = 422


@dataclass(frozen=True)
class Answer:
    """What goes back: a status and a body of plain JSON. ``deposit`` (or ``charge``) is the one whose pay
    link is added when the answer leaves, for opening it asks the gateway."""

    body: dict[str, Any]
    status: int = 200
    deposit: int | None = None
    charge: int | None = None


def once(request: Request, *, scope: str, act: Callable[[], Answer], at: datetime) -> Answer:
    """What ``act`` answers, or answered before under the request's ``Idempotency-Key``.

    Our own refusals are answers too and are kept; what is our fault (5xx) or only came too early (429) is not."""
    key = _key(request)
    if not key:
        return patiently(act)
    found = IdempotencyKey(scope=scope, key=key, request_hash=_hash(request), created_at=at)
    return patiently(lambda: _first(found, at=at) or _acted(found, act, at=at))


def patiently(act: Callable[[], Done]) -> Done:
    """Tries again, a little later, when the database only says that somebody else was quicker."""
    for attempt in range(1, PATIENCE):
        try:
            return act()
        except OperationalError as error:
            if not _contended(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311, nothing depends on it
    return act()


def forget(*, at: datetime) -> int:
    """Deletes the answers that are older than a day."""
    return IdempotencyKey.objects.filter(created_at__lte=at - KEPT_FOR).delete()[0]


def _acted(found: IdempotencyKey, act: Callable[[], Answer], *, at: datetime) -> Answer:
    try:
        try:
            with transaction.atomic():
                answer = _plain(act())
                _keep(found, answer)
                return answer
        except Refusal as no:
            if no.status >= 500 or no.status == TOO_MANY:
                raise
            answer = _plain(Answer(errors.of_refusal(of_one_shape(no)), no.status))
            _keep(found, answer)
            return answer
    except IntegrityError:
        first = _first(found, at=at)
        if first is None:
            raise
        return first


def _keep(found: IdempotencyKey, answer: Answer) -> None:
    found.pk = None
    found.status = answer.status
    # As text, for PostgreSQL would put the keys of an object in an order of its own.
    found.answer = {
        "body": orjson.dumps(answer.body).decode(),
        "deposit": answer.deposit,
        "charge": answer.charge,
    }
    found.save(force_insert=True)


def _first(found: IdempotencyKey, *, at: datetime) -> Answer | None:
    """What was answered under this key within the last day."""
    kept = IdempotencyKey.objects.filter(scope=found.scope, key=found.key).first()
    if kept is None:
        return None
    if kept.created_at <= at - KEPT_FOR:
        kept.delete()
        return None
    if kept.request_hash != found.request_hash:
        raise KeyReused(_("This Idempotency-Key was sent before with another request. Use a new one."))
    assert kept.answer is not None
    assert kept.status is not None
    return Answer(
        orjson.loads(kept.answer["body"]), kept.status, kept.answer["deposit"], kept.answer.get("charge")
    )


def _plain(answer: Answer) -> Answer:
    """As it will be read back, so that the first answer and its repetition are the same to the byte."""
    return replace(answer, body=orjson.loads(orjson.dumps(answer.body, default=str)))


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        what = _("Send at most %(most)d visible characters.") % {"most": LONGEST_KEY}
        raise ValidationError({"Idempotency-Key": [what]}, code="invalid")
    return key.strip()


def _hash(request: Request) -> str:
    """The same for bodies that say the same, however they are spelled."""
    said = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(request.path.encode() + b"\n" + said).hexdigest()


def _contended(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in CONTENDED or "locked" in str(error)
