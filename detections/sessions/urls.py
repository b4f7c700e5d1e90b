from django.urls import path

from detections.sessions import alarm_views, views
from detections.sessions.camera_check import CameraCheckView
from detections.sessions.landmark_views import LandmarksView

ALARM = "sessions/<uuid:session_id>/alarms/<int:alarm_id>"

urlpatterns = [
    path("check/", CameraCheckView.as_view(), name="camera-check"),
    path("sessions/", views.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>/", views.SessionView.as_view(), name="session"),
    path("sessions/<uuid:session_id>/frames/", views.FramesView.as_view(), name="session-frames"),
    path("sessions/<uuid:session_id>/landmarks/", LandmarksView.as_view(), name="session-landmarks"),
    path("sessions/<uuid:session_id>/pause/", views.PauseView.as_view(), name="session-pause"),
    path("sessions/<uuid:session_id>/resume/", views.ResumeView.as_view(), name="session-resume"),
    path("sessions/<uuid:session_id>/recalibrate/", views.RecalibrateView.as_view(), name="session-recalibrate"),
    path(
        "sessions/<uuid:session_id>/cancel-calibration/",
        views.CancelCalibrationView.as_view(),
        name="session-cancel-calibration",
    ),
    path("sessions/<uuid:session_id>/snooze/", alarm_views.SnoozeView.as_view(), name="session-snooze"),
    path(f"{ALARM}/dismiss/", alarm_views.DismissView.as_view(), name="alarm-dismiss"),
    path(f"{ALARM}/wrong/", alarm_views.WrongView.as_view(), name="alarm-wrong"),
    path(f"{ALARM}/postpone/", alarm_views.PostponeView.as_view(), name="alarm-postpone"),
    path("sessions/<uuid:session_id>/camera-moved/", views.CameraMovedView.as_view(), name="session-camera-moved"),
    path("sessions/<uuid:session_id>/stretches/", views.StretchesView.as_view(), name="session-stretches"),
    path("sessions/<uuid:session_id>/face/", views.FaceView.as_view(), name="session-face"),
    path("sessions/<uuid:session_id>/stop/", views.StopView.as_view(), name="session-stop"),
    path("sessions/<uuid:session_id>/profile/", views.SaveProfileView.as_view(), name="session-profile"),
    path("profiles/", views.ProfilesView.as_view(), name="profiles"),
    path("profiles/<int:profile_id>/", views.ProfileView.as_view(), name="profile"),
]
