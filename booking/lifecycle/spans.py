"""Stretches of time, joined and taken out of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

Span = tuple[datetime, datetime]


def joined(spans: Iterable[Span]) -> list[Span]:
    """Those that overlap made one, in order: two of the client's choices may share some minutes."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first < found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def without(spans: Iterable[Span], own: Sequence[Span]) -> Iterator[Span]:
    """What is left of spans where the appointment's own time is taken out of them."""
    if not own:
        yield from spans
        return
    (begins, ends), *_more = own
    for first, last in spans:
        for part in ((first, min(last, begins)), (max(first, ends), last)):
            if part[0] < part[1]:
                yield part
