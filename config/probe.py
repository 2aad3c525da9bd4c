"""Health of a container, by its exit code: `python -m config.probe http://localhost:8000/readyz` or `... beat`."""

import os
import sys
import urllib.request


def answers(url: str) -> bool:
    """Whether `url` answers with 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=4):  # noqa: S310, given by whoever runs the container
            return True
    except OSError:
        return False


def beats() -> bool:
    """Whether a worker carried out what beat asked for within the last minute."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

    import django
    from django.utils import timezone

    django.setup()
    from config import health, heartbeat

    last = heartbeat.last()
    return last is not None and (timezone.now() - last).total_seconds() <= health.LATE_BEAT


if __name__ == "__main__":
    sys.exit(0 if (beats() if sys.argv[1] == "beat" else answers(sys.argv[1])) else 1)
