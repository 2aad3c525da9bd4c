"""Secrets that we must be able to read again, sealed with a key made from SECRET_KEY."""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings


def _box(purpose: str) -> Fernet:
    key = hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str, *, purpose: str) -> str:
    return _box(purpose).encrypt(text.encode()).decode()


def opened(text: str, *, purpose: str) -> str:
    """What was sealed for this purpose. Raises ``InvalidToken`` for anything else."""
    return _box(purpose).decrypt(text.encode()).decode()
