from collections.abc import Iterator
from dataclasses import asdict
from socket import socket
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import structs
from rest_framework import status
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import AuthenticatedRequest
from common.http.idempotency import key_of
from common.http.pace import Paced, connection_of
from common.http.paging import PAGE_SIZE
from common.http.streaming import batches_of, rows_of
from reports import downloads, schema, services
from reports.models import Report
from reports.paging import page_after
from reports.selectors import report_of, reports_in
from reports.serializers import (
    DownloadQuerySerializer,
    ListQuerySerializer,
    ReportSerializer,
    SessionReportSerializer,
    SummaryQuerySerializer,
)
from reports.summaries import ENOUGH_BUCKETS, Totals, Trend, summary_of

DOWNLOAD_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
BATCH_SIZE = 500
REPORT_KEYS = UUID("5b7ad0ad-6d0f-4c3b-9a54-0a3f5c2f7b1e")  # the namespace of the keys that clients choose


class ReportsView(APIView):
    @extend_schema(**schema.LIST)
    def get(self, request: AuthenticatedRequest) -> Response | StreamingHttpResponse:
        query = _valid(ListQuerySerializer, request)
        reports = reports_in(user=request.user, since=query["since"], until=query["until"])
        if not {"page_size", "cursor"} & query.keys():
            return _all(reports, connection_of(request))
        page, after = page_after(reports, query.get("cursor"), query.get("page_size", PAGE_SIZE))
        headers = {}
        if after:
            address = replace_query_param(request.build_absolute_uri(), "cursor", str(after))
            headers["Link"] = f'<{address}>; rel="next"'  # RFC 8288: the body stays version 1's bare list
        return Response(ReportSerializer(page, many=True).data, headers=headers)

    @extend_schema(**schema.CREATE)
    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = ReportSerializer(data=request.data, context={"zone": request.user.zone})
        serializer.is_valid(raise_exception=True)
        key = key_of(request, REPORT_KEYS)
        report = services.report_create(user=request.user, key=key, **serializer.validated_data)
        return Response(ReportSerializer(report).data, status.HTTP_201_CREATED)


class ReportView(APIView):
    @extend_schema(**schema.READ)
    def get(self, request: AuthenticatedRequest, report_id: int) -> Response:
        return Response(SessionReportSerializer(report_of(user=request.user, report_id=report_id)).data)

    @extend_schema(**schema.DELETE)
    def delete(self, request: AuthenticatedRequest, report_id: int) -> Response:
        services.report_delete(report=report_of(user=request.user, report_id=report_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SummaryView(APIView):
    @extend_schema(**schema.SUMMARY)
    def get(self, request: AuthenticatedRequest) -> Response:
        zone = request.user.zone
        query = _valid(SummaryQuerySerializer, request)
        span = query["span"]
        summary = summary_of(user=request.user, zone=zone, **query)
        days = zip(summary.first_days, summary.totals, strict=True)
        response = {
            "bucket": query["bucket"],
            "time_zone": zone.key,
            "first_day": span.first,
            "last_day": span.last,
            "buckets": [{"first_day": day, **_as_json(totals)} for day, totals in days],
            "total": _as_json(summary.total),
            "median_good_share": summary.median_good_share,
            "trends": {
                "good_share": _trend_as_json(summary.good_share_trend),
                "blink_rate": _trend_as_json(summary.blink_rate_trend),
            },
        }
        return Response(response)  # no serializer: for hundreds of buckets it would take as long as the sums did


class DownloadView(APIView):
    @extend_schema(**schema.DOWNLOAD)
    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        query = _valid(DownloadQuerySerializer, request)
        form = query["format"]
        reports = _iterate_reports(request.user, query["since"], query["until"])
        lines = downloads.as_csv(reports) if form == "csv" else downloads.as_json(reports)
        chunks = Paced((line.encode() for line in lines), connection_of(request))
        headers = {
            "Content-Disposition": f'attachment; filename="pose-smart-reports.{form}"',
            "Cache-Control": "private, no-store",
        }
        return StreamingHttpResponse(chunks, content_type=DOWNLOAD_TYPES[form], headers=headers)


def _all(reports: QuerySet[Report], connection: socket | None) -> Response | StreamingHttpResponse:
    """All of them, as in version 1: in the same bytes, but a long list is made while it is sent."""
    first, after = page_after(reports, None, BATCH_SIZE)
    if after is None:
        return Response(ReportSerializer(first, many=True).data)
    batches = downloads.as_version_1(batches_of(lambda start: page_after(reports, start, BATCH_SIZE)))
    return StreamingHttpResponse(Paced(batches, connection), content_type="application/json")


def _valid(serializer_class: type[Any], request: AuthenticatedRequest) -> dict[str, Any]:
    zone = request.user.zone
    context = {"zone": zone, "today": timezone.localdate(timezone=zone)}
    serializer = serializer_class(data=request.query_params.dict(), context=context)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _as_json(totals: Totals) -> dict[str, Any]:
    rate = totals.blink_rate
    return {
        "sessions": totals.sessions,
        "active_s": totals.active_s,
        "good_share": totals.good_share,
        "neck": totals.neck,
        "neck_per_hour": totals.neck_per_hour,
        "blinks": totals.blinks,
        "blink_rate": structs.asdict(rate) if rate else None,
        "stretches": totals.stretches,
        "rests": totals.rests,
        "wrong_alarms": totals.wrong_alarms,
        "wrong_alarms_per_8_h": totals.wrong_alarms_per_8_h,
    }


def _trend_as_json(trend: Trend) -> dict[str, Any]:
    return {**asdict(trend), "needed": ENOUGH_BUCKETS}


def _iterate_reports(user: User, since: Any, until: Any) -> Iterator[Report]:
    reports = reports_in(user=user, since=since, until=until)
    return rows_of(lambda after: page_after(reports, after, BATCH_SIZE))
