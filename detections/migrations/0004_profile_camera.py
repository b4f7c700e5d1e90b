from django.db import migrations, models


class Migration(migrations.Migration):
    """Which camera a profile was calibrated with."""

    dependencies = [("detections", "0003_report_cascade")]

    operations = [
        migrations.AddField(
            "Profile",
            "camera",
            models.CharField(blank=True, default="", help_text="the client's name for its camera", max_length=128),
        ),
    ]
