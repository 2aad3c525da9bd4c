"""Set-up > Services: what can be booked, in the order in which clients see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import transfer
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.questions import Questions
from booking.dashboard.service_acts import ACTS
from booking.dashboard.service_form import NEW, ServiceForm
from booking.models import Service
from booking.pages import offering
from booking.texts import text_in
from policies.models import Policy
from policies.rules import deposit, terms

Content = dict[str, Any]


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Each with what its clients pay, and the acts on it."""
    found = list(desk.services.select_related("policy").order_by("position", "pk"))
    offered = [one for one in found if in_file(one)]
    newest = {one.policy_id: terms.read(one.terms) for one in desk.policy_versions.order_by("number")}
    services = [
        {
            "service": one,
            "name": text_in(one.name, fallback=desk.provider.language),
            "length": offering.length(one.duration_minutes),
            "deposit": _deposit(desk, one, newest.get(one.policy_id)),
            "first": not offered or one == offered[0] or one not in offered,
            "last": not offered or one == offered[-1] or one not in offered,
        }
        for one in [*offered, *(one for one in found if one not in offered)]
    ]
    return page(
        request, desk, "dashboard/services.html", section="set_up",
        services=services, may="own" in desk.rights, has_policy=bool(on_offer(desk)),
    )  # fmt: skip


def _deposit(desk: Desk, service: Service, agreed: terms.Terms | None) -> int:
    if agreed is None or (agreed.deposit.kind == "hours" and not desk.provider.hourly_rate):
        return 0
    return deposit.amount(
        agreed.deposit,
        price=service.price,
        hourly_rate=desk.provider.hourly_rate,
        currency=desk.provider.currency,
    )


def in_file(service: Service) -> bool:
    """A hidden service whose policy is withdrawn is no part of the file: it has no place in the order."""
    return not service.hidden or service.policy.position is not None


