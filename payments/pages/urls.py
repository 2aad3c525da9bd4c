from django.urls import path

from payments.pages import sandbox

urlpatterns = [path("<uuid:uid>/", sandbox.pay, name="pay")]
