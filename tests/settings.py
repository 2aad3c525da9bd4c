"""The product's settings, whatever the machine's environment and `.env` say."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_VAR = Path(tempfile.mkdtemp(prefix="kept-tests-"))
_OWNER = os.getpid()

os.environ |= {
    "DEBUG": "true",
    "SECRET_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "BASE_URL": "http://testserver",
    "VAR_DIR": str(_VAR),
} | dict.fromkeys(
    [
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "STRIPE_API_BASE",
        "SENTRY_DSN",
        "TRUSTED_PROXIES",
        "LIMITS_EXEMPT",
    ],
    "",
)

from config.settings import *  # noqa: E402, F403, settings read the environment


@atexit.register
def _tidy() -> None:
    if os.getpid() == _OWNER:
        shutil.rmtree(_VAR, ignore_errors=True)


# A machine with other suites on it takes longer over sixty-four who wait for each other.
DATABASES["default"]["OPTIONS"]["timeout"] = 60  # noqa: F405
# A file, so that threads and processes race as they do for real; a disk that does not wait, for speed.
DATABASES["default"]["TEST"] = {"NAME": str(_VAR / "test.sqlite3")}  # noqa: F405
DATABASES["default"]["OPTIONS"]["init_command"] = (  # noqa: F405
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON"
)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"  # a kick goes nowhere; what a worker would do, a test does itself
CELERY_BROKER_TRANSPORT_OPTIONS = {}
# Looked for when asked: listing all static files anew would cost every client of every test 0.2 s.
WHITENOISE_AUTOREFRESH = True
