"""Reading a calendar in a process of its own: however its rules repeat, it costs so much and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from booking.elsewhere import reading
from booking.elsewhere.reading import Busy, Found, NotReadable

ROOT = Path(__file__).resolve().parents[2]


def read(content: bytes, *, zone: str, since: datetime, until: datetime, own: str) -> Found:
    """As `reading.read`; `too_much` where it took too long or too much memory."""
    asked = {"zone": zone, "since": since.timestamp(), "until": until.timestamp(), "own": own}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "booking.elsewhere.reading"],
            input=json.dumps(asked).encode() + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONTZPATH": "", "PYTHONIOENCODING": "utf-8"},
            timeout=reading.SECONDS + 5,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise NotReadable("too_much") from None
    if wrong := answer.get("wrong"):
        raise NotReadable(wrong)
    return Found([Busy(*one) for one in answer["busy"]], answer["skipped"])
