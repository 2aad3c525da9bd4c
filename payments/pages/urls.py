from django.urls import path

from payments.pages import sandbox, sandbox_account

urlpatterns = [
    path("account/<uuid:uid>/", sandbox_account.set_up, name="set_up_account"),
    path("card/<uuid:uid>/", sandbox.give, name="give_card"),
    path("<uuid:uid>/", sandbox.pay, name="pay"),
]
