"""The addresses of money."""

from django.urls import path

from payments.dashboard import deposits, differing, papers, refunding, setting_up, settling, statements

urlpatterns = [
    path("money/", deposits.listing, name="desk_deposits"),
    path("money/settlements/", settling.listing, name="desk_settlements"),
    path("money/settlements/<uuid:uid>/", settling.show, name="desk_settlement"),
    path("money/settlements/<uuid:uid>/excuse/", settling.excuse, name="desk_excuse"),
    path("money/differences/", differing.listing, name="desk_differences"),
    path("money/differences/<uuid:uid>/accept/", differing.accept, name="desk_accept_difference"),
    path("money/<uuid:uid>/", deposits.show, name="desk_deposit"),
    path("money/<uuid:uid>/refund/", refunding.refund, name="desk_refund"),
    path("money/papers/", papers.listing, name="desk_papers"),
    path("money/papers/<uuid:uid>.pdf", papers.show, name="desk_paper"),
    path("money/statements/", statements.overview, name="desk_statements"),
    path("money/statements/statement.csv", statements.csv, name="desk_statement_csv"),
    path("money/statements/statement.pdf", statements.pdf, name="desk_statement_pdf"),
    path("money/papers/set-up/", setting_up.set_up, name="desk_papers_set_up"),
]
