"""What every gateway does, and how it says no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.utils.translation import gettext as _

from config.refusal import Refusal
from payments.gateways.connected import AccountResult
from payments.gateways.on_file import CardFound, ChargeResult
from payments.models import ConnectedAccount, Payment, SavedCard

LISTED = ("session", "intent", "refund", "dispute", "event")


class GatewayUnavailable(Refusal):
    """The gateway did not answer, or not with sense: whether it did what was asked is not known.
    To be repeated with the same key."""

    code = "gateway_unavailable"
    status = 503

    def __init__(self, reason: str = "") -> None:
        super().__init__(_("The payment service does not answer just now. Please try again in a moment."))
        self.reason = reason


class AccountGone(GatewayUnavailable):
    """The connected account does not let us in: it was disconnected there, or the key is of another
    platform. What was asked for waits."""


class GatewayRefused(Exception):
    """The gateway understood and will not do it; repeating is of no use."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class KeyUsedOtherwise(GatewayRefused):
    """The key was used before with other contents: what was asked then may well have been done."""


class NotAtGateway(GatewayRefused):
    """The gateway knows no such thing."""


class BadEvent(Refusal):
    """A webhook that is not from our gateway, or makes no sense."""

    code = "bad_event"
    status = 400


class OtherMode(Exception):
    """A signed event of test mode at a live installation, or the other way round: none of ours."""


@dataclass(frozen=True)
class Session:
    """A pay page at the gateway. ``state`` is ``open``, ``pending`` (the money is on its way),
    ``paid`` or ``expired``; ``payment`` is the uid of the payment that it was made for. What the
    gateway leaves unsaid is None or empty."""

    id: str
    url: str
    state: str
    intent_id: str
    amount: int | None
    currency: str
    payment: str = ""

    def is_over_the_same_as(self, payment: Payment) -> bool:
        """Whether it is about the amount that was asked for."""
        return self.amount in (None, payment.amount) and self.currency in ("", payment.currency)


@dataclass(frozen=True)
class RefundResult:
    """A refund at the gateway. ``state`` is ``pending``, ``done`` or ``failed`` (then ``failure``
    says why); ``refund`` is the uid of ours."""

    id: str
    state: str
    failure: str = ""
    amount: int | None = None
    currency: str = ""
    refund: str = ""


@dataclass(frozen=True)
class DisputeResult:
    """A dispute at the gateway. ``state`` is ``warning`` (the bank only asks), ``needs_response``,
    ``under_review``, ``won``, ``lost`` or ``closed`` (an inquiry that came to nothing). ``withdrawn``
    says that the bank has taken ``amount`` for now or for good."""

    id: str
    state: str
    intent_id: str
    amount: int
    currency: str
    reason: str = ""
    withdrawn: bool = False
    due_by: datetime | None = None
    opened_at: datetime | None = None
    answered: bool = False


class Gateway(Protocol):
    """Where money is paid and refunded. Every call may raise ``GatewayUnavailable`` and
    ``GatewayRefused``; what creates something takes the key that makes repeating it harmless."""

    name: ClassVar[str]

    def create_session(
        self,
        *,
        payment: Payment,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        description: str,
        key: str,
    ) -> Session: ...

    def create_setup(
        self, *, card: SavedCard, success_url: str, cancel_url: str, expires_at: datetime, key: str
    ) -> tuple[str, str]:
        """A page where a card is given for later and nothing is paid: its id and address."""

    def card_of(self, session_id: str) -> CardFound | None:
        """The card that was saved on a page, if one was."""

    def charge_card(self, *, payment: Payment, key: str) -> ChargeResult:
        """Charges a saved card without its owner."""

    def find_charge(self, *, payment: Payment) -> ChargeResult | None:
        """What became of such a charge, if it was ever asked for."""

    def detach(self, *, card: SavedCard) -> None:
        """The card is kept no longer."""

    def find_session(self, session_id: str) -> Session:
        """Raises ``NotAtGateway``."""

    def expire_session(self, session_id: str) -> Session:
        """Ends a session that is open, and tells how it stands then."""

    def refund(
        self,
        *,
        intent_id: str,
        amount: int,
        currency: str,
        key: str,
        metadata: dict[str, str],
        with_fee: bool = False,
    ) -> RefundResult:
        """``with_fee``: the installation gives its own fee back in proportion."""

    def find_refund(self, refund_id: str) -> RefundResult:
        """Raises ``NotAtGateway``."""

    def refunds_of(self, intent_id: str) -> list[RefundResult]:
        """Every refund of a payment, ours or not."""

    def payment_behind(self, intent_id: str) -> str:
        """The uid of our payment that an intent says it is; empty where it says nothing, or there is none."""

    def everything(self, kind: str, *, since: datetime | None, **asked: Any) -> Iterator[dict[str, Any]]:
        """Everything of a kind (see ``LISTED``) made from ``since`` on, newest first, page by page, as the
        gateway tells it."""

    def verify(self, *, body: bytes, signature: str, at: datetime) -> dict[str, Any]:
        """The event in a webhook that this gateway signed. Raises ``BadEvent`` for anything else."""

    def session_in(self, thing: dict[str, Any]) -> Session:
        """The session as an event of this gateway describes it."""

    def refund_in(self, thing: dict[str, Any]) -> RefundResult:
        """The refund as an event of this gateway describes it."""

    # --- Disputes ---

    def find_dispute(self, dispute_id: str) -> DisputeResult:
        """Raises ``NotAtGateway``."""

    def disputes_of(self, intent_id: str) -> list[DisputeResult]:
        """Every dispute of a payment."""

    def upload_paper(self, *, name: str, content: bytes, key: str) -> str:
        """Hands over a PDF that belongs to an answer; returns its id."""

    def answer_dispute(
        self, *, dispute_id: str, evidence: dict[str, str], paper_id: str, key: str
    ) -> DisputeResult:
        """Sends the evidence to the bank, for good: it cannot be sent twice."""

    def dispute_in(self, thing: dict[str, Any]) -> DisputeResult:
        """The dispute as an event of this gateway describes it."""

    # --- Accounts of providers ---

    def create_account(self, *, account: ConnectedAccount, key: str) -> str:
        """Makes an account for a provider to set up; returns its id."""

    def made_account(self, *, account: ConnectedAccount) -> str:
        """The id of an account that was asked for before; empty where none was made."""

    def account_page(self, *, account: ConnectedAccount, refresh_url: str, return_url: str) -> str:
        """The address at which its owner sets it up, for one visit soon."""

    def find_account(self, account_id: str) -> AccountResult:
        """Raises ``AccountGone``."""
