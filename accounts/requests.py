from rest_framework.request import Request
from rest_framework_simplejwt.tokens import Token

from accounts.models import User


class AuthenticatedRequest(Request):
    """A request as views behind IsAuthenticated see it; for type checkers only."""

    user: User
    auth: Token
