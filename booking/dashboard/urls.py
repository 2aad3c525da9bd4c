"""The addresses of the dashboard's own room."""

from django.urls import path

from booking.dashboard import appointments, calendar, clients, desks, today

urlpatterns = [
    path("", today.today, name="dashboard"),
    path("more/", desks.more, name="desk_more"),
    path("switch/", desks.switch, name="desk_switch"),
    path("calendar/", calendar.show, name="desk_calendar"),
    path("calendar/feed/", calendar.feed, name="desk_calendar_feed"),
    path("appointments/", appointments.listing, name="desk_appointments"),
    path("appointments/<uuid:uid>/", appointments.show, name="desk_appointment"),
    path("appointments/<uuid:uid>/<slug:name>/", appointments.act, name="desk_act"),
    path("clients/", clients.listing, name="desk_clients"),
    path("clients/<uuid:uid>/", clients.show, name="desk_client"),
]
