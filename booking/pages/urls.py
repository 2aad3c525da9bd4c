"""The addresses that clients see. `/{provider}/` takes what is left, so it stands last."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from booking.pages import (
    appointment,
    book,
    changing,
    channels,
    embed,
    finding,
    home,
    papers,
    proposing,
    public,
    subscribed,
    testing,
    wishing,
)

urlpatterns = [
    path("", home.home, name="home"),
    # Exempt: it sets a language and no more, and pages without a referrer could not post it else.
    path("i18n/language/", csrf_exempt(home.set_language), name="set_language"),
    path("a/address/<str:token>/", channels.confirm_address, name="confirm_address"),
    path("a/<str:token>/", appointment.show, name="appointment"),
    path("a/<str:token>/confirm/", appointment.confirm, name="appointment_confirm"),
    path("a/<str:token>/arrive/", appointment.arrive, name="appointment_arrive"),
    path("a/<str:token>/late/", appointment.late, name="appointment_late"),
    path("a/<str:token>/mode/", appointment.mode, name="appointment_mode"),
    path("a/<str:token>/explain/", appointment.explain, name="appointment_explain"),
    path("a/<str:token>/pay/", appointment.pay, name="appointment_pay"),
    path("a/<str:token>/check/", appointment.check, name="appointment_check"),
    path("a/<str:token>/pay/<uuid:charge>/", appointment.pay_owed, name="appointment_pay_owed"),
    path("a/<str:token>/card/", appointment.give_card, name="appointment_card"),
    path("a/<str:token>/card/remove/", appointment.remove_card, name="appointment_card_remove"),
    path("a/<str:token>/credit/", appointment.credit, name="appointment_credit"),
    path("a/<str:token>/join/", appointment.join, name="appointment_join"),
    path("a/<str:token>/join/test/", testing.test, name="appointment_test"),
    path("a/<str:token>/papers/<uuid:uid>.pdf", papers.paper, name="appointment_paper"),
    path("a/<str:token>/calendar.ics", appointment.calendar_file, name="appointment_calendar"),
    path("a/<str:token>/cancel/", changing.cancel, name="appointment_cancel"),
    path("a/<str:token>/proposal/<uuid:uid>/", proposing.proposal, name="appointment_proposal"),
    path("a/<str:token>/preferences/", wishing.tell, name="appointment_preferences"),
    path("a/<str:token>/messages/address/", channels.new_address, name="appointment_address"),
    path("a/<str:token>/messages/", channels.ways, name="appointment_messages"),
    path("a/<str:token>/move/", changing.move, name="appointment_move"),
    path("calendar/<str:token>.ics", subscribed.show, name="calendar_subscribed"),
    path("robots.txt", public.robots, name="robots"),
    path("sitemap.xml", public.sitemap, name="sitemap"),
    path("embed.js", embed.script, name="embed_script"),
    path("<slug:provider>/embed/", embed.services, name="embed"),
    path("<slug:provider>/embed/<slug:service>/", embed.service, name="embed_service"),
    path("<slug:provider>/embed/<slug:service>/booked/", embed.booked, name="embed_booked"),
    path("<slug:provider>/", home.provider, name="provider"),
    path("<slug:provider>/my-appointments/", finding.links, name="links"),
    path("<slug:provider>/<slug:service>/", book.book, name="service"),
]
