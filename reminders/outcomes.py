"""What became of a message: sent, dropped, put off, tried again, given up; one statement each.

Whatever a story decided about a row meanwhile stays, but for one thing: what has left has left."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from reminders import channels, personal, plan, ways, wording
from reminders.drafting import without_secrets
from reminders.models import Message
from reminders.wording import safe

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
MOST_ATTEMPTS = 36  # more than a day
# As SQL, for it is said of every mail: to work it out from words took longer than to do it.
_SENT = """
UPDATE reminders_message SET state = 'sent', sent_at = %s, dropped_at = NULL, claimed_at = NULL,
attempts = attempts + 1, failure = '', relay_id = %s, address = %s, language = %s, subject = %s, text = %s,
html = %s WHERE id = %s"""


def sent(
    message: Message, letter: wording.Letter, *, at: datetime, text: str = "", relay_id: str = ""
) -> bool:
    """Whatever a story did meanwhile: it has left, and the row says so. ``text`` is its short form, where
    that left instead of the letter."""
    said = (
        "" if text else without_secrets(letter.subject),
        without_secrets(text or letter.text),
        "" if text else without_secrets(letter.html),
    )
    left_at = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            _SENT, [left_at, relay_id[:200], _address(message), letter.language, *said, message.pk]
        )
    personal.forget(message)  # a story that erased the client meanwhile was here already, or comes after us
    return True


def _address(message: Message) -> str:
    if message.channel == plan.MAIL:
        return channels.address_of(message)
    return message.person.phone if message.to_client and message.person else ""


def drop(message: Message, *, at: datetime) -> bool:
    return settle(message, state=Message.State.DROPPED, dropped_at=at)


def fail(message: Message, why: str, *, at: datetime) -> bool:
    """Not by this channel any more; another that is allowed takes it over."""
    log.warning("message %s was refused: %s", message.uid, why)
    settle(
        message,
        state=Message.State.FAILED,
        attempts=message.attempts + 1,
        failure=safe.line(why, longest=300),
        address=_address(message),
    )
    ways.after_failure(message, at=at)
    return False


def back_off(message: Message, why: str, *, at: datetime) -> bool:
    """Again later, each time after twice as long; given up after more than a day (F-89)."""
    attempts = message.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return fail(message, why, at=at)
    wait = min(FIRST_WAIT * 2 ** min(message.attempts, 12), LONGEST_WAIT)
    return settle(message, due_at=at + wait, attempts=attempts, failure=safe.line(why, longest=300))


def postpone(message: Message, later: datetime) -> bool:
    return settle(message, due_at=later)


def settle(message: Message, **fields: Any) -> bool:
    """Only a row that still waits: what a story decided meanwhile stays."""
    Message.objects.waiting().filter(pk=message.pk, claimed_at=message.claimed_at).update(
        claimed_at=None, **fields
    )
    return False


def give_back(batch: list[int], claimed_at: datetime) -> None:
    """What was claimed and not reached is free for the next sweep."""
    Message.objects.waiting().filter(pk__in=batch, claimed_at=claimed_at).update(claimed_at=None)
