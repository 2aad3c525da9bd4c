"""Many at once: real HTTP from a thread each, started together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

TOGETHER = 60


def race(acts: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    """The answers of all acts, in their order; none begins before all are ready."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], requests.Response]) -> requests.Response:
        gate.wait(TOGETHER)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def post(url: str, body: dict[str, Any], **headers: str) -> Callable[[], requests.Response]:
    return lambda: requests.post(url, json=body, headers=headers, timeout=120)


def statuses(answers: list[requests.Response]) -> dict[int, int]:
    """How often each status was answered."""
    found = [answer.status_code for answer in answers]
    return {status: found.count(status) for status in sorted(set(found))}
