"""What must not be kept is not in the log."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config import logs

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("GET /a/AbCdEf0123456789xyz/cancel", "AbCdEf0123456789xyz"),
        ("/api/v1/appointments/AbCdEf0123456789xyz/quote/", "AbCdEf0123456789xyz"),
        ("/calendar/AbCdEf0123456789xyz.ics", "AbCdEf0123456789xyz"),
        ("key sk_live_51H and whsec_abc", "sk_live_51H"),
        ("secret whsec_abc", "whsec_abc"),
        ("Authorization: Bearer kept_abcdefgh", "kept_abcdefgh"),
        ("postgres://kept:hunter2@db/kept", "hunter2"),
        ("?password=hunter2&x=1", "hunter2"),
        ("mail to anna.b+x@example.co.uk failed", "anna.b"),
    ],
)
def test_secrets_and_people_are_taken_out(text, hidden):
    assert hidden not in logs.clean(text)


def test_what_is_neither_stays():
    text = "GET /anna/massage/ 200 in 12 ms"
    assert logs.clean(text) == text


LOGGING = """
import logging, structlog
from config import logs
logs.configure(as_json=True)
structlog.get_logger("kept").info("logged in", password="hunter2", user=7)
try:
    raise ValueError("postgres://kept:hunter2@db/kept")
except ValueError:
    logging.getLogger("kept").exception("failed", extra={"api_key": "hunter2"})
"""


def test_fields_are_hidden_by_name_and_exceptions_are_cleaned():
    done = subprocess.run(
        [sys.executable, "-c", LOGGING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    first, second = map(json.loads, done.stderr.splitlines())
    assert (first["event"], first["user"], first["password"]) == ("logged in", 7, logs.HIDDEN)
    assert second["api_key"] == logs.HIDDEN
    assert second["exception"].endswith("ValueError: postgres://[hidden]@db/kept")
