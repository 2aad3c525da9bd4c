"""Every address of the site, by room."""

from importlib import util

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from config import health

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"


def _room(prefix: str, urls: str) -> list[URLPattern | URLResolver]:
    """The addresses of a room that is built."""
    try:
        found = util.find_spec(urls)
    except ModuleNotFoundError:
        found = None
    return [path(prefix, include(urls))] if found else []


urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    *_room("api/v1/", "booking.api.urls"),
    *_room("webhooks/", "payments.webhook_urls"),
    *_room("pay/", "payments.pages.urls"),
    *_room("dashboard/", "payments.dashboard.urls"),
    *_room("dashboard/", "reminders.dashboard.urls"),
    *_room("dashboard/", "policies.dashboard.urls"),
    *_room("dashboard/", "booking.dashboard.urls"),
    *_room("", "booking.pages.urls"),  # last: /{provider}/ takes what is left
]
