"""`python manage.py rotate_face_keys`: re-encrypts every enrolled face with the newest of FACE_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.face_keys import FaceUnreadable
from accounts.models import FaceProfile
from accounts.services import face_reencrypt


class Command(BaseCommand):
    help = "Re-encrypts every enrolled face with the first of FACE_KEYS. Afterwards the older keys can be deleted."

    def handle(self, *args: Any, **options: Any) -> None:
        user_ids = FaceProfile.objects.order_by("pk").values_list("pk", flat=True)
        done = 0
        unreadable: list[int] = []
        with tqdm(total=user_ids.count(), unit="face", disable=None) as bar:
            for user_id in user_ids.iterator():
                try:
                    done += face_reencrypt(user_id=user_id)
                except FaceUnreadable:
                    unreadable.append(user_id)
                bar.update()
        self.stdout.write(f"{done} faces are encrypted with the newest key.")
        if unreadable:
            raise CommandError(
                f"No key in FACE_KEYS decrypts the faces of these users: {', '.join(map(str, unreadable))}. Put the "
                "missing key back at the end of FACE_KEYS and run this again, or have the users enrol again "
                "(DELETE /api/accounts/face/)."
            )
