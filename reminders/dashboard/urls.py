"""The addresses of messages."""

from django.urls import path

from reminders.dashboard import adapting, hearing, reminding, routing, views

urlpatterns = [
    path("messages/", views.listing, name="desk_messages"),
    path("messages/wording/", adapting.listing, name="desk_wording"),
    path("messages/wording/<slug:kind>/", adapting.edit, name="desk_wording_kind"),
    path("messages/wording/<slug:kind>/letter/", adapting.letter, name="desk_wording_letter"),
    path("messages/wording/<slug:kind>/send/", adapting.send, name="desk_wording_send"),
    path("messages/wording/<slug:kind>/ours/", adapting.to_ours, name="desk_wording_ours"),
    path(
        "messages/wording/<slug:kind>/versions/<int:number>/",
        adapting.to_version,
        name="desk_wording_version",
    ),
    path("messages/reminders/", reminding.options, name="desk_reminders"),
    path("messages/channels/", routing.listing, name="desk_channels"),
    path("messages/channels/add/", routing.add, name="desk_channel_add"),
    path("messages/channels/<uuid:uid>/", routing.edit, name="desk_channel"),
    path("messages/channels/<uuid:uid>/test/", routing.test, name="desk_channel_test"),
    path("messages/channels/<uuid:uid>/remove/", routing.remove, name="desk_channel_remove"),
    path("messages/notices/", hearing.choose, name="desk_notices"),
    path("messages/<uuid:uid>/", views.show, name="desk_message"),
    path("messages/<uuid:uid>/letter/", views.letter, name="desk_letter"),
]
