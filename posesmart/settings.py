"""Django's settings. Each one that an operator may change comes from the environment; .env.example lists those.

With an empty environment the service runs in development mode, with one SQLite file for everything.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from corsheaders.defaults import default_headers

from common.telemetry import logs
from posesmart import env
from posesmart.openapi import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from web import minified

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_file(Path(env.get_str("ENV_FILE", str(BASE_DIR / ".env"))))

# --- Security ---
DEBUG = env.get_bool("DEBUG", default=True)
SECRET_KEY = env.secret("SECRET_KEY", default="for-development-only-everybody-can-read-this-key" if DEBUG else None)
ALLOWED_HOSTS = env.get_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CORS_ALLOWED_ORIGINS = env.get_list("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "x-captured-at"]
CORS_EXPOSE_HEADERS = ["link", "retry-after", "x-frames-skipped", "x-request-id"]
CSRF_TRUSTED_ORIGINS = env.get_list("CSRF_TRUSTED_ORIGINS")

HTTPS = env.get_bool("HTTPS", default=False)  # HTTPS only, through a proxy that sets X-Forwarded-Proto
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# --- Applications ---
INSTALLED_APPS = [
    "office.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework_simplejwt",  # for its translations
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "mongos",
    "reports",
    "detections",
    "evaluation",  # its command
    "personal_data",
    "office",
    "web",
]
MIDDLEWARE = [
    "common.http.middleware.observe",
    "common.http.middleware.answer_probes",
    "django.middleware.security.SecurityMiddleware",
    "common.http.middleware.PageGZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "common.http.middleware.require_content_length",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "posesmart.urls"
WSGI_APPLICATION = "posesmart.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "office" / "templates"],  # before the admin's, one of which is replaced
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Databases: users and reports in `default`; frames where mongos/guard.py sends them ---
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}"),
}
# Connections outlive their request: whenever SQLite's last one closes, the write-ahead log is checkpointed.
DATABASES["default"]["CONN_MAX_AGE"] = env.get_int("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
    DATABASES["default"]["OPTIONS"] = {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "sql_mode": "TRADITIONAL",  # strict: a value that does not fit is an error, not truncated
        "init_command": "SET innodb_lock_wait_timeout = 10",  # seconds; gunicorn would not wait MySQL's default of 50
        "connect_timeout": 3,
    } | DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4"}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # a file does not close the connection
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes the write lock when it starts, so that none fails with "database is locked" half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # secure_delete: deleted data is overwritten in the file, not only unlinked.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON",
    }
if MONGODB_URI := env.get_str("MONGODB_URI"):
    DATABASES["mongodb"] = {
        "ENGINE": "mongos.engine",
        "HOST": MONGODB_URI,
        "NAME": env.get_str("MONGODB_NAME", "posesmart"),
        "OPTIONS": {
            # For a whole operation: finding a server, connecting, sending, waiting for the response.
            # pymongo looks for a lost server in steps of half a second, and always finishes the current step.
            "timeoutMS": env.get_int("MONGODB_TIMEOUT_MS", 450, minimum=1),
            # An acknowledged write is on disk on most members of a replica set: no crash loses it.
            "w": "majority",
            "journal": True,
        },
    }
DATABASE_ROUTERS = ["mongos.guard.FrameRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The counts of throttles: common/http/throttling.py ---
REDIS_URL = env.redis_url("REDIS_URL")
ATTEMPTS_TABLE = "posesmart_attempts"
MAX_COUNTS = {"MAX_ENTRIES": 10_000}
_IN_TABLE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": ATTEMPTS_TABLE,
    "OPTIONS": MAX_COUNTS,
}
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": MAX_COUNTS},
    "insights": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "insights"},
    "attempts": _IN_TABLE,
    "failures": _IN_TABLE,  # never in Redis, which forgets them when it restarts
}
if REDIS_URL:
    CACHES["default"] = CACHES["attempts"] = {
        "BACKEND": "common.db.redis_cache.RedisOrMemory",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "posesmart",
        "OPTIONS": {
            "serializer": "common.db.redis_cache.Timestamps",
            "socket_connect_timeout": 0.25,  # seconds; each frame waits for Redis
            "socket_timeout": 0.25,
        },
    }

# --- Frames ---
MONGODB_MAX_DAYS = 24_855  # the longest expiry that MongoDB accepts, 68 years
FRAME_RETENTION_DAYS = min(env.get_int("FRAME_RETENTION_DAYS", 30), MONGODB_MAX_DAYS)  # 0: for ever
# For a worker; 0: for as long as it takes. With the work itself, the others are then answered within a second.
FRAME_MAX_WAIT_MS = env.get_int("FRAME_MAX_WAIT_MS", 600)
ARCHIVE_MAX_MB_PER_USER = env.get_int("ARCHIVE_MAX_MB_PER_USER", 10_240)  # 0: no limit
ARCHIVE_MIN_FREE_MB = env.get_int("ARCHIVE_MIN_FREE_MB", 512)  # with less free on the disk, frames are not kept
SPOOL_DIR = Path(env.get_str("SPOOL_DIR") or BASE_DIR / "spool")
SPOOL_MAX_MB = env.get_int("SPOOL_MAX_MB", 512)
# The longest time from the start of a request until its frame is stored: gunicorn ends requests that take longer.
FRAME_UNDER_WAY_S = env.get_int("WORKER_TIMEOUT", 30, minimum=1) + 30

# --- Accounts ---
AUTH_USER_MODEL = "accounts.User"
STRICT_PASSWORDS = env.get_bool("STRICT_PASSWORDS", default=False)
AUTH_PASSWORD_VALIDATORS = [
    {
        # Length only, unless strict: existing clients sign up with passwords such as 12341234.
        "NAME": "accounts.typed.MinimumLengthValidator",
        "OPTIONS": {"min_length": max(env.get_int("PASSWORD_MIN_LENGTH", 8, minimum=1), 10 if STRICT_PASSWORDS else 1)},
    },
]
if STRICT_PASSWORDS:
    AUTH_PASSWORD_VALIDATORS += [
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
    ]
# Links for a forgotten password go by mail; without EMAIL_URL, the page says whom to ask.
EMAIL_URL = env.email("EMAIL_URL")
EMAIL_BACKEND = EMAIL_URL.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST, EMAIL_PORT = EMAIL_URL.get("EMAIL_HOST") or "localhost", EMAIL_URL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_URL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_URL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_FILE_PATH = EMAIL_URL.get("EMAIL_FILE_PATH")
EMAIL_USE_TLS, EMAIL_USE_SSL = (EMAIL_URL.get(f"EMAIL_USE_{name}", False) for name in ("TLS", "SSL"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.get_str("EMAIL_FROM") or "Pose Smart <posesmart@localhost>"
PASSWORD_RESET_TIMEOUT = 3600  # seconds; the mail says so
SUPPORT_CONTACT = env.get_str("SUPPORT_CONTACT")
AUDIT_DAYS = env.get_int("AUDIT_DAYS", 365, maximum=36_500)  # 0: for ever
SIGN_UP = env.choice("SIGN_UP", ("open", "invited", "closed"))  # who may create an account on their own
INVITATION_DAYS = env.get_int("INVITATION_DAYS", 14, minimum=1, maximum=365)
# A company's login, by OpenID Connect; without an issuer nothing of it is loaded.
OIDC_ISSUER = env.issuer("OIDC_ISSUER")
OIDC_CLIENT_ID = env.needed("OIDC_CLIENT_ID", by="OIDC_ISSUER") if OIDC_ISSUER else ""
OIDC_CLIENT_SECRET = env.needed("OIDC_CLIENT_SECRET", by="OIDC_ISSUER") if OIDC_ISSUER else ""
OIDC_LABEL = env.get_str("OIDC_LABEL")
OIDC_EMAIL_DOMAINS = env.get_list("OIDC_EMAIL_DOMAINS")
OIDC_TRUST_EMAIL = env.get_bool("OIDC_TRUST_EMAIL", default=False)
FACE_KEYS = env.fernet_keys("FACE_KEYS")  # newest first
SIMPLE_JWT = {
    # Existing clients use one access token for a whole day.
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=env.get_int("ACCESS_TOKEN_HOURS", 24, minimum=1, maximum=876_000)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.get_int("REFRESH_TOKEN_DAYS", 14, minimum=1, maximum=36_500)),
    "ROTATE_REFRESH_TOKENS": env.get_bool("ROTATE_REFRESH_TOKENS", default=True),
    "CHECK_REVOKE_TOKEN": True,  # a new password invalidates all earlier tokens
    "LEEWAY": timedelta(seconds=30),  # two nodes' clocks differ: a token must not be from the future at the other one
}

# --- API ---
FRAME_MAX_BYTES = env.get_int("FRAME_MAX_BYTES", 8 * 2**20, minimum=1024)  # of a request that carries a frame
LANDMARKS_MAX_BYTES = 2 * 2**20  # 75 pictures of 478 points, with all their digits
BODY_MAX_BYTES = 64 * 2**10  # of every other request
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["common.http.bodies.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["common.http.bodies.AnyTextJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.http.bodies.OneRendererNegotiation",
    "DEFAULT_SCHEMA_CLASS": "common.http.schema.ErrorResponseSchema",
    "DEFAULT_THROTTLE_CLASSES": ["common.http.throttling.WriteThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        # Test suites of existing clients make sixty sign-ups and sixty logins a minute from one address.
        "sign_up": env.rate("SIGN_UP_RATE", "120/min"),
        "login": env.rate("LOGIN_RATE", "120/min"),
        "login_failure": env.rate("LOGIN_FAILURE_RATE", "60/hour"),
        "password_reset": env.rate("PASSWORD_RESET_RATE", "20/hour"),
        "admin_login": env.rate("ADMIN_LOGIN_RATE", "20/hour"),
        "frames": env.rate("FRAME_RATE", "1200/min"),
        "blinks": env.rate("BLINK_RATE", "1200/min"),
        "writes": env.rate("WRITE_RATE", "240/min"),
    },
    "NUM_PROXIES": env.get_int("TRUSTED_PROXIES", 0),
    "EXCEPTION_HANDLER": "common.http.errors.to_response",
    "UNAUTHENTICATED_USER": None,
}

# --- Vision ---
EXACT_DETECTION = env.get_bool("EXACT_DETECTION", default=False)
MODEL_CACHE_DIR = Path(env.get_str("MODEL_CACHE_DIR") or env.cache_folder())
DESCRIPTOR_PRECISION = env.choice("DESCRIPTOR_PRECISION", ("auto", "fp32", "int8"))
NATIVE_VISION = env.choice("NATIVE_VISION", ("auto", "off", "512", "256", "128"))  # native.library.CHOICES
WEIGHTS_LICENCE_READ = env.get_bool("WEIGHTS_LICENCE_READ", default=False)  # silences the check detections.W001

# --- Language and time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko-kr", "한국어")]  # not "ko": some libraries have their Korean texts in ko_KR
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Asia/Seoul")  # of report times that name no zone, and of the admin
USE_TZ = True

# --- Processes: gunicorn.conf.py uses these; checked here so that every command reports a wrong value ---
for _name in ("WEB_CONCURRENCY", "GRACEFUL_TIMEOUT"):
    env.get_int(_name, 1, minimum=1)
for _name in ("MAX_REQUESTS", "MAX_REQUESTS_JITTER"):
    env.get_int(_name, 0)

# --- Static files, served by whitenoise ---
STATIC_URL = "static/"
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755  # of collectstatic: nginx reads these files as another user
STATIC_ROOT = env.get_str("STATIC_ROOT") or None  # where collectstatic puts a copy for nginx
STATICFILES_DIRS = [folder] if (folder := minified.folder()).exists() else []  # before the packages' own files
WHITENOISE_USE_FINDERS = True  # without STATIC_ROOT, files are served straight from the packages
WHITENOISE_MAX_AGE = 0  # seconds; browsers revalidate each time, so that a page never mixes two releases

# --- Logging ---
LOG_FORMAT = env.choice("LOG_FORMAT", logs.FORMATS)
LOGGING = logs.config(
    LOG_FORMAT,
    env.choice("LOG_LEVEL", env.LOG_LEVELS).upper(),
    with_access=env.get_bool("LOG_ACCESS", default=LOG_FORMAT == "json"),  # too many lines to read: one for each frame
)
