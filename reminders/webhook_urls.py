from django.urls import path

from reminders import bounces

urlpatterns = [
    path("mail/<slug:sender>/", bounces.mail, name="mail-webhook"),
    path("texts/<uuid:uid>/", bounces.answer, name="texts-webhook"),
]
