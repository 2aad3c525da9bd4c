"""The addresses of money."""

from django.urls import path

from payments.dashboard import deposits, refunding, setting_up

urlpatterns = [
    path("money/", deposits.listing, name="desk_deposits"),
    path("money/<uuid:uid>/", deposits.show, name="desk_deposit"),
    path("money/<uuid:uid>/refund/", refunding.refund, name="desk_refund"),
    path("money/papers/set-up/", setting_up.set_up, name="desk_papers_set_up"),
]
