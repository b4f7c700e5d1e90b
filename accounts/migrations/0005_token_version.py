from django.db import migrations, models


def token_version() -> models.PositiveIntegerField:
    return models.PositiveIntegerField(
        db_column="login_round",
        default=0,
        editable=False,
        help_text="raised each time all logins are ended",
    )


class Migration(migrations.Migration):
    """Renames login_round to token_version in the code; the column keeps its name."""

    dependencies = [("accounts", "0004_sessions")]

    operations = [
        migrations.AlterField("user", "login_round", token_version()),
        migrations.RenameField("user", "login_round", "token_version"),
    ]
