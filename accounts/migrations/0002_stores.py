import django.utils.timezone
from django.db import migrations, models

from accounts import face_keys

PLAIN_BYTES = 128 * 8


def encrypt_faces(apps, schema_editor):
    profiles = apps.get_model("accounts", "FaceProfile").objects
    for profile in profiles.only("mean_descriptor").iterator():
        if len(profile.mean_descriptor) == PLAIN_BYTES:
            token = face_keys.encrypt(bytes(profile.mean_descriptor))
            profiles.filter(pk=profile.pk).update(mean_descriptor=token)


def tell_names_apart(apps, schema_editor):
    """SQLite distinguishes Mina from mina. MySQL by default does not, nor é from e."""
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute(
            "ALTER TABLE accounts_user MODIFY username varchar(150) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField(db_index=True)),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("carried_out_at", models.DateTimeField(null=True)),
                ("is_settled", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            "faceprofile",
            "last_frame",
            models.UUIDField(help_text="of those enrolled: repeated, it counts once", null=True),
        ),
        migrations.AddField(
            "user",
            "archive_frames",
            models.BooleanField(
                default=True,
                help_text="keep the pictures that are posted, until they are too old",
                verbose_name="archive frames",
            ),
        ),
        migrations.AlterField(
            "faceprofile",
            "mean_descriptor",
            models.BinaryField(help_text="128 float64, little-endian, encrypted"),
        ),
        migrations.RunPython(encrypt_faces, migrations.RunPython.noop),
        migrations.RunPython(tell_names_apart, migrations.RunPython.noop, atomic=False),
    ]
