from django.urls import path

from personal_data.privacy_views import LooksView, PrivacyView
from personal_data.views import AccountView, DaysView, ExportView, FramesView, FrameView

urlpatterns = [
    path("", AccountView.as_view(), name="account"),
    path("privacy/", PrivacyView.as_view(), name="privacy"),
    path("looks/", LooksView.as_view(), name="looks"),
    path("export/", ExportView.as_view(), name="export"),
    path("frames/", FramesView.as_view(), name="frames"),
    path("frames/days/", DaysView.as_view(), name="frame-days"),
    path("frames/<uuid:frame_id>/", FrameView.as_view(), name="frame"),
]
