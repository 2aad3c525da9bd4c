"""The addresses of money."""

from django.urls import path

from payments.dashboard import deposits, refunding

urlpatterns = [
    path("money/", deposits.listing, name="desk_deposits"),
    path("money/<uuid:uid>/", deposits.show, name="desk_deposit"),
    path("money/<uuid:uid>/refund/", refunding.refund, name="desk_refund"),
]
