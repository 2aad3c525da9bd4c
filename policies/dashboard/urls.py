"""The address of the rules."""

from django.urls import path

from policies.dashboard import rules

urlpatterns = [path("rules/", rules.show, name="desk_rules")]
