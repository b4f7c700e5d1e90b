from rest_framework.request import Request
from rest_framework_simplejwt.tokens import Token

from accounts.models import User


class AuthenticatedRequest(Request):
    """The type of a request in views behind IsAuthenticated; for type checkers only."""

    user: User
    auth: Token
