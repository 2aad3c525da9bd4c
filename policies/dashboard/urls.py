"""The addresses of the rules."""

from django.urls import path

from policies.dashboard import editor, rules

urlpatterns = [
    path("rules/", rules.show, name="desk_rules"),
    path("set-up/policies/", editor.listing, name="desk_policies"),
    path("set-up/policies/add/", editor.add, name="desk_policy_add"),
    path("set-up/policies/preview/", editor.preview, name="desk_policy_preview"),
    path("set-up/policies/<uuid:uid>/", editor.edit, name="desk_policy"),
    path("set-up/policies/<uuid:uid>/withdraw/", editor.withdraw, name="desk_policy_withdraw"),
]
