"""The stock admin's door: superusers alone, by the same log-in as everybody, so that no second step is left out."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


def may_enter(request: HttpRequest) -> bool:
    """Superusers; a stranger may log in first, anyone else is refused."""
    if request.user.is_authenticated and not request.user.is_superuser:
        raise PermissionDenied
    return bool(request.user.is_active and request.user.is_authenticated)


def log_in(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    may_enter(request)
    return HttpResponseRedirect(reverse("admin:index"))


def guard() -> None:
    """Before any address of the admin is made."""
    admin.site.has_permission = may_enter  # type: ignore[method-assign]
    admin.site.login = log_in  # type: ignore[method-assign]
