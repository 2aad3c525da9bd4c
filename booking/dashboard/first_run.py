"""From a new log-in to a page that can be booked: four short steps, each of which may be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import starting
from booking.dashboard.access import CHOSEN, at_desk, by_oneself, example, now, own_page, page
from booking.dashboard.desk import Desk
from booking.dashboard.first_forms import HoursForm, OfferForm, TermsForm, WhoForm, as_read
from booking.models import Mode, User
from booking.pages import zones
from booking.transfer import FileRefused
from config import formats, second_factor
from config.refusal import Refusal

TYPED = "first_run"
STEPS = ("who", "offer", "hours", "terms")
NAMES = {
    "who": gettext_lazy("You"),
    "offer": gettext_lazy("What you offer"),
    "hours": gettext_lazy("When"),
    "terms": gettext_lazy("Terms"),
}
PLACES = {"provider": "who", "members": "who", "places": "offer", "services": "offer", "hours": "hours"}


@require_http_methods(["GET", "HEAD", "POST"])
@by_oneself
def step(request: HttpRequest, *, name: str = "who") -> HttpResponse:
    """One step: shown as it was typed, or with what is proposed."""
    user = request.user
    assert isinstance(user, User)
    if name not in STEPS:
        raise Http404
    if not starting.may_start(user):
        return own_page(request, "dashboard/start/closed.html", status=403)
    answers = Answers(request, user)
    with formats.on_clocks(answers.of("who")["hour_cycle"]):
        return _step(request, answers, name)


def _step(request: HttpRequest, answers: Answers, name: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, answers, name)
    if "skip" in request.POST:
        answers.leave_out(name)
    else:
        answers.keep(name, request.POST)
    if "back" in request.POST:
        return _to(STEPS[max(0, STEPS.index(name) - 1)])
    if "skip" not in request.POST and not answers.form(name).is_valid():
        return _page(request, answers, name, status=400)
    if "finish" in request.POST or name == STEPS[-1]:
        return _begin(request, answers)
    return _to(STEPS[STEPS.index(name) + 1])


class Answers:
    """What was typed so far, in the session, and what is proposed for the rest."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request, self.user = request, user
        self.typed: dict[str, str] = request.session.get(TYPED, {})

    def keep(self, name: str, said: QueryDict) -> None:
        self.typed = self.typed | {name: said.urlencode()}
        self.request.session[TYPED] = self.typed

    def leave_out(self, name: str) -> None:
        """As if nothing had been typed; the zone that the browser said is remembered."""
        self.typed = {step: said for step, said in self.typed.items() if step != name}
        if name == "who":
            self.typed["who"] = urlencode(self._who())
        self.request.session[TYPED] = self.typed

    def form(self, name: str) -> forms.Form:
        """Bound to what was typed; to nothing where the step was not answered yet."""
        said = QueryDict(self.typed[name]) if name in self.typed else None
        if name == "who":
            return WhoForm(said, initial=self._who())
        if name == "offer":
            return OfferForm(said, initial=self._offer(), currency=self.of("who")["currency"])
        if name == "hours":
            return HoursForm(said, initial=HOURS)
        return TermsForm(said, initial={"preset": "Balanced" if self.of("offer")["price"] else "Open"})

    def of(self, name: str) -> dict[str, Any]:
        """The answers of a step; where it was left out or is wrong, what was proposed."""
        form = self.form(name)
        if form.is_bound and form.is_valid():
            found = dict(form.cleaned_data)
            if isinstance(form, OfferForm):
                found["place"] = form.place
        else:
            found = dict(form.initial)
        if name == "who":
            found["name"] = found["name"] or self._who()["name"]
            found["slug"] = found["slug"] or starting.slug_for(found["name"])
        return found

    def draft(self) -> starting.Draft:
        who, offer, hours = (self.of(name) for name in STEPS[:3])
        trade = starting.TRADES.get(offer["trade"], starting.TRADES["own"])
        return starting.Draft(
            name=who["name"],
            slug=who["slug"],
            timezone=who["timezone"],
            language=who["language"],
            hour_cycle=who["hour_cycle"],
            currency=who["currency"],
            service=offer["service"],
            minutes=int(offer["minutes"]),
            rest=trade.rest,
            price=offer["price"] or 0,
            mode=offer["mode"],
            place=offer["place"],
            days=tuple(hours["days"]),
            opens=hours["opens"],
            closes=hours["closes"],
            pause=bool(hours["pause"]),
            preset=self.of("terms")["preset"],
        )

    def _who(self) -> dict[str, str]:
        zone = zones.known(self.request.GET.get("tz", ""), otherwise="UTC")
        return {
            "name": self.user.name or self.user.email.partition("@")[0],
            "slug": "",
            "timezone": zone,
            "currency": starting.currency_for(zone),
            "language": (get_language() or "en").split("-")[0],
            "hour_cycle": formats.hour_cycle(),
        }

    def _offer(self) -> dict[str, Any]:
        """By the trade that was chosen. Left out altogether, it is a phone call, which needs no place."""
        asked = self.request.GET.get("trade", "")
        key = asked if asked in starting.TRADES else "own"
        trade = starting.TRADES[key]
        facts = {"trade": key, "service": str(trade.service), "minutes": trade.minutes, "mode": trade.mode}
        return facts | {"price": "", "place": "", "address": "", "link": ""}


