"""Every address of the site, by room."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from booking.api import reference
from config import admin as our_admin
from config import errors, health

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"

our_admin.guard()

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    # What "You" shows itself needs no second page of allauth's, and codes by mail are not a way in.
    path("accounts/2fa/", RedirectView.as_view(pattern_name="desk_you"), name="mfa_index"),
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="desk_you"), name="mfa_list_webauthn"),
    path("accounts/login/code/confirm/", errors.not_found, name="account_confirm_login_code"),
    path("accounts/", include("allauth.urls")),
    path("api/", reference.show, name="api_reference"),
    path("api/v1/schema/", reference.SchemaDoor.as_view(), name="schema"),
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