def on_offer(desk: Desk) -> dict[str, Policy]:
    """The policies that a service can have, by name."""
    return {one.name: one for one in desk.policies.exclude(position=None).order_by("position", "pk")}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def add(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    return _edited(request, desk, None)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def edit(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    found = get_object_or_404(desk.services.select_related("policy"), uid=uid)
    return _edited(request, desk, found)


def _edited(request: HttpRequest, desk: Desk, service: Service | None) -> HttpResponse:
    """The form; what is pressed besides *Save* arranges the questions and keeps what was typed."""
    editor = Editor(desk, service)
    if request.method != "POST":
        return editor.shown(request)
    if "own" not in desk.rights:
        return editor.shown(request, status=403)
    do = request.POST.get("do", "")
    if do:
        return editor.rearranged(request, do)
    return editor.saved(request)


class Editor:
    """One service on the page where it is edited; None: a new one."""

    def __init__(self, desk: Desk, service: Service | None) -> None:
        self.desk, self.service = desk, service
        self.policies = on_offer(desk)
        self.part = self._part()
        self.facts: dict[str, Any] = {
            "provider": desk.provider,
            "part": self.part,
            "policies": list(self.policies),
        }

    def _part(self) -> Content:
        if self.service is None:
            modes = list(self.desk.provider.places)
            return NEW | {"modes": modes[:1], "policy": next(iter(self.policies), "")}
        self.service.provider = self.desk.provider
        return transfer.service_part(self.service)

    def shown(self, request: HttpRequest, status: int = 200) -> HttpResponse:
        questions = Questions.kept(self.part["questions"], first=self.desk.provider.language)
        return self.page(request, ServiceForm(**self.facts), questions, status=status)

    def rearranged(self, request: HttpRequest, do: str) -> HttpResponse:
        form = ServiceForm.retyped(request.POST, **self.facts)
        first, parts = self.desk.provider.language, self.part["questions"]
        questions = Questions.rearranged(request.POST, do, first=first, parts=parts)
        return self.page(request, form, questions, arranged=True)

    def saved(self, request: HttpRequest) -> HttpResponse:
        first, parts = self.desk.provider.language, self.part["questions"]
        form = ServiceForm(request.POST, **self.facts)
        questions = Questions.typed(request.POST, first=first, parts=parts)
        if all([form.is_valid(), questions.are_valid()]) and self._store(form, questions):
            messages.success(request, _("Saved. Clients see it from now on."))
            return HttpResponseRedirect(reverse("desk_services"))
        return self.page(request, form, questions, status=400)

    def _store(self, form: ServiceForm, questions: Questions) -> bool:
        others = self.desk.services.exclude(slug=self.service.slug if self.service else "")
        taken = list(others.values_list("slug", flat=True))
        try:
            store(self.desk, form.said(questions, taken), self.service)
        except transfer.FileRefused as refused:
            typed = refused.as_typed(self.desk.provider.currency)
            form.told(questions.told(typed), form.field_of)
            return False
        return True

    def page(
        self,
        request: HttpRequest,
        form: ServiceForm,
        questions: Questions,
        *,
        status: int = 200,
        arranged: bool = False,
    ) -> HttpResponse:
        name = text_in(self.part["name"], fallback=self.desk.provider.language)
        return page(
            request, self.desk, "dashboard/service.html", section="set_up", status=status,
            form=form, questions=questions, name=name, service=self.service, arranged=arranged,
            offer=form.preview(self.policies), may="own" in self.desk.rights, has_policy=bool(self.policies),
            open=form.wrong_sections, wrong_questions=any(row.errors for row in questions.rows),
        )  # fmt: skip


def store(desk: Desk, part: Content, service: Service | None) -> None:
    """Puts the service into the provider's file, under a new address where it got one; all or nothing."""
    was = service.slug if service else part["slug"]
    others = desk.services.exclude(slug=service.slug if service else "")

    def put(content: Content) -> str:
        if content.get("cost_offer", {}).get("service") == was:
            content["cost_offer"]["service"] = part["slug"]
        return transfer.put(content["services"], path="services", key="slug", new=part)

    with desk.alone():
        if others.filter(slug=part["slug"]).exists():
            raise transfer.FileRefused([("slug", _("Another service of yours has this address."))])
        if part["slug"] != was:
            desk.services.filter(slug=was).update(slug=part["slug"])
        transfer.edit(provider=desk.provider, change=put, at=desk.at)


@require_POST
@at_desk()
def preview(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The card as clients would see it, of what is typed so far. Changes nothing."""
    policies = on_offer(desk)
    form = ServiceForm(request.POST, provider=desk.provider, part=NEW, policies=list(policies))
    return render(
        request,
        "dashboard/_service_preview.html",
        {"offer": form.preview(policies), "provider": desk.provider},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def act(request: HttpRequest, *, desk: Desk, uid: UUID, name: str) -> HttpResponse:
    """Moves, hides, shows, copies or takes off; taking off is asked once more before."""
    service = get_object_or_404(desk.services.select_related("policy"), uid=uid)
    if name not in ACTS:
        raise Http404
    if request.method != "POST":
        return _asked(request, desk, service) if name == "delete" else HttpResponseNotAllowed(["POST"])
    change, told = ACTS[name]
    try:
        transfer.edit(
            provider=desk.provider, change=lambda content: change(content, service.slug), at=desk.at
        )
    except transfer.FileRefused as refused:
        for said in refused.as_typed(desk.provider.currency).values():
            messages.error(request, " ".join(said))
    else:
        if told:
            messages.success(request, told % {"name": text_in(service.name, fallback=desk.provider.language)})
    return HttpResponseRedirect(reverse("desk_services") + f"#service-{service.uid}")


def _asked(request: HttpRequest, desk: Desk, service: Service) -> HttpResponse:
    booked = desk.appointments.filter(service=service).count()
    said = ngettext(
        "It was booked %(n)s time, so it is hidden instead: what was booked stays, and nobody can book it any more.",
        "It was booked %(n)s times, so it is hidden instead: what was booked stays, and nobody can book it any more.",
        booked,
    ) % {"n": booked}
    return page(
        request, desk, "dashboard/service_delete.html", section="set_up", service=service,
        name=text_in(service.name, fallback=desk.provider.language), booked=booked, said=said,
    )  # fmt: skip
