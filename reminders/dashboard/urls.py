"""The addresses of messages."""

from django.urls import path

from reminders.dashboard import views

urlpatterns = [
    path("messages/", views.listing, name="desk_messages"),
    path("messages/<uuid:uid>/", views.show, name="desk_message"),
    path("messages/<uuid:uid>/letter/", views.letter, name="desk_letter"),
]
