"""What is left: addresses that were typed without their slash, and those that are none."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from config import errors


class SameAgain(HttpResponsePermanentRedirect):
    """Permanently there, by the same method and with the same body."""

    status_code = 308


@csrf_exempt
def elsewhere(request: HttpRequest, rest: str) -> HttpResponse:
    """The address with its slash where there is one, else nothing."""
    if not rest.endswith("/"):
        there = f"{request.path}/"
        try:
            if resolve(there).url_name != "elsewhere":
                query = request.META.get("QUERY_STRING", "")
                return SameAgain(there + (f"?{query}" if query else ""))
        except Resolver404:
            pass
    return errors.not_found(request)
