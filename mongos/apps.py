from django.apps import AppConfig


class MongosConfig(AppConfig):
    name = "mongos"
    verbose_name = "Frame archive"
