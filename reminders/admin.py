"""Messages for operations: to look at, never to write."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from reminders.models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
    list_display = ("kind", "to", "provider", "state", "due_at", "attempts", "sent_at", "failure")
    list_filter = ("state", "to", "kind")
    search_fields = ("uid", "appointment__uid")
    list_select_related = ("provider",)
    view_on_site = False
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False
