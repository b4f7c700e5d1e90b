from django.urls import path

from mongos.views import FramesView, FrameView

urlpatterns = [
    path("", FramesView.as_view(), name="frames"),
    path("<uuid:frame_id>/", FrameView.as_view(), name="frame"),
]
