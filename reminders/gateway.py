"""One short text out through one service, with an end to waiting."""

from __future__ import annotations

import logging
import queue
import re
import threading

from config import logs, outward
from reminders import services
from reminders.channels import Refused, TryLater
from reminders.wording import safe

log = logging.getLogger(__name__)

LONGEST_WAIT = 15.0  # seconds, whatever the service does meanwhile
OPTED_OUT = ("error=21610",)  # Twilio
_STATUS = re.compile(r"error=(\d{3,5})")


def send(*, address: str, to: str, text: str) -> str:
    """Hand ``text`` over and say what the service answered. Raises `Refused`, or `TryLater` where it did
    not answer (in time). A service that never answers costs `LONGEST_WAIT`, not the sweep."""
    service = services.SERVICES[services.service_of(address)]
    try:
        outward.check(service.host)
    except outward.NotPublic as no:
        raise TryLater(str(no), lost=True) from None
    made = services.plugin(address, to=to)
    answers: queue.Queue[tuple[bool, str]] = queue.Queue()
    threading.Thread(target=_hand_over, args=(made, text, answers), name="gateway", daemon=True).start()
    try:
        left, said = answers.get(timeout=LONGEST_WAIT)
    except queue.Empty:
        raise TryLater(f"{service.name} did not answer within {LONGEST_WAIT:.0f} s", lost=True) from None
    said = without_account(said, address)
    if not left:
        raise judged(said or f"{service.name} refused it and did not say why")
    return said or f"{service.name} took it"


def judged(said: str) -> Refused | TryLater:
    """A status of 4xx, or a code of the service's own, is final; no answer, 429 and 5xx pass."""
    found = _STATUS.search(said)
    status = int(found.group(1)) if found else 0
    if status == 0 or status == 429 or 500 <= status < 600:
        return TryLater(said, lost=status == 0)
    return Refused(said)


def opted_out(said: str) -> bool:
    """Whether the service reports that this number answered STOP to it."""
    return any(code in said for code in OPTED_OUT)


def without_account(said: str, address: str) -> str:
    """What a service said as one line, without any part of the account that it may repeat."""
    for part in re.split(r"[/:@?&=]+", address.partition("://")[2]):
        if len(part) >= 6:
            said = said.replace(part, logs.HIDDEN)
    return safe.line(logs.clean(said), longest=300)


def _hand_over(made: object, text: str, answers: queue.Queue[tuple[bool, str]]) -> None:
    with _Overheard() as heard:
        try:
            left = bool(made.notify(body=text, title=""))  # type: ignore[attr-defined]
        except Exception as trouble:  # noqa: BLE001, whatever a plugin does, the sweep goes on
            answers.put((False, f"{type(trouble).__name__}: {trouble}"))
            return
    answers.put((left, "" if left else " ".join(heard.said)))


class _Overheard(logging.Handler):
    """What Apprise says in this thread: it answers yes or no, and tells its log why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._mine = threading.get_ident()

    def __enter__(self) -> _Overheard:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._mine:
            self.said.append(record.getMessage())
