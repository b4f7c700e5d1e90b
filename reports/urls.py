from django.urls import path

from reports.strip_views import GoalView, InsightsView, StripView, WeekView
from reports.team.views import TeamView
from reports.views import DownloadView, ReportsView, ReportView, SummaryView

urlpatterns = [
    path("team/", TeamView.as_view(), name="team"),
    path("", ReportsView.as_view(), name="reports"),
    path("summary/", SummaryView.as_view(), name="reports-summary"),
    path("export/", DownloadView.as_view(), name="reports-export"),
    path("strip/", StripView.as_view(), name="reports-strip"),
    path("insights/", InsightsView.as_view(), name="reports-insights"),
    path("goal/", GoalView.as_view(), name="reports-goal"),
    path("week/", WeekView.as_view(), name="reports-week"),
    path("<int:report_id>/", ReportView.as_view(), name="report"),
]
