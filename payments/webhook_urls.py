from django.urls import path

from payments import webhooks

urlpatterns = [path("stripe/", webhooks.stripe, name="stripe-webhook")]
