import uuid

from django.db import migrations, models

SIZE = "of the image, in bytes"


def measure(apps, schema_editor):
    if schema_editor.connection.vendor != "mongodb":  # no release ever stored frames there without their size
        schema_editor.execute("UPDATE mongos_frame SET size = LENGTH(image)")


class Migration(migrations.Migration):
    dependencies = [("mongos", "0001_initial")]

    operations = [
        migrations.RemoveIndex("frame", "frame_user_newest"),
        migrations.AlterField(
            "frame",
            "id",
            models.UUIDField(
                db_column="_id", default=uuid.uuid4, editable=False, primary_key=True, serialize=False
            ),
        ),
        migrations.AddField(
            "frame", "size", models.PositiveIntegerField(default=0, help_text=SIZE), preserve_default=False
        ),
        migrations.RunPython(measure, migrations.RunPython.noop, atomic=False),
        migrations.AddIndex(
            "frame",
            models.Index(
                fields=["user_id", "-captured_at", "-id", "size", "face_found", "content_type"], name="frame_list"
            ),
        ),
        migrations.AddIndex("frame", models.Index(fields=["captured_at"], name="frame_age")),
    ]
