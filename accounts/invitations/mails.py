"""The mail with an invitation's link."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.invitations.models import Invitation
from accounts.invitations.services import NewLink

WHAT = "an invitation"


def send(links: Sequence[NewLink], *, page: str) -> list[NewLink]:
    """Mail each link to its person; those that could not be mailed come back, to be handed over otherwise."""
    reachable = [link for link in links if settings.EMAIL_URL and address_of(link.invitation)]
    if reachable and not outbox.post([mail(link, page=page) for link in reachable], what=WHAT):
        reachable = []
    mailed = {link.token for link in reachable}
    return [link for link in links if link.token not in mailed]


def address_of(invitation: Invitation) -> str:
    return outbox.first_address(invitation.email, invitation.username)


def mail(link: NewLink, *, page: str) -> EmailMessage:
    """In the invited person's language, if that is known."""
    with override(link.invitation.language or get_language()):
        hello = (
            _("Hello %(name)s,") % {"name": link.invitation.first_name} if link.invitation.first_name else _("Hello,")
        )
        days = ngettext(
            "The link works once, and for %(days)d day.",
            "The link works once, and for %(days)d days.",
            settings.INVITATION_DAYS,
        ) % {"days": settings.INVITATION_DAYS}
        text = _(
            "you are invited to Pose Smart, which watches your posture and your eyes at your desk and speaks up only "
            "when they need it. Create your account here:"
        )
        contact = (
            _("Questions? %(contact)s") % {"contact": settings.SUPPORT_CONTACT} if settings.SUPPORT_CONTACT else ""
        )
        parts = [hello, text, link.url(page), days, contact]
        return EmailMessage(
            _("Your invitation to Pose Smart"),
            "\n\n".join(filter(None, parts)),
            to=[address_of(link.invitation)],
        )
