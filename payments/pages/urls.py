from django.urls import path

from payments.pages import sandbox

urlpatterns = [
    path("card/<uuid:uid>/", sandbox.give, name="give_card"),
    path("<uuid:uid>/", sandbox.pay, name="pay"),
]
