"""A month of slots as tight as plain Python can say it, for one plain case only.

One period a day, the same every day; one zone, given as its offset segments; busy ranges that do
not overlap; no buffers, no overrides, no grids of their own, no opening over midnight. This is
the floor for the product's function, which does all of that.
"""

from datetime import date

DAY = 86_400
FIRST_DAY = date(1970, 1, 1).toordinal()

Segments = list[tuple[int, int]]  # (until when, offset), in order


def epochs(
    *,
    segments: Segments,
    first: int,
    last: int,
    opens: int,
    closes: int,
    duration: int,
    interval: int,
    busy: list[tuple[int, int]],
    earliest: int,
    latest: int,
) -> list[int]:
    """`first` and `last` are local midnights as walls; all else is in seconds."""
    found: list[int] = []
    segment = taken = 0
    busy = [*busy, (1 << 62, 1 << 62)]
    taken_from, taken_to = busy[0]
    for midnight in range(first, last + DAY, DAY):
        while midnight + opens - segments[segment][1] >= segments[segment][0]:
            segment += 1
        origin = start = midnight + opens - segments[segment][1]
        stop = min(midnight + closes - segments[segment][1] - duration, latest) + 1
        if start < earliest:
            start = earliest + (origin - earliest) % interval
        while start < stop:
            while taken_to <= start:
                taken += 1
                taken_from, taken_to = busy[taken]
            free_to = taken_from - duration + 1
            if free_to >= stop:
                found += range(start, stop, interval)
                break
            found += range(start, free_to, interval)
            start = taken_to + (origin - taken_to) % interval
    return found


def by_day(found: list[int], *, segments: Segments, texts: dict[int, list[str]]) -> dict[str, list[str]]:
    """`texts` holds for each offset "T00:00:00+01:00" and on, a text for each minute of the day."""
    days: dict[str, list[str]] = {}
    segment, day_ends = 0, 0
    for start in found:
        if start >= day_ends:
            while start >= segments[segment][0]:
                segment += 1
            until, offset = segments[segment]
            midnight = start - (start + offset) % DAY
            day_ends = min(midnight + DAY, until)
            day = date.fromordinal((midnight + offset) // DAY + FIRST_DAY).isoformat()
            text = texts[offset]
            add = days.setdefault(day, []).append
        add(day + text[(start - midnight) // 60])
    return days
