"""The stock admin of money, for superusers: to look, never to touch (F-137)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from payments.models import (
    Charge,
    ConnectedAccount,
    Credit,
    Decision,
    Deposit,
    Difference,
    Dispute,
    LedgerEntry,
    Paper,
    PaperSeries,
    Payment,
    Refund,
    Repayment,
    Round,
    SavedCard,
    Settlement,
    StripeEvent,
    Waiver,
)


class ReadOnly(admin.ModelAdmin):
    view_on_site = False
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Deposit)
class DepositAdmin(ReadOnly):
    list_display = ("uid", "appointment", "currency", "asked", "paid", "held", "refunded", "created_at")
    search_fields = ("uid", "appointment__uid")


@admin.register(Payment)
class PaymentAdmin(ReadOnly):
    list_display = (
        "uid",
        "gateway",
        "account",
        "state",
        "amount",
        "currency",
        "platform_fee",
        "refunded",
        "created_at",
        "paid_at",
    )
    list_filter = ("gateway", "state")
    search_fields = ("uid", "session_id", "intent_id", "account")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    list_display = ("deposit", "charge", "source", "target", "amount", "reason", "by", "user", "at")
    list_filter = ("source", "target", "reason")
    search_fields = ("deposit__uid", "charge__uid")


@admin.register(Refund)
class RefundAdmin(ReadOnly):
    list_display = ("uid", "state", "amount", "currency", "reason", "attempts", "due_at", "settled_at")
    list_filter = ("state", "reason")
    search_fields = ("uid", "gateway_id", "payment__intent_id")


@admin.register(Settlement)
class SettlementAdmin(ReadOnly):
    list_display = ("uid", "cause", "forfeit", "fee", "currency", "state", "due_at", "settled_at")
    list_filter = ("state", "cause")
    search_fields = ("uid", "appointment__uid")


@admin.register(Charge)
class ChargeAdmin(ReadOnly):
    list_display = ("uid", "kind", "amount", "waived", "paid", "currency", "state", "created_at")
    list_filter = ("kind", "state")
    search_fields = ("uid", "appointment__uid")


@admin.register(Credit)
class CreditAdmin(ReadOnly):
    list_display = ("uid", "client", "amount", "used", "ended", "currency", "expires_at", "ended_at")
    search_fields = ("uid",)


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly):
    list_display = ("event_id", "kind", "received_at", "due_at", "attempts", "applied_at", "failure")
    list_filter = ("kind",)
    search_fields = ("event_id",)


@admin.register(SavedCard)
class SavedCardAdmin(ReadOnly):
    list_display = ("uid", "client", "brand", "last4", "most", "agreed_at", "saved_at", "detached_at")
    search_fields = ("uid", "appointment__uid", "customer_id")


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(ReadOnly):
    list_display = (
        "provider",
        "gateway",
        "account_id",
        "name",
        "state",
        "fee_basis_points",
        "payouts_enabled",
        "enabled_at",
        "asked_at",
        "left_at",
    )
    list_filter = ("gateway", "charges_enabled")
    search_fields = ("account_id", "provider__slug")


@admin.register(Repayment)
class RepaymentAdmin(ReadOnly):
    list_display = (
        "uid",
        "state",
        "how",
        "amount",
        "currency",
        "user",
        "asked_at",
        "decided_by",
        "decided_at",
    )
    list_filter = ("state", "how")
    search_fields = ("uid",)


@admin.register(Dispute)
class DisputeAdmin(ReadOnly):
    list_display = ("uid", "gateway_id", "state", "amount", "currency", "reason", "due_by", "submitted_at")
    list_filter = ("state", "reason")
    search_fields = ("uid", "gateway_id", "payment__intent_id")


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    list_display = ("settlement", "what", "by", "user", "at")


@admin.register(Waiver)
class WaiverAdmin(ReadOnly):
    list_display = ("charge", "amount", "at")


@admin.register(Paper)
class PaperAdmin(ReadOnly):
    list_display = ("number", "kind", "provider", "amount", "currency", "issued_at")
    list_filter = ("kind",)
    search_fields = ("number", "uid")


@admin.register(PaperSeries)
class PaperSeriesAdmin(ReadOnly):
    list_display = ("provider", "kind", "year", "last")


@admin.register(Difference)
class DifferenceAdmin(ReadOnly):
    list_display = ("uid", "kind", "state", "found_at", "seen_at")
    list_filter = ("kind", "state")
    search_fields = ("uid", "thing")


@admin.register(Round)
class RoundAdmin(ReadOnly):
    list_display = ("hour", "since", "started_at", "finished_at", "found", "mended", "failure")
