from django.core.management import call_command
from django.db import migrations, models

TABLE = "posesmart_attempts"


def make_table(apps, schema_editor):
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


def drop_table(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {schema_editor.quote_name(TABLE)}")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_stores"),
        ("token_blacklist", "0013_alter_blacklistedtoken_options_and_more"),
    ]

    operations = [
        migrations.AddField(
            "user",
            "login_round",
            models.PositiveIntegerField(
                default=0, editable=False, help_text="one more each time that all logins were ended"
            ),
        ),
        # Not in a transaction, in which Django refuses to drop a table on MySQL.
        migrations.RunPython(make_table, drop_table, atomic=False),
    ]
