"""A mail relay in a process of its own that takes everything and keeps nothing: python -m bench._sink PORT."""

import asyncio
import sys

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 taken"


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    UnthreadedController(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]), loop=loop).begin()
    loop.run_forever()
