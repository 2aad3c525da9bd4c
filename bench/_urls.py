"""The product's addresses one that does nothing and one that shows nothing, behind the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as ours


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def bare(request: HttpRequest) -> HttpResponse:
    """A page in our base template with nothing on it."""
    return render(request, "base.html")


urlpatterns = [path("empty/", empty), path("bare/", bare), *ours]
