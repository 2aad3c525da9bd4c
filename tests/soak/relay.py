"""A mail relay in a process of its own: it accepts, writes down what, and only then says so.

    python -m tests.soak.relay PORT FILE [--pause 0.002]

Each line of FILE is one accepted mail: when (seconds), Message-ID, kind, and the SHA-256 of its words. The
pause between accepting and the answer is the window in which a sender can die."""

import argparse
import asyncio
import hashlib
import os
import time
from email import message_from_bytes, policy

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session


class Relay:
    def __init__(self, file: str, pause: float) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._pause = pause

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)
        body = mail.get_body(("plain",))
        words = hashlib.sha256(body.get_content().encode() if body else b"").hexdigest()
        line = f"{time.time():.6f} {mail['Message-ID']} {mail['X-Kept-Kind']} {words}\n"
        os.write(self._file, line.encode())
        await asyncio.sleep(self._pause)
        return "250 kept"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("port", type=int)
    asked.add_argument("file")
    asked.add_argument("--pause", type=float, default=0.002)
    said = asked.parse_args()
    loop = asyncio.new_event_loop()
    controller = UnthreadedController(
        Relay(said.file, said.pause), hostname="127.0.0.1", port=said.port, loop=loop
    )
    controller.begin()
    loop.run_forever()


if __name__ == "__main__":
    main()
