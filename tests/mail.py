"""A real mail server that keeps what it gets and can be told to refuse."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import machine


class Sink(list[EmailMessage]):
    """The messages that were accepted, in order.

    `refuse_with(["451 later", "451 later"])` gives these answers to the next messages, one each, before it
    accepts again; `refuse_always("550 no such mailbox")` until `accept()`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[EmailMessage] = []
        self._answers: list[str] = []
        self._always: str | None = None
        self._controller = Controller(
            self, hostname="127.0.0.1", port=machine.free_port(), ready_timeout=machine.PATIENCE
        )

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def refuse_with(self, answers: list[str]) -> None:
        self._answers = list(answers)

    def refuse_always(self, answer: str) -> None:
        self._always = answer

    def accept(self) -> None:
        self._answers, self._always = [], None

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self if address in message["To"]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        answer = self._always or (self._answers.pop(0) if self._answers else None)
        if answer:
            self.refused.append(message)
            return answer
        self.append(message)
        return "250 kept"