HOURS = {"days": ["mon", "tue", "wed", "thu", "fri"], "opens": "09:00", "closes": "17:00", "pause": False}


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk_start_step", args=[name]))


def _begin(request: HttpRequest, answers: Answers) -> HttpResponse:
    """Once: what is sent again after the page was made finds no answers, and begins at the first step."""
    if STEPS[0] not in answers.typed:
        return _to(STEPS[0])
    try:
        made = starting.begin(draft=answers.draft(), user=answers.user, at=now())
    except FileRefused as refused:
        path, (told, *_more) = next(iter(refused.as_typed(answers.draft().currency).items()))
        return _page(
            request, answers, PLACES.get(path.partition(".")[0].partition("[")[0], "terms"), told=told
        )
    except Refusal as refusal:
        return _page(request, answers, "who", told=refusal.detail or "", status=refusal.status)
    request.session.pop(TYPED, None)
    request.session[CHOSEN] = str(made.uid)
    return HttpResponseRedirect(reverse("desk_started"))


def _page(
    request: HttpRequest, answers: Answers, name: str, *, told: str = "", status: int = 200
) -> HttpResponse:
    if name == "offer" and request.GET.get("trade", "") in starting.TRADES:
        answers.typed = {step: said for step, said in answers.typed.items() if step != "offer"}
    draft = answers.draft()
    # Where nothing is paid all terms cost the same, nothing: they are told apart by a price.
    shown = draft if draft.price else replace(draft, price=starting.example_price(draft.currency))
    bound = name in answers.typed
    form = answers.form(name)
    if bound and request.method != "POST":
        form.is_valid()  # shown as it was typed, with what is wrong with it
    context: dict[str, Any] = {
        "step": name,
        "steps": [(one, NAMES[one]) for one in STEPS],
        "number": STEPS.index(name) + 1,
        "form": form,
        "told": told,
        "draft": draft,
        "price": formats.money(draft.price, draft.currency) if draft.price else "",
        "place": dict(MODES_SHORT)[draft.mode],
        "hours": _hours(draft),
        "example": example(),
        "zone": draft.timezone,
        "trades": [(key, trade.name) for key, trade in starting.TRADES.items()],
        "trade": form["trade"].value() if name == "offer" else "",
        "at_example": formats.money(shown.price, shown.currency) if not draft.price else "",
        "presets": _presets(shown, draft.preset) if name == "terms" else [],
    }
    return own_page(
        request,
        "dashboard/start/step.html",
        layout="dashboard/alone.html",
        status=400 if told and status == 200 else status,
        **context,
    )


def _presets(shown: starting.Draft, chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "name": starting.PRESET_NAMES[key],
            "words": starting.PRESET_WORDS[key],
            "lines": starting.lines(key, shown, language=get_language() or "en"),
            "chosen": chosen == key,
        }
        for key in starting.PRESETS
    ]


MODES_SHORT = (
    (Mode.IN_PERSON.value, gettext_lazy("in person")),
    (Mode.VIDEO.value, gettext_lazy("by video")),
    (Mode.PHONE.value, gettext_lazy("by phone")),
)


def _hours(draft: starting.Draft) -> str:
    numbers = [
        n for n, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun")) if day in draft.days
    ]
    names = [formats.weekday(n, short=True) for n in numbers]
    row = len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1))
    days = f"{names[0]} – {names[-1]}" if row else ", ".join(names)
    times = ", ".join(
        formats.span(as_read(opens), as_read(closes)) for opens, closes in starting.periods(draft)
    )
    return f"{days}, {times}"


@require_safe
@at_desk(may="own")
def started(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The page is there: its link, its code, and what else there is to do."""
    service = starting.first_service(desk.provider)
    context: dict[str, Any] = {
        "link": request.build_absolute_uri(f"/{desk.provider.slug}/"),
        "service": service,
        "left": left(request, desk),
    }
    return page(request, desk, "dashboard/start/done.html", section="", **context)


def left(request: HttpRequest, desk: Desk) -> list[dict[str, Any]]:
    """What a new provider may still do, each with whether it is done."""
    service = starting.first_service(desk.provider)
    book = f"/{desk.provider.slug}/{service.slug}/" if service else reverse("desk_set_up")
    factor, calendar = second_factor.is_set_up(desk.user), bool(desk.membership.calendar_hash)
    lines = [
        (book, _("Book yourself once, to see what clients see"), desk.appointments.exists()),
        (reverse("desk_you") + "#second-factor", _("Set up a second factor for your log-in"), factor),
        (reverse("desk_papers_set_up"), _("Say who you are on receipts"), desk.business is not None),
        (reverse("desk_subscribe"), _("See your appointments in your own calendar"), calendar),
        (reverse("desk_share"), _("Put the page on your own site"), bool(desk.provider.embed_sites)),
    ]
    return [{"url": url, "words": words, "done": done} for url, words, done in lines]


def checklist(request: HttpRequest, desk: Desk) -> list[dict[str, Any]]:
    """For Today: nothing once it was put away or all is done."""
    if not desk.provider.getting_started or "own" not in desk.rights:
        return []
    found = left(request, desk)
    return found if any(not one["done"] for one in found) else []


@require_POST
@at_desk(may="own")
def put_away(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    starting.stop_reminding(desk.provider)
    messages.success(request, _("Put away. All of it stands in Set-up."))
    return HttpResponseRedirect(reverse("dashboard"))
