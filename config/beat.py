"""When to look: a steady round, whatever happens to the machine's clock."""

import time
from typing import Any

from celery.beat import Scheduler


class Steady(Scheduler):
    """Sends each entry at the start and then every so many seconds of the monotonic clock.

    Celery's own goes by the time of day: set back by an hour, it would send nothing for an hour. What is due is not
    decided here, the sweep asks the clock itself; so nothing is kept on disk either.
    """

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self._due = dict.fromkeys(self.schedule, 0.0)

    def tick(self, *_: Any, **__: Any) -> float:
        for name, entry in self.schedule.items():
            if time.monotonic() >= self._due[name]:
                self._due[name] = time.monotonic() + entry.schedule.run_every.total_seconds()
                self.apply_entry(entry, producer=self.producer)
        return max(0.0, min(self._due.values()) - time.monotonic())
