"""Encryption of stored face descriptors, which are biometric data."""

import base64
from functools import cache

import numpy as np
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from ai_models.identity import DESCRIPTOR_LENGTH, Enrolment
from ai_models.templates import Template, Templates
from common.errors import Unavailable

MEAN_DESCRIPTOR_TYPE = "<f8"
TEMPLATE_TYPE = "<f4"  # the number of sittings, then the mean


class FaceUnreadable(Unavailable):
    """None of the keys decrypts an enrolled face."""

    message = "The enrolled face cannot be read: its key is missing from FACE_KEYS."


def encrypt(data: bytes) -> bytes:
    """The data, encrypted with the newest key."""
    return _keys().encrypt(data)


def decrypt(data: bytes) -> bytes:
    """The data, decrypted with whichever key encrypted it. Raises FaceUnreadable."""
    try:
        return _keys().decrypt(data)
    except InvalidToken:
        raise FaceUnreadable from None


def decrypt_enrolment(mean_descriptor: bytes | memoryview, frame_count: int) -> Enrolment:
    """The enrolment in a face profile's columns. Raises FaceUnreadable."""
    return Enrolment(np.frombuffer(decrypt(bytes(mean_descriptor)), MEAN_DESCRIPTOR_TYPE), frame_count)


def encrypt_templates(templates: Templates) -> bytes:
    """Templates as they are stored, encrypted with the newest key."""
    rows = [np.concatenate([[template.sittings], template.mean]) for template in templates]
    return encrypt(np.array(rows, TEMPLATE_TYPE).tobytes())


def decrypt_templates(token: bytes | memoryview) -> Templates:
    """The templates in a face profile's column. Raises FaceUnreadable."""
    rows = np.frombuffer(decrypt(bytes(token)), TEMPLATE_TYPE).reshape(-1, 1 + DESCRIPTOR_LENGTH)
    return tuple(Template(row[1:], int(row[0])) for row in rows)


def rotate(data: bytes) -> bytes:
    """The data, re-encrypted with the newest key. Raises FaceUnreadable."""
    return encrypt(decrypt(data))


def _keys() -> MultiFernet:
    return _keys_of(tuple(settings.FACE_KEYS), settings.SECRET_KEY)


@cache
def _keys_of(keys: tuple[str, ...], secret_key: str) -> MultiFernet:
    # The last key is derived from SECRET_KEY. Without FACE_KEYS it encrypts, so that no descriptor is stored in plain
    # text; once FACE_KEYS is set, it still decrypts what it encrypted.
    derived = HKDF(SHA256(), length=32, salt=None, info=b"posesmart face descriptors").derive(secret_key.encode())
    return MultiFernet([*map(Fernet, keys), Fernet(base64.urlsafe_b64encode(derived))])
