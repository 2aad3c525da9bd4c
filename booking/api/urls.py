"""The addresses of the API. An appointment's link has a token, its provider a UUID: the first needs no log-in,
the second a bearer token."""

from django.urls import path, re_path

from booking.api import (
    bookings,
    charges,
    clients,
    concerns,
    desk,
    front,
    ledgers,
    own,
    papers,
    proposals,
    public,
    reaching,
    setup,
)

app_name = "api"

OWN = "appointments/<str:token>/"
DESK = "appointments/<uuid:id>/"
MONTH = r"(?P<month>2[01]\d\d-(?:0[1-9]|1[0-2]))"
PROPOSAL = "proposals/<uuid:id>/"

OF_PROVIDER = {
    "approve": desk.ApproveDoor,
    "decline": desk.DeclineDoor,
    "cancel": desk.ProviderCancelDoor,
    "propose": proposals.ProposeDoor,
    "withdraw-proposal": proposals.WithdrawProposalDoor,
    "urgent": proposals.UrgentDoor,
    "not-urgent": proposals.NotUrgentDoor,
    "arrived": desk.ArrivedDoor,
    "accept-late": desk.AcceptLateDoor,
    "contact": desk.ContactDoor,
    "reached-out": desk.ReachedOutDoor,
    "helped": desk.HelpedDoor,
    "no-show": desk.NoShowDoor,
    "undo-no-show": desk.UndoNoShowDoor,
    "complete": desk.CompleteDoor,
    "excuse": desk.ExcuseDoor,
    "keep-terms": desk.KeepTermsDoor,
    "charge": charges.AskDoor,
}
OF_CLIENT = {
    "quote": own.QuoteDoor,
    "cancel": own.CancelDoor,
    "move": own.MoveDoor,
    "confirm": own.ConfirmDoor,
    "arrive": own.ArriveDoor,
    "late": own.LateDoor,
    "test": own.CallTestDoor,
    "explain": own.ExplainDoor,
    "mode": own.ModeDoor,
    "preferences": proposals.PreferencesDoor,
    "channels": reaching.ChannelsDoor,
    "address": reaching.NewAddressDoor,
    "pay": own.PayDoor,
}

urlpatterns = [
    path("providers/<str:provider>/", public.ProviderDoor.as_view(), name="provider"),
    path("providers/<str:provider>/services/<str:service>/slots/", public.SlotsDoor.as_view(), name="slots"),
    path("providers/<str:provider>/links/", public.LinksDoor.as_view(), name="links"),
    path("appointments/", bookings.AppointmentsDoor.as_view(), name="appointments"),
    path(DESK, desk.DetailDoor.as_view(), name="desk-appointment"),
    *(path(f"{DESK}{act}/", door.as_view(), name=f"desk-{act}") for act, door in OF_PROVIDER.items()),
    path(OWN, own.AppointmentDoor.as_view(), name="appointment"),
    *(path(f"{OWN}{act}/", door.as_view(), name=act) for act, door in OF_CLIENT.items()),
    path(f"{OWN}{PROPOSAL}accept/", proposals.AcceptProposalDoor.as_view(), name="accept-proposal"),
    path(f"{OWN}{PROPOSAL}refuse/", proposals.RefuseProposalDoor.as_view(), name="refuse-proposal"),
    path("clients/", clients.ClientsDoor.as_view(), name="clients"),
    path("clients/<uuid:id>/", clients.ClientDoor.as_view(), name="client"),
    path("clients/<uuid:id>/block/", clients.BlockDoor.as_view(), name="block"),
    path("clients/<uuid:id>/unblock/", clients.UnblockDoor.as_view(), name="unblock"),
    path("clients/<uuid:id>/address/", reaching.CorrectAddressDoor.as_view(), name="correct-address"),
    path("concerns/", concerns.ConcernsDoor.as_view(), name="concerns"),
    path("concerns/<uuid:id>/", concerns.ConcernDoor.as_view(), name="concern"),
    path("concerns/<uuid:id>/decide/", concerns.DecideDoor.as_view(), name="decide-concern"),
    path("charges/", charges.ChargesDoor.as_view(), name="charges"),
    path("charges/<uuid:id>/", charges.ChargeDoor.as_view(), name="charge"),
    path("charges/<uuid:id>/waive/", charges.WaiveDoor.as_view(), name="waive"),
    path("charges/<uuid:id>/paid-by-hand/", charges.ByHandDoor.as_view(), name="paid-by-hand"),
    path("charges/<uuid:id>/refund/", charges.RefundChargeDoor.as_view(), name="refund-charge"),
    path("payments/<uuid:id>/undo/", charges.UndoDoor.as_view(), name="undo-payment"),
    path("papers/", papers.PapersDoor.as_view(), name="papers"),
    path("papers/<uuid:id>/", papers.PaperDoor.as_view(), name="paper"),
    path("papers/<uuid:id>/pdf/", papers.PaperFileDoor.as_view(), name="paper-pdf"),
    path("statements/", papers.StatementsDoor.as_view(), name="statements"),
    re_path(f"^statements/{MONTH}/$", papers.StatementDoor.as_view(), name="statement"),
    re_path(f"^statements/{MONTH}/csv/$", papers.StatementTableDoor.as_view(), name="statement-csv"),
    re_path(f"^statements/{MONTH}/pdf/$", papers.StatementFileDoor.as_view(), name="statement-pdf"),
    path("services/", setup.ServicesDoor.as_view(), name="services"),
    path("services/<str:slug>/", setup.ServiceDoor.as_view(), name="service"),
    path("hours/", setup.HoursDoor.as_view(), name="hours"),
    path("policies/", setup.PoliciesDoor.as_view(), name="policies"),
    path("policies/<uuid:id>/", setup.PolicyDoor.as_view(), name="policy"),
    path("deposits/", ledgers.DepositsDoor.as_view(), name="deposits"),
    path("deposits/<uuid:id>/", ledgers.DepositDoor.as_view(), name="deposit"),
    path("deposits/<uuid:id>/refund/", ledgers.RefundDoor.as_view(), name="refund"),
    path("repayments/", ledgers.RepaymentsDoor.as_view(), name="repayments"),
    path("repayments/<uuid:id>/approve/", ledgers.ApproveRefundDoor.as_view(), name="approve_refund"),
    path("repayments/<uuid:id>/decline/", ledgers.DeclineRefundDoor.as_view(), name="decline_refund"),
    re_path(r"^(?P<rest>.*)$", front.elsewhere, name="elsewhere"),
]
