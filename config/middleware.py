"""What happens to every request, whichever room it is for."""

import logging
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from config import errors, formats, network, regions

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class FrontDoor:
    """Turns away what no room can bear (NULs, bytes that are no text, bodies too large), with a 4xx."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not network.is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        if _too_large(request):
            detail = _("The request is too large.")
            return errors.page(request, status=413, code="too_large", detail=detail)
        if not _is_text(request):
            return errors.bad_request(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Answer, args: object, facts: object
    ) -> HttpResponse | None:
        """Forms are read here at the earliest, after the room was found."""
        if request.content_type in FORMS and any(
            "\x00" in one for many in request.POST.lists() for one in many[1]
        ):
            return errors.bad_request(request)
        return None


def _too_large(request: HttpRequest) -> bool:
    limit = next(
        (most for path, most in settings.BODY_LIMITS.items() if request.path.startswith(path)),
        settings.BODY_LIMIT,
    )
    said = request.META.get("CONTENT_LENGTH") or "0"
    return not said.isdecimal() or int(said) > limit


def _is_text(request: HttpRequest) -> bool:
    query = unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " "))
    if "\x00" in request.path or b"\x00" in query or any("\x00" in one for one in request.COOKIES.values()):
        return False
    try:
        query.decode()
        request.path.encode()
    except UnicodeError:
        return False
    return True


# Somebody's own, or for machines: in no index. A page may say so for itself as well.
NOT_FOR_INDEXES = (
    "/a/",
    "/accounts/",
    "/admin/",
    "/api/",
    "/calendar/",
    "/dashboard/",
    "/pay/",
    "/webhooks/",
)


class MoreHeaders:
    """Headers that Django has no setting for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(NOT_FOR_INDEXES):
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response


class AskedLanguage:
    """A language in the address (``?lang=it``) is that of the page: for links, search engines and frames. Stands
    after Django's own, which goes by cookie and browser."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        if asked in dict(settings.LANGUAGES):
            translation.activate(asked)
            request.LANGUAGE_CODE = asked
        return self.get_response(request)


class ReadersClocks:
    """Times are written as in the region that the browser names, on whatever page. (``Vary`` says so already, for
    the language.)"""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with formats.on_clocks(regions.hour_cycle_of(request.headers.get("Accept-Language", ""))):
            return self.get_response(request)


# Forms about the one who is logged in: shown to one and sent as another, they would give her address to him.
ONLY_WITH_TOKEN = ("/accounts/", "/admin/")
IN_AND_OUT = ("/accounts/login/", "/accounts/logout/")


class OwnForms:
    """A form that the browser itself says comes from a page of ours needs no further proof: the token of a page that was
    open while somebody logged in elsewhere is another one by then, and what was typed there would be lost. No other
    site, and no script, can write this header. Stands before Django's own check, which decides for all others."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kept_apart = request.path.startswith(ONLY_WITH_TOKEN) and not request.path.startswith(IN_AND_OUT)
        if request.headers.get("Sec-Fetch-Site") == "same-origin" and not kept_apart:
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # Django's own word for it
        return self.get_response(request)


class DatabaseAway:
    """A database that is away or contended is a 503 with Retry-After, never a 500."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if not isinstance(exc, errors.AWAY):
            return None
        log.warning("database away or contended: %s", exc)
        return errors.unavailable(request)
