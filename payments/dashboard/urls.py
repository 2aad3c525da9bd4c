"""The addresses of money."""

from django.urls import path

from payments.dashboard import (
    deposits,
    differing,
    disputes,
    dossier,
    limits,
    papers,
    refund_desk,
    refunding,
    setting_up,
    settling,
    statements,
)

urlpatterns = [
    path("money/", deposits.listing, name="desk_deposits"),
    path("money/settlements/", settling.listing, name="desk_settlements"),
    path("money/settlements/<uuid:uid>/", settling.show, name="desk_settlement"),
    path("money/settlements/<uuid:uid>/excuse/", settling.excuse, name="desk_excuse"),
    path("money/differences/", differing.listing, name="desk_differences"),
    path("money/differences/<uuid:uid>/accept/", differing.accept, name="desk_accept_difference"),
    path("money/refunds/", refund_desk.listing, name="desk_refunds"),
    path("money/refunds/<uuid:uid>/again/", refunding.again, name="desk_refund_again"),
    path("money/refunds/<uuid:uid>/given/", refund_desk.handed_over, name="desk_refund_given"),
    path("money/refunds/asked/<uuid:uid>/approve/", refund_desk.approve, name="desk_refund_approve"),
    path("money/refunds/asked/<uuid:uid>/decline/", refund_desk.decline, name="desk_refund_decline"),
    path("money/charges/<uuid:uid>/refund/", refunding.refund_charge, name="desk_refund_charge"),
    path("money/limits/", limits.limits, name="desk_money_limits"),
    path("money/disputes/", disputes.listing, name="desk_disputes"),
    path("money/disputes/<uuid:uid>/", disputes.show, name="desk_dispute"),
    path("money/disputes/<uuid:uid>/evidence.pdf", disputes.paper, name="desk_dispute_paper"),
    path("appointments/<uuid:uid>/record.json", dossier.as_json, name="desk_record_json"),
    path("appointments/<uuid:uid>/record.pdf", dossier.as_pdf, name="desk_record_pdf"),
    path("money/<uuid:uid>/", deposits.show, name="desk_deposit"),
    path("money/<uuid:uid>/refund/", refunding.refund, name="desk_refund"),
    path("money/papers/", papers.listing, name="desk_papers"),
    path("money/papers/<uuid:uid>.pdf", papers.show, name="desk_paper"),
    path("money/statements/", statements.overview, name="desk_statements"),
    path("money/statements/statement.csv", statements.csv, name="desk_statement_csv"),
    path("money/statements/statement.pdf", statements.pdf, name="desk_statement_pdf"),
    path("money/papers/set-up/", setting_up.set_up, name="desk_papers_set_up"),
]
