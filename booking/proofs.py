"""A little work that a machine must do before it books where many book: a browser does it unseen in a second, a
flood pays for each time. Nothing is stored; the challenge carries its own seal.

The number that was hidden is found by trying: PBKDF2 of each, until one is the ``target``. Who cannot (no
JavaScript) may wait instead until ``wait_until``."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

ALGORITHM = "PBKDF2/SHA-256"
COST = 5_000
GOOD_FOR = timedelta(minutes=20)
LONGEST = 400
NEVER = 0
PARTS = 7


@dataclass(frozen=True)
class Challenge:
    """``most``: the hidden number is between 1 and this. ``wait_until`` and ``expires`` are seconds of the epoch;
    ``NEVER`` where waiting does not help."""

    salt: str
    target: str
    most: int
    wait_until: int
    expires: int
    seal: str

    @property
    def token(self) -> str:
        return f"{self.salt}.{self.target}.{COST}.{self.most}.{self.wait_until}.{self.expires}.{self.seal}"

    def as_json(self) -> dict[str, object]:
        """What a program needs to find the answer."""
        waits = datetime.fromtimestamp(self.wait_until, UTC).isoformat() if self.wait_until else None
        return {
            "token": self.token,
            "algorithm": ALGORITHM,
            "salt": self.salt,
            "cost": COST,
            "most": self.most,
            "target": self.target,
            "wait_until": waits,
        }


def pose(*, whose: str, most: int, wait_until: datetime | None, at: datetime) -> Challenge:
    """A new challenge for ``whose`` (a provider and a network): it is worth nothing elsewhere."""
    salt = secrets.token_hex(16)
    target = derived(salt, 1 + secrets.randbelow(most))
    waits = int(wait_until.timestamp()) + 1 if wait_until else NEVER
    expires = int((max(at, wait_until or at) + GOOD_FOR).timestamp())
    return Challenge(salt, target, most, waits, expires, _seal(whose, salt, target, most, waits, expires))


def read(token: str, *, whose: str, at: datetime) -> Challenge | None:
    """The challenge that we posed to ``whose`` and that is still good; None for anything else."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != PARTS or not token.isascii():
        return None
    salt, target, _cost, *numbers, seal = parts
    if not all(one.isdecimal() and len(one) <= 12 for one in numbers):
        return None
    most, waits, expires = map(int, numbers)
    found = Challenge(salt, target, most, waits, expires, seal)
    right = constant_time_compare(_seal(whose, salt, target, most, waits, expires), seal)
    return found if right and at.timestamp() < expires else None


def is_met(challenge: Challenge, answer: str, *, at: datetime) -> bool:
    """The number was found, or the time was waited for."""
    if challenge.wait_until != NEVER and at.timestamp() >= challenge.wait_until:
        return True
    if not (answer.isascii() and answer.isdecimal()) or not 0 < len(answer) <= 7:
        return False
    return constant_time_compare(derived(challenge.salt, int(answer)), challenge.target)


def derived(salt: str, number: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", str(number).encode(), bytes.fromhex(salt), COST, dklen=16).hex()


def _seal(whose: str, salt: str, target: str, most: int, waits: int, expires: int) -> str:
    said = f"{whose}:{salt}:{target}:{COST}:{most}:{waits}:{expires}"
    return salted_hmac("kept.proof", said, algorithm="sha256").hexdigest()[:40]
