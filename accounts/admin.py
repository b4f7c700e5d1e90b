from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.audit import admin as audit_admin  # noqa: F401 - registers the audit log and the roles
from accounts.invitations.admin import InvitationAdmin as InvitationAdmin
from accounts.looks import LoggedAdmin
from accounts.models import User
from accounts.recovery.admin import PasswordLinkAdmin
from mongos import archive
from mongos.guard import ArchiveUnavailable

admin.site.unregister([OutstandingToken, BlacklistedToken])  # they would list who was logged in when


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
# Where links for a new password are sent. Who could change that, or set a password, could log in as the person.
IDENTITY = ("username", "email")


class UserAdmin(PasswordLinkAdmin, LoggedAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """The page of one user. Registered by office, with the list of people and their erasure.

    Staff who are not superusers manage users without rights, and themselves: with Django's own rules they could make
    themselves superusers, or set the password of one.
    """

    person_field = "pk"

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
        if _is_superuser(request):
            return fields
        return (*fields, *RIGHTS, *(() if obj is None or obj.pk == request.user.pk else IDENTITY))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        if not _is_superuser(request) and id != str(request.user.pk):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_in_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_in_reach(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request).select_related("face_profile")
        return users.defer("face_profile__mean_descriptor", "face_profile__templates")

    @admin.display(description=_("enrolled"), boolean=True)
    def enrolled(self, user: User) -> bool:
        return hasattr(user, "face_profile")

    @admin.display(description=_("reports"))
    def stored_reports(self, user: User) -> int:
        return user.reports.count()

    @admin.display(description=_("frames"))
    def stored_frames(self, user: User) -> Any:
        try:
            return archive.count(user_id=user.pk)
        except ArchiveUnavailable:
            return _("unknown: MongoDB cannot be reached")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _is_in_reach(request: HttpRequest, user: User | None) -> bool:
    """True if whoever asks may change this user; None: users in general."""
    if user is None or _is_superuser(request) or user.pk == request.user.pk:
        return True
    return not (user.is_staff or user.is_superuser)
