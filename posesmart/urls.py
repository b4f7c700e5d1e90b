from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.views import RefreshView
from detections.sessions.outlines import OutlinesView
from detections.sessions.timeline import TimelineView
from posesmart.health import healthz, readyz
from posesmart.metrics_view import metrics

handler400 = "common.http.errors.bad_request"
handler404 = "common.http.errors.not_found"
handler500 = "common.http.errors.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("web.urls")),
    path("api/accounts/", include("accounts.urls")),
    path("api/accounts/", include("personal_data.urls")),
    path("api/detections/", include("detections.urls")),
    path("api/reports/", include("reports.urls")),
    path("api/reports/<int:report_id>/timeline/", TimelineView.as_view(), name="report-timeline"),
    path("api/reports/outlines/", OutlinesView.as_view(), name="reports-outlines"),
    path("api/token/refresh/", RefreshView.as_view(), name="token-refresh"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/admin/", admin.site.urls),
    path("admin/", RedirectView.as_view(pattern_name="admin:index")),
]
