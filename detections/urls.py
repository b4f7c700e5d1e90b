from django.urls import include, path

from detections.views import BlinkView, NeckView

urlpatterns = [
    path("neck/", NeckView.as_view(), name="neck"),
    path("blink/", BlinkView.as_view(), name="blink"),
    path("", include("detections.sessions.urls")),
]
