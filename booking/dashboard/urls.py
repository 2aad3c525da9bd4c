"""The addresses of the dashboard's own room."""

from django.urls import path

from booking.dashboard import (
    addresses,
    appointments,
    calendar,
    clients,
    concerns,
    desks,
    importing,
    persons,
    setting_up,
    sharing,
    subscribing,
    today,
    wishes,
)

urlpatterns = [
    path("", today.today, name="dashboard"),
    path("more/", desks.more, name="desk_more"),
    path("switch/", desks.switch, name="desk_switch"),
    path("calendar/", calendar.show, name="desk_calendar"),
    path("calendar/subscribe/", subscribing.show, name="desk_subscribe"),
    path("calendar/feed/", calendar.feed, name="desk_calendar_feed"),
    path("appointments/", appointments.listing, name="desk_appointments"),
    path("appointments/<uuid:uid>/", appointments.show, name="desk_appointment"),
    path("appointments/<uuid:uid>/<slug:name>/", appointments.act, name="desk_act"),
    path("set-up/", setting_up.show, name="desk_set_up"),
    path("share/", sharing.show, name="desk_share"),
    path("share/qr.<slug:kind>", sharing.qr, name="desk_share_qr"),
    path("clients/", clients.listing, name="desk_clients"),
    path("clients/import/", importing.bring, name="desk_clients_import"),
    path("clients/wishes/", wishes.show, name="desk_wishes"),
    path("clients/cost/", wishes.cost_offer, name="desk_cost_offer"),
    path("concerns/<uuid:uid>/", concerns.decide, name="desk_concern"),
    path("clients/<uuid:uid>/address/", addresses.correct, name="desk_client_address"),
    path("clients/<uuid:uid>/note/", persons.note, name="desk_client_note"),
    path("clients/<uuid:uid>/block/", persons.block, name="desk_client_block"),
    path("clients/<uuid:uid>/export/", persons.export, name="desk_client_export"),
    path("clients/<uuid:uid>/erase/", persons.erase, name="desk_client_erase"),
    path("clients/<uuid:uid>/", clients.show, name="desk_client"),
]
