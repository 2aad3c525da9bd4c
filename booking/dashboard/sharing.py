"""Link, QR code and embed code of the booking page, and the sites that may show it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import sites
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Service
from booking.pages import framed
from booking.texts import text_in

QR_KINDS = {"svg": "image/svg+xml", "png": "image/png"}
WHY = {
    "unreadable": gettext_lazy("“%(typed)s” is no address of a site. It looks like https://www.example.com."),
    "not_https": gettext_lazy("“%(typed)s” must begin with https://, so: %(right)s"),
    "longer": gettext_lazy("“%(typed)s” is more than the site. Its beginning is enough: %(right)s"),
}


@dataclass(frozen=True)
class Code:
    """One way to put the page on a site, ready to copy."""

    id: str
    name: str
    words: str
    text: str


class SitesForm(forms.Form):
    """One site per line."""

    sites = forms.CharField(
        label=gettext_lazy("Sites that may show your booking page"),
        help_text=gettext_lazy(
            "One per line, like https://www.example.com. Nobody else can show it in a frame."
        ),
        required=False,
        max_length=sites.MOST * sites.LONGEST,
        widget=forms.Textarea(
            {"rows": 3, "spellcheck": "false", "autocapitalize": "off", "inputmode": "url"}
        ),
    )

    def clean_sites(self) -> list[str]:
        typed = [line for line in self.cleaned_data["sites"].split() if line]
        found: list[str] = []
        wrong = []
        for one in typed:
            try:
                found.append(sites.origin(one))
            except sites.NotASite as no:
                wrong.append(str(WHY[no.why]) % {"typed": one[:80], "right": no.right})
        if len(found) > sites.MOST:
            wrong.append(_("At most %(most)s sites can be listed.") % {"most": sites.MOST})
        if wrong:
            raise forms.ValidationError(wrong)
        return list(dict.fromkeys(found))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What there is to copy, for the whole page or for one service; a post changes the list of sites."""
    may = "act" in desk.rights
    chosen, theme = _chosen(request, desk), _theme(request)
    form = SitesForm(initial={"sites": "\n".join(desk.provider.embed_sites)})
    status = 200
    if request.method == "POST":
        form = SitesForm(request.POST) if may else form
        if may and form.is_valid():
            desk.provider.embed_sites = form.cleaned_data["sites"]
            desk.provider.save(update_fields=["embed_sites"])
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(f"{_here(chosen, theme)}#sites")
        status = 400 if may else 403
    return page(
        request, desk, "dashboard/share.html", section="share", status=status, form=form, may=may,
        **_context(desk, chosen, theme),
    )  # fmt: skip


@require_safe
@at_desk()
def qr(request: HttpRequest, *, desk: Desk, kind: str) -> HttpResponse:
    """The code of the link, as a picture that can be printed at any size (SVG) or put anywhere (PNG)."""
    if kind not in QR_KINDS:
        raise Http404
    chosen = _chosen(request, desk)
    code = segno.make(_link(desk, chosen), error="m", micro=False)
    made = io.BytesIO()
    if kind == "svg":
        code.save(made, kind="svg", scale=8, border=4, light="#ffffff", dark="#000000", omitsize=True)
    else:
        code.save(made, kind="png", scale=24, border=4)
    name = "-".join([desk.provider.slug, *([chosen.slug] if chosen else [])])
    how = "attachment" if "download" in request.GET else "inline"
    headers = {"Content-Disposition": f'{how}; filename="{name}-qr.{kind}"'}
    return HttpResponse(made.getvalue(), content_type=QR_KINDS[kind], headers=headers)


def _chosen(request: HttpRequest, desk: Desk) -> Service | None:
    """The service that was asked for; none for the whole page, 404 for another's."""
    asked = request.GET.get("service", "")
    if not asked:
        return None
    found = desk.services.filter(slug=asked).first()
    if found is None:
        raise Http404
    return found


def _theme(request: HttpRequest) -> str:
    """Light or dark, where the site's own colours are asked for."""
    asked = request.GET.get("theme", "")
    return asked if asked in framed.THEMES else ""


def _here(chosen: Service | None, theme: str) -> str:
    said = {"service": chosen.slug if chosen else "", "theme": theme}
    query = urlencode({name: value for name, value in said.items() if value})
    return reverse("desk_share") + (f"?{query}" if query else "")


def _link(desk: Desk, chosen: Service | None) -> str:
    path = f"/{desk.provider.slug}/" + (f"{chosen.slug}/" if chosen else "")
    return settings.BASE_URL.rstrip("/") + path


def _context(desk: Desk, chosen: Service | None, theme: str) -> dict[str, Any]:
    services = desk.services.filter(hidden=False).order_by("position", "pk")
    link = _link(desk, chosen)
    mark = {"service": chosen.slug} if chosen else {}
    frame = f"/{desk.provider.slug}/embed/" + (f"{chosen.slug}/" if chosen else "")
    own = settings.BASE_URL.rstrip("/")
    seen = {"site": own, "lang": get_language() or "en"} | ({"theme": theme} if theme else {})
    return {
        "link": link,
        "targets": [
            {"name": _("All services"), "url": _here(None, theme), "current": chosen is None},
            *(
                {"name": _name(desk, one), "url": _here(one, theme), "current": one == chosen}
                for one in services
            ),
        ],
        "what": _name(desk, chosen) if chosen else desk.provider.name,
        "qr_url": _qr_url("svg", mark),
        "downloads": [("SVG", _qr_url("svg", mark | {"download": "1"})), ("PNG", _qr_url("png", mark | {"download": "1"}))],
        "codes": _codes(desk, link, theme),
        "themes": [
            {"name": name, "url": _here(chosen, one) + "#colours", "current": one == theme}
            for one, name in (("", _("As the visitor’s device")), ("light", _("Light")), ("dark", _("Dark")))
        ],
        "allows": f"script-src {own}; frame-src {own}",
        "preview_url": f"{frame}?{urlencode(seen)}",
        "listed": bool(desk.provider.embed_sites),
    }  # fmt: skip


def _qr_url(kind: str, said: dict[str, str]) -> str:
    url = reverse("desk_share_qr", args=[kind])
    return f"{url}?{urlencode(said)}" if said else url


def _name(desk: Desk, service: Service) -> str:
    return text_in(service.name, fallback=desk.provider.language)


def _codes(desk: Desk, link: str, theme: str) -> list[Code]:
    """Each is a link that works by itself, and the script that makes more of it. The words of the link are the
    clients' language, which the provider may change."""
    with override(desk.provider.language):
        words = _("Book a time")
    script = format_html('<script src="{}/embed.js" async></script>', settings.BASE_URL.rstrip("/"))
    names = {
        "inline": (_("In the page"), _("The booking page stands where the link was, and grows with what it shows.")),
        "popup": (_("As a pop-up"), _("Your own link, wherever it stands, opens it on top of the page.")),
        "button": (_("As a button"), _("A button in the corner of the page opens it. Its colour is yours to change.")),
    }  # fmt: skip
    more = {"button": ' data-color="#0b6a57"'}
    light_or_dark = f' data-theme="{theme}"' if theme else ""
    return [
        Code(
            id=kind,
            name=name,
            words=said,
            text=f'<a href="{link}" data-kept="{kind}"{more.get(kind, "")}{light_or_dark}>{words}</a>\n{script}',
        )
        for kind, (name, said) in names.items()
    ]
