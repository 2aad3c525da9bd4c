"""Beside the product's addresses, behind the same middleware: one that does nothing, one that shows nothing and one
that sends on to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from config.urls import urlpatterns as ours


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def bare(request: HttpRequest) -> HttpResponse:
    """A page in our base template with nothing on it."""
    return render(request, "base.html")


urlpatterns = [
    path("empty/", empty),
    path("bare/", bare),
    path("bare/on/", RedirectView.as_view(url="/bare/")),
    *ours,
]
