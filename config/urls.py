"""Every address of the site, by room."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config import health

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("booking.api.urls")),
    path("webhooks/", include("payments.webhook_urls")),
    path("webhooks/", include("reminders.webhook_urls")),
    path("pay/", include("payments.pages.urls")),
    path("dashboard/", include("payments.dashboard.urls")),
    path("dashboard/", include("reminders.dashboard.urls")),
    path("dashboard/", include("policies.dashboard.urls")),
    path("dashboard/", include("booking.dashboard.urls")),
    path("", include("booking.pages.urls")),  # last: /{provider}/ takes what is left
]
