from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInRequest
from reports import schema, services
from reports.models import Report
from reports.serializers import ReportSerializer


class ReportsView(APIView):
    @extend_schema(**schema.LIST)
    def get(self, request: SignedInRequest) -> Response:
        reports = Report.objects.filter(user=request.user)
        return Response(ReportSerializer(reports, many=True).data)

    @extend_schema(**schema.CREATE)
    def post(self, request: SignedInRequest) -> Response:
        serializer = ReportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        report = services.report_create(user=request.user, **serializer.validated_data)
        return Response(ReportSerializer(report).data, status.HTTP_201_CREATED)
