from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts.invitations.views import InvitationView
from accounts.recovery.views import LinkRequestView, ResetView
from accounts.sharing.views import SharingView
from accounts.views import (
    AlarmsView,
    AlarmTimesView,
    ArchiveView,
    FaceView,
    LoginView,
    LogoutView,
    PasswordView,
    TimeZoneView,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", PasswordView.as_view(), name="password"),
    path("password-reset/", LinkRequestView.as_view(), name="password-reset"),
    path("password-reset/confirm/", ResetView.as_view(), name="password-reset-confirm"),
    path("invitation/", InvitationView.as_view(), name="invitation"),
    path("time/", AlarmTimesView.as_view(), name="alarm-times"),
    path("alarms/", AlarmsView.as_view(), name="alarms"),
    path("time-zone/", TimeZoneView.as_view(), name="time-zone"),
    path("archive/", ArchiveView.as_view(), name="archive"),
    path("sharing/", SharingView.as_view(), name="sharing"),
    path("face/", FaceView.as_view(), name="face"),
]
if settings.OIDC_ISSUER:
    urlpatterns += [path("company-login/", include("accounts.company_login.urls"))]
