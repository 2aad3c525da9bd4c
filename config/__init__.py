"""Settings, doors of operations, and what all rooms share."""

import os
import zoneinfo


def use_pinned_zones() -> None:
    """From here on every zone comes from the pinned `tzdata` package, in this process and its children.

    Python prefers the machine's own zone files, which may be years old: Vancouver would be an hour
    off from late 2026.
    """
    os.environ["PYTHONTZPATH"] = ""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


use_pinned_zones()
