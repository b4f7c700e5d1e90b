from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.invitations.admin import InvitationAdmin as InvitationAdmin
from accounts.looks import LoggedAdmin
from accounts.models import DataAccess, User
from accounts.recovery.admin import PasswordLinkAdmin
from mongos import archive
from mongos.guard import ArchiveUnavailable

admin.site.unregister([OutstandingToken, BlacklistedToken])  # they would list who was logged in when


def frame_counts(user_ids: list[int]) -> dict[int, int]:
    """The number of frames of each user; empty while the archive is unavailable."""
    try:
        return dict.fromkeys(user_ids, 0) | archive.count_by_user(user_ids)
    except ArchiveUnavailable:
        return {}


class FrameCountingChangeList(ChangeList):
    """Counts the frames of the page's users in one query: they may be in another database."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        counts = frame_counts([user.pk for user in self.result_list])
        for user in self.result_list:
            user.frame_count = counts.get(user.pk)


class EnrolledFilter(admin.SimpleListFilter):
    title = _("enrolled face")
    parameter_name = "enrolled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(face_profile__isnull=self.value() == "no")


# What makes a user more than a user.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class UserAdmin(PasswordLinkAdmin, LoggedAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Registered by personal_data, which adds the erasure of users.

    Staff who are not superusers manage users without rights, and themselves: with Django's own rules they could make
    themselves superusers, or set the password of one.
    """

    person_field = "pk"

    list_display = ("username", "enrolled", "stored_reports", "stored_frames", "date_joined", "is_staff")
    list_filter = ("is_active", "is_staff", EnrolledFilter, "date_joined", "alarm_sound")
    # What becomes of the pictures is the user's own choice.
    readonly_fields = (
        *("last_login", "date_joined", "enrolled", "stored_reports", "stored_frames"),
        *("privacy", "privacy_chosen_at", "keep_days", "archive_frames"),
    )
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            _("Alarms"),
            {
                "fields": (
                    ("blink_time", "blink_on"),
                    ("neck_time", "neck_on"),
                    ("stretching_time", "stretching_on"),
                    ("rest_time", "rest_on"),
                    ("stranger_on", "someone_behind_on"),
                    ("sensitivity", "break_notice_s"),
                    ("sound", "alarm_sound", "volume"),
                    ("quiet_from", "quiet_to"),
                )
            },
        ),
        (_("Time"), {"fields": ("time_zone",)}),
        (_("Pictures"), {"fields": (("privacy", "privacy_chosen_at"), ("archive_frames", "keep_days"))}),
        (_("Stored data of this user"), {"fields": ("enrolled", "stored_reports", "stored_frames")}),
        (_("Personal info"), {"classes": ("collapse",), "fields": ("first_name", "last_name", "email")}),
        (
            _("Permissions"),
            {
                "classes": ("collapse",),
                "fields": ("is_active", *RIGHTS),
            },
        ),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_in_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_in_reach(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request).select_related("face_profile")
        return users.defer("face_profile__mean_descriptor", "face_profile__templates").annotate(
            report_count=Count("reports")
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The log of looks goes with its person, though nobody may delete it alone."""
        to_delete, counts, missing, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, missing - {DataAccess._meta.verbose_name}, protected

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FrameCountingChangeList

    @admin.display(description=_("enrolled"), boolean=True)
    def enrolled(self, user: User) -> bool:
        return hasattr(user, "face_profile")

    @admin.display(description=_("reports"), ordering="report_count")
    def stored_reports(self, user: User) -> int:
        return int(user.report_count)  # type: ignore[attr-defined]

    @admin.display(description=_("frames"))
    def stored_frames(self, user: User) -> Any:
        # Counted by the change list, but not by the page of one user.
        count = user.frame_count if hasattr(user, "frame_count") else frame_counts([user.pk]).get(user.pk)
        return _("unknown: MongoDB cannot be reached") if count is None else count


@admin.register(DataAccess)
class DataAccessAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be read by those who may; nobody adds, changes or deletes a look."""

    list_display = ("at", "staff", "action", "what", "user", "address")
    list_filter = ("action", "what", "at")
    list_select_related = ("user", "staff")
    search_fields = ("user__username", "staff__username")
    ordering = ("-at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DataAccess | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DataAccess | None = None) -> bool:
        return False


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _is_in_reach(request: HttpRequest, user: User | None) -> bool:
    """True if whoever asks may change this user; None: users in general."""
    if user is None or _is_superuser(request) or user.pk == request.user.pk:
        return True
    return not (user.is_staff or user.is_superuser)
