from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_usernames")]

    operations = [
        migrations.AddField(
            "faceprofile",
            "templates",
            models.BinaryField(
                null=True, help_text="up to three means of a session's looks, encrypted; null: the mean is the only one"
            ),
        ),
    ]
