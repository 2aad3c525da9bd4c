"""Messages > Wording: each kind of message in the provider's own words, seen before it is said.

Looking changes nothing: the letter shown is made of what stands in the form, and is sent at most to the
member who asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking.api.throttles import within
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Appointment, Service
from config.formats import short_moment
from config.refusal import Refusal
from reminders import adapted, channels, wording
from reminders.dashboard import samples, words
from reminders.dashboard.tabs import tabs
from reminders.dashboard.views import LETTER_POLICY
from reminders.models import Adapted
from reminders.wording import Letter, placeholders
from reminders.wording.case import Case
from reminders.wording.letter import CLOSING, OPENING, Note, Words

SENT_A_MINUTE = 3
CHOICES = 20


class WordsForm(forms.Form):
    """What is left empty is said in our words."""

    subject = forms.CharField(label=gettext_lazy("Subject"), required=False)
    heading = forms.CharField(label=gettext_lazy("Heading"), required=False)
    opening = forms.CharField(
        label=gettext_lazy("How it begins"), required=False, widget=forms.Textarea({"rows": 6})
    )
    closing = forms.CharField(
        label=gettext_lazy("How it ends"), required=False, widget=forms.Textarea({"rows": 4})
    )

    def show_ours(self, ours: Letter) -> None:
        """In each empty field, what is said where it stays empty."""
        said = {"subject": ours.subject, "heading": ours.heading}
        for part in (OPENING, CLOSING):
            free = (one for one in ours.blocks if isinstance(one, Words | Note) and one.part == part)
            said[part] = "\n\n".join(one.text for one in free)
        for name, text in said.items():
            self.fields[name].widget.attrs |= {"placeholder": text, "lang": ours.language}

    def clean(self) -> dict[str, Any]:
        found = {name: self.cleaned_data.get(name, "") for name in Adapted.TEXTS}
        for name, wrong in placeholders.problems(found).items():
            for one in wrong:
                self.add_error(name, one)
        return found


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Every kind that clients get, and in which languages it is said in the provider's words."""
    ours: dict[str, list[str]] = {}
    for one in desk.adapted.order_by("language"):
        ours.setdefault(one.kind, []).append(one.language)
    names = dict(settings.LANGUAGES)
    kinds = [
        {
            "kind": kind,
            "name": str(words.KINDS.get(kind, kind)),
            "own": [{"code": code, "name": names.get(code, code)} for code in ours.get(kind, [])],
        }
        for kind in adapted.kinds()
    ]
    return page(
        request,
        desk,
        "dashboard/messages/wording.html",
        section="messages",
        tabs=tabs("desk_wording"),
        kinds=kinds,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="look")
def edit(request: HttpRequest, *, desk: Desk, kind: str) -> HttpResponse:
    """One kind in one language; a POST makes these the words from now on."""
    place = Place(request, desk, kind)
    if request.method != "POST":
        return place.shown(WordsForm(initial=place.texts))
    place.must_act()
    form = WordsForm(request.POST)
    if not form.is_valid():
        return place.shown(form, status=400)
    saved = adapted.save(
        provider=desk.provider,
        kind=kind,
        language=place.language,
        texts=form.cleaned_data,
        by=desk.user,
        at=desk.at,
    )
    said = _("Saved. This is what clients read from now on.") if saved else _("Our words again.")
    messages.success(request, said)
    return HttpResponseRedirect(place.address)


@require_POST
@at_desk(may="act")
def to_ours(request: HttpRequest, *, desk: Desk, kind: str) -> HttpResponse:
    place = Place(request, desk, kind)
    adapted.go_back(provider=desk.provider, kind=kind, language=place.language, at=desk.at)
    messages.success(request, _("Our words again. Yours are kept below, to go back to."))
    return HttpResponseRedirect(place.address)


@require_POST
@at_desk(may="act")
def to_version(request: HttpRequest, *, desk: Desk, kind: str, number: int) -> HttpResponse:
    """An earlier version once more: it becomes the newest."""
    place = Place(request, desk, kind)
    found = next((one for one in place.versions if one.number == number), None)
    if found is None:
        raise Http404
    try:
        adapted.save(
            provider=desk.provider,
            kind=kind,
            language=place.language,
            texts=found.texts,
            by=desk.user,
            at=desk.at,
        )
    except Refusal as refusal:  # a placeholder that there is no longer
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Version %(number)s is in use again.") % {"number": number})
    return HttpResponseRedirect(place.address)


