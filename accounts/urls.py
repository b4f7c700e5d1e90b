from django.urls import path

from accounts.views import AccountView, AlarmTimesView, LoginView

urlpatterns = [
    path("", AccountView.as_view(), name="account"),
    path("login/", LoginView.as_view(), name="login"),
    path("time/", AlarmTimesView.as_view(), name="alarm-times"),
]
