import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A report takes its session along when it is deleted; the column stays as it is."""

    dependencies = [("detections", "0002_profile"), ("reports", "0002_sessions")]

    operations = [
        migrations.AlterField(
            "Session",
            "report",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="session",
                to="reports.report",
            ),
        ),
    ]
