from django.urls import path

from accounts.views import (
    AccountView,
    AlarmTimesView,
    ArchiveView,
    ExportView,
    FaceView,
    LoginView,
    LogoutView,
    PasswordView,
)

urlpatterns = [
    path("", AccountView.as_view(), name="account"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", PasswordView.as_view(), name="password"),
    path("time/", AlarmTimesView.as_view(), name="alarm-times"),
    path("archive/", ArchiveView.as_view(), name="archive"),
    path("face/", FaceView.as_view(), name="face"),
    path("export/", ExportView.as_view(), name="export"),
]
