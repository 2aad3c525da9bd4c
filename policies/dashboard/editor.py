"""Set-up > Policies: the terms as a form, with what clients will read and what would happen if beside them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import transfer
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Service
from booking.models.appointment import WAITING, Status
from booking.texts import text_in
from config import formats
from policies.dashboard import panel, terms_words
from policies.dashboard.terms_form import TermsForm, Windows, preset
from policies.models import Policy
from policies.rules import terms

Content = dict[str, Any]
COPIES = "preset-"


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Each with its newest version and the services that it is for."""
    newest = {one.policy_id: one for one in desk.policy_versions.order_by("number")}
    names: dict[int, list[str]] = {}
    for service in desk.services.filter(hidden=False).order_by("position", "pk"):
        names.setdefault(service.policy_id, []).append(text_in(service.name, fallback=desk.provider.language))
    policies = [
        {
            "policy": policy,
            "version": newest[policy.pk],
            "since": formats.day(newest[policy.pk].created_at, desk.zone),
            "services": names.get(policy.pk, []),
            "deposit": terms_words.deposit(
                terms.read(newest[policy.pk].terms).deposit, desk.provider.currency
            ),
        }
        for policy in desk.policies.exclude(position=None).order_by("position", "pk")
        if policy.pk in newest
    ]
    return page(
        request, desk, "dashboard/policies.html", section="set_up",
        policies=policies, may="own" in desk.rights, presets=list(terms.PRESETS),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def add(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    return _edited(request, Editor(desk, None, begin=request.GET.get("preset", "")))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def edit(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    return _edited(request, Editor(desk, get_object_or_404(desk.policies, uid=uid)))


def _edited(request: HttpRequest, editor: Editor) -> HttpResponse:
    """The form; what is pressed besides *Save* arranges it and keeps what was typed."""
    if request.method != "POST":
        return editor.shown(request)
    if "own" not in editor.desk.rights:
        return editor.shown(request, status=403)
    do = request.POST.get("do", "")
    return editor.rearranged(request, do) if do else editor.saved(request)


@require_POST
@at_desk()
def preview(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The text and the costs of what is typed so far. Changes nothing."""
    policy = desk.policies.filter(pk=_number(request.POST.get("policy", ""))).first()
    editor = Editor(desk, policy)
    form, windows = TermsForm(request.POST, **editor.facts), Windows.typed(request.POST)
    return render(
        request,
        "dashboard/_policy_panel.html",
        {"panel": editor.panel(form, windows, request.POST), "provider": desk.provider, "again": True},
    )


def _number(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 12 else 0


@require_POST
@at_desk(may="own")
def withdraw(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """No longer offered; who agreed to it keeps it. Refused while a service uses it."""
    policy = get_object_or_404(desk.policies, uid=uid)

    def without(content: Content) -> str:
        content["policies"] = [one for one in content["policies"] if one["name"] != policy.name]
        return "policies"

    try:
        transfer.edit(provider=desk.provider, change=without, at=desk.at)
    except transfer.FileRefused:
        messages.error(
            request, _("“%(name)s” is still used by a service, or is your last one.") % {"name": policy.name}
        )
    else:
        messages.success(
            request, _("“%(name)s” is withdrawn. Who agreed to it keeps it.") % {"name": policy.name}
        )
    return HttpResponseRedirect(reverse("desk_policies"))


class Editor:
    """One policy on the page where it is edited; None: a new one, which may ``begin`` with a preset."""

    def __init__(self, desk: Desk, policy: Policy | None, *, begin: str = "") -> None:
        self.desk, self.policy = desk, policy
        self.versions = list(desk.policy_versions.filter(policy=policy).order_by("number")) if policy else []
        self.part = self._part(begin)
        self.facts: dict[str, Any] = {"provider": desk.provider, "part": self.part}

    def _part(self, begin: str) -> Content:
        if self.policy is None or not self.versions:
            return preset(begin if begin in terms.PRESETS else "Balanced")
        return transfer.policy_part(self.policy, self.desk.provider, self.versions[-1])

    def shown(self, request: HttpRequest, status: int = 200) -> HttpResponse:
        return self.page(request, TermsForm(**self.facts), Windows.kept(self.part["windows"]), status=status)

    def rearranged(self, request: HttpRequest, do: str) -> HttpResponse:
        if do.removeprefix(COPIES) in terms.PRESETS:
            name = request.POST.get("name", "")
            part = self.part | preset(do.removeprefix(COPIES)) | {"name": name}
            facts = self.facts | {"part": part}
            return self.page(request, TermsForm(**facts), Windows.kept(part["windows"]), began=do)
        form, windows = TermsForm.retyped(request.POST, **self.facts), Windows.rearranged(request.POST, do)
        return self.page(request, form, windows)

    def saved(self, request: HttpRequest) -> HttpResponse:
        form, windows = TermsForm(request.POST, **self.facts), Windows.typed(request.POST)
        if all((form.is_valid(), windows.are_valid())):
            number = self._store(form, windows)
            if number:
                messages.success(request, self._told(number))
                return HttpResponseRedirect(reverse("desk_policies"))
        return self.page(request, form, windows, status=400)

    def _store(self, form: TermsForm, windows: Windows) -> int:
        """The number of the version on offer from now on; 0 where the file's rules refused it."""
        part = form.said(windows)
        was = self.policy.name if self.policy else part["name"]
        others = self.desk.policies.exclude(name=was if self.policy else "")
        names: list[str] = []

        def put(content: Content) -> str:
            names.extend(self._name_of(one) for one in content["services"])
            return transfer.put(content["policies"], path="policies", key="name", new=part)

        try:
            with self.desk.alone():
                if others.filter(name=part["name"]).exists():
                    raise transfer.FileRefused([("name", _("Another policy of yours has this name."))])
                if part["name"] != was:
                    self.desk.policies.filter(name=was).update(name=part["name"])
                transfer.edit(provider=self.desk.provider, change=put, at=self.desk.at)
        except transfer.FileRefused as refused:
            typed = refused.as_typed(self.desk.provider.currency)
            form.told(_by_service(windows.told(typed), names), form.field_of)
            return 0
        found = self.desk.policy_versions.filter(policy__name=part["name"]).order_by("number").last()
        return found.number if found else 0

    def _name_of(self, part: Content) -> str:
        return text_in(part["name"], fallback=self.desk.provider.language)

    def _told(self, number: int) -> str:
        if self.versions and number == self.versions[-1].number:
            return _("Saved. The terms are as they were, so there is no new version.")
        said = _("Saved. Version %(number)s is what clients agree to from now on.") % {"number": number}
        return f"{said} {self.keeps}" if self.agreed else said

    @cached_property
    def agreed(self) -> int:
        """Appointments ahead under the terms as they are."""
        if self.policy is None:
            return 0
        ahead = self.desk.appointments.filter(status__in=(*WAITING, Status.CONFIRMED))
        return ahead.filter(policy_version__policy=self.policy, starts_at__gt=self.desk.at).count()

    @property
    def keeps(self) -> str:
        return ngettext(
            "%(n)s appointment already agreed keeps its terms.",
            "%(n)s appointments already agreed keep their terms.",
            self.agreed,
        ) % {"n": self.agreed}

    def services(self) -> list[Service]:
        """Those that use it before the others, and for a new one those that cost something: there is more to see."""
        found = self.desk.services.order_by("hidden", "position", "pk")
        mine = self.policy.pk if self.policy else None
        return sorted(found, key=lambda one: one.policy_id != mine if mine else not one.price)

    def panel(self, form: TermsForm, windows: Windows, said: Any) -> Content:
        services = self.services()
        return panel.panel(
            self.desk, typed_terms(form, windows), panel.asked(self.desk, said, services), services
        )

    def page(
        self, request: HttpRequest, form: TermsForm, windows: Windows, *, status: int = 200, began: str = ""
    ) -> HttpResponse:
        shown = {
            "form": form,
            "windows": windows,
            "policy": self.policy,
            "presets": list(terms.PRESETS),
            "began": began.removeprefix(COPIES),
            "panel": self.panel(form, windows, request.POST),
            "keeps": self.keeps if self.agreed else "",
            "history": self.history(),
            "may": "own" in self.desk.rights,
            "wrong_windows": any(row.errors for row in windows.rows),
        }
        return page(request, self.desk, "dashboard/policy.html", section="set_up", status=status, **shown)

    def history(self) -> list[Content]:
        """Every version, the newest first, with what it changed."""
        read = [terms.read(one.terms) for one in self.versions]
        return [
            {
                "number": one.number,
                "since": formats.short_moment(one.created_at, self.desk.zone),
                "differences": self._differences(read, n),
            }
            for n, one in reversed(list(enumerate(self.versions)))
        ]

    def _differences(self, read: list[terms.Terms], n: int) -> list[terms_words.Difference]:
        if not n:
            return []
        return terms_words.differences(read[n - 1], read[n], currency=self.desk.provider.currency)


def typed_terms(form: TermsForm, windows: Windows) -> terms.Terms | None:
    """The terms as they are typed; None while something is wrong."""
    if not form.is_bound:
        form = TermsForm(form_data(form), provider=form.provider, part=form.part)
        windows = Windows.typed(form_data(*windows.rows) | {"windows": str(len(windows.rows))})
    form.is_valid()
    if form.errors.keys() - {"name"} or not windows.are_valid():
        return None
    form.cleaned_data.setdefault("name", "")
    try:
        return terms.read({k: v for k, v in form.said(windows).items() if k not in ("name", "note")})
    except terms.TermsError:
        return None


def form_data(*forms: Any) -> dict[str, Any]:
    """What a browser would send of these forms, had nobody touched them."""
    return {
        bound.html_name: "" if bound.value() is None else bound.value() for form in forms for bound in form
    }


def _by_service(problems: dict[str, list[str]], names: list[str]) -> dict[str, list[str]]:
    """The file counts the services; people call them by name."""
    found: dict[str, list[str]] = {}
    for path, said in problems.items():
        at = re.fullmatch(r"services\[(\d+)\]\.policy", path)
        found[names[int(at[1])] if at and int(at[1]) < len(names) else path] = said
    return found
