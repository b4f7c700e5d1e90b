from django.urls import path

from web.installed import icon, manifest, service_worker
from web.views import landmarks_worker, page

urlpatterns = [
    path("", page, name="page"),
    path("landmarks.js", landmarks_worker, name="landmarks-worker"),
    path("sw.js", service_worker, name="service-worker"),
    path("manifest.<slug:language>.webmanifest", manifest, name="manifest"),
    path("icon-<slug:purpose>-<int:size>.png", icon, name="icon"),
]
