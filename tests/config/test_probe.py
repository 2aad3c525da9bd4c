"""A container's health by an exit code."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("age", "code"),
    [
        pytest.param(timedelta(seconds=1), 0, id="fresh"),
        pytest.param(timedelta(minutes=2), 1, id="late"),
        pytest.param(None, 1, id="never"),
    ],
)
def test_the_beat_s_health_is_its_last_round(tmp_path, age, code):
    if age is not None:
        (tmp_path / "broker").mkdir()
        (tmp_path / "broker" / "heartbeat").write_text((datetime.now(UTC) - age).isoformat())
    said = {"PATH": os.environ["PATH"], "DEBUG": "true", "VAR_DIR": str(tmp_path)}
    probe = [sys.executable, "-m", "config.probe"]
    assert subprocess.run([*probe, "beat"], cwd=ROOT, env=said, timeout=60, check=False).returncode == code


def test_nobody_answering_is_unhealthy():
    from config import probe

    assert probe.answers("http://127.0.0.1:1/healthz") is False