@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
@at_desk()
def letter(request: HttpRequest, *, desk: Desk, kind: str) -> HttpResponse:
    """The letter as it would be, for the frame beside the form: of what was typed, or of what is in force."""
    place = Place(request, desk, kind)
    form = WordsForm(request.POST) if request.method == "POST" else WordsForm(place.texts)
    if place.appointment is None:
        response = render(request, "dashboard/messages/_sample.html", {"nothing": True})
    elif not form.is_valid():
        response = render(request, "dashboard/messages/_sample.html", {"form": form})
    else:
        made = place.letter(form.cleaned_data)
        if place.asked.get("as") == "text":
            response = render(request, "dashboard/messages/_sample.html", {"letter": made})
        else:
            response = HttpResponse(made.html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@at_desk()
def send(request: HttpRequest, *, desk: Desk, kind: str) -> HttpResponse:
    """To the member who asks, with what stands in the form; nothing is saved."""
    place = Place(request, desk, kind)
    form = WordsForm(request.POST)
    if not form.is_valid() or place.appointment is None:
        return place.shown(form, status=400)
    if not within("sample", str(desk.user.pk), most=SENT_A_MINUTE):
        return place.shown(form, refused=_("That was a lot in one minute. Please wait a moment."), status=429)
    try:
        channels.send_sample(
            place.letter(form.cleaned_data),
            kind=kind,
            to=desk.user.email,
            answers_to=desk.provider.email,
            at=desk.at,
        )
    except (channels.Refused, channels.TryLater, channels.Away) as trouble:
        refused = _("It could not be sent: %(why)s") % {"why": trouble}
        return place.shown(form, refused=refused, status=503)
    sent = _("Sent to %(address)s. Nothing is saved yet.") % {"address": desk.user.email}
    return place.shown(form, told=sent)


class Place:
    """Which words are looked at: a kind in a language, about an appointment, real or made up."""

    def __init__(self, request: HttpRequest, desk: Desk, kind: str) -> None:
        if kind not in adapted.kinds():
            raise Http404
        self.request, self.desk, self.kind = request, desk, kind
        self.asked = request.POST if request.method == "POST" else request.GET
        wanted = self.asked.get("language", "")
        own = desk.provider.language
        known = dict(settings.LANGUAGES)
        self.language = wanted if wanted in known else own if own in known else "en"
        self.chosen = self.asked.get("about", "")
        self.real = self._real()
        self.appointment = self.real or self._made_up()

    @property
    def versions(self) -> list[Adapted]:
        return adapted.versions(provider=self.desk.provider, kind=self.kind, language=self.language)

    @property
    def texts(self) -> dict[str, str]:
        found = adapted.in_force(provider=self.desk.provider, kind=self.kind, language=self.language)
        return found.texts if found else {}

    @property
    def address(self) -> str:
        about = f"&about={self.chosen}" if self.real else ""
        return f"{reverse('desk_wording_kind', args=[self.kind])}?language={self.language}{about}"

    def must_act(self) -> None:
        if "act" not in self.desk.rights:
            raise PermissionDenied

    def letter(self, texts: dict[str, str]) -> Letter:
        with translation.override(self.language):
            return wording.letter(self._case(), texts=texts)

    def shown(self, form: WordsForm, *, status: int = 200, told: str = "", refused: str = "") -> HttpResponse:
        versions = self.versions
        with translation.override(self.language):
            ours = wording.letter(self._case(), texts={}) if self.appointment else None
            filled = placeholders.examples(self._case()) if self.appointment else {}
        if ours:
            form.show_ours(ours)
        return page(
            self.request,
            self.desk,
            "dashboard/messages/adapt.html",
            section="messages",
            status=status,
            tabs=tabs("desk_wording"),
            kind=self.kind,
            name=str(words.KINDS.get(self.kind, self.kind)),
            language=self.language,
            languages=settings.LANGUAGES,
            form=form,
            ours=ours,
            told=told,
            refused=refused,
            may_act="act" in self.desk.rights,
            versions=[_version(one, self.desk.zone) for one in versions],
            in_force=any(one.ended_at is None for one in versions),
            placeholders=[
                {"name": "{" + name + "}", "words": str(one.words), "example": filled.get(name, "")}
                for name, one in placeholders.PLACEHOLDERS.items()
            ],
            appointments=self._choices(),
            about=self.chosen if self.real else "",
            letter_url=f"{reverse('desk_wording_letter', args=[self.kind])}?language={self.language}"
            + (f"&about={self.chosen}" if self.real else ""),
        )

    def _case(self) -> Case:
        assert self.appointment is not None
        return samples.case(self.appointment, self.kind, at=self.desk.at)

    def _real(self) -> Appointment | None:
        try:
            uid = UUID(self.chosen)
        except ValueError:
            return None
        found = self.desk.appointments.filter(uid=uid).first()
        return self.desk.known(found) if found else None

    def _made_up(self) -> Appointment | None:
        service: Service | None = (
            self.desk.services.order_by("hidden", "-price").select_related("policy").first()
        )
        if service is None:
            return None
        service.provider = self.desk.provider
        with translation.override(self.language):
            return samples.made_up(service, language=self.language, at=self.desk.at)

    def _choices(self) -> list[dict[str, Any]]:
        near = self.desk.appointments.order_by("-starts_at")[:CHOICES]
        return [
            {
                "uid": str(one.uid),
                "name": f"{one.client.name}, {short_moment(one.starts_at, self.desk.zone)}",
            }
            for one in near
        ]


def _version(one: Adapted, zone: str) -> dict[str, Any]:
    def said(when: datetime) -> str:
        return short_moment(when, zone)

    return {
        "number": one.number,
        "since": said(one.created_at),
        "until": said(one.ended_at) if one.ended_at else "",
        "by": one.user.name or one.user.email if one.user else "",
        "texts": [text for text in one.texts.values() if text],
    }
