import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """SeatProfile becomes Profile in the code; its table stays as it is."""

    dependencies = [
        ("detections", "0001_sessions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelTable("SeatProfile", "detections_seatprofile"),
        migrations.RenameModel("SeatProfile", "Profile"),
        migrations.AlterField(
            "Profile",
            "user",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="profiles", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField("Profile", "baseline", models.TextField(help_text="the baseline as JSON")),
        migrations.AlterField(
            "Session",
            "state",
            models.TextField(help_text="the session's state as JSON: numbers, no picture and no face"),
        ),
    ]
