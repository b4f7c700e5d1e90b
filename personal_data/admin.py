from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import UserAdmin
from accounts.models import User
from personal_data.erasures import REQUEST_BUDGET_S
from personal_data.withdrawal import user_erase


class ErasingUserAdmin(UserAdmin):
    """Deleting a user erases all of their stored data. Registered by office, which adds the list of people."""

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        user_erase(user_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        user_ids = list(queryset.values_list("pk", flat=True))
        for user_id in user_ids:
            user_erase(user_id=user_id, budget_s=REQUEST_BUDGET_S / len(user_ids))
