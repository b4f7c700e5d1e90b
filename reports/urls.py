from django.urls import path

from reports.views import DownloadView, ReportsView, ReportView, SummaryView

urlpatterns = [
    path("", ReportsView.as_view(), name="reports"),
    path("summary/", SummaryView.as_view(), name="reports-summary"),
    path("export/", DownloadView.as_view(), name="reports-export"),
    path("<int:report_id>/", ReportView.as_view(), name="report"),
]
