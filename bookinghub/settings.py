"""All settings, read from environment variables. docs/operating.md lists them for the person who runs the hub.

Two modes. "embedded" (the default, what `./hub run` starts) is one process with SQLite, its own worker, keys kept in
the data folder and mail written to files. "production" is chosen by HUB_MODE=production or by setting SECRET_KEY, and
refuses to start with anything missing.
"""

import os
import tempfile
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from bookinghub import environment

if not __debug__:
    raise ImproperlyConfigured(
        "Booking Hub does not run under python -O: its assertions are part of its safety."
    )

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(environment.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()

HUB_MODE = environment.text("HUB_MODE", "production" if environment.text("SECRET_KEY") else "embedded")
if HUB_MODE not in {"embedded", "production"}:
    raise ImproperlyConfigured(f"HUB_MODE must be embedded or production, not {HUB_MODE!r}")
EMBEDDED = HUB_MODE == "embedded"
DEBUG = environment.flag("DEBUG", default=False)

# --- Where the hub is found -------------------------------------------------------------------------------------------
# Links in mails come from BASE_URL, never from a request's Host header.

BASE_URL = environment.text("BASE_URL", "http://127.0.0.1:8000" if EMBEDDED else "").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    raise ImproperlyConfigured(
        "BASE_URL must be the address people open, such as https://booking.example.org"
    )
IS_HTTPS = _base.scheme == "https"
IS_LOOPBACK = _base.hostname in {"127.0.0.1", "localhost", "::1"}

ALLOWED_HOSTS = [_base.hostname, *environment.words("ALLOWED_HOSTS")]
if EMBEDDED:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS must name hosts; * would let anybody choose the host in our links."
    )
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# Proxies in front of us that set X-Forwarded-For and X-Forwarded-Proto themselves; client addresses are counted from there.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 1 if IS_HTTPS else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Secrets ----------------------------------------------------------------------------------------------------------
# LINK_KEY signs the links in mails; it is apart so that a new SECRET_KEY signs people out but breaks no link.

SECRET_KEY = environment.key("SECRET_KEY", folder=DATA_DIR / "keys", may_create=EMBEDDED)
LINK_KEY = environment.key("LINK_KEY", folder=DATA_DIR / "keys", may_create=EMBEDDED)
if SECRET_KEY == LINK_KEY:
    raise ImproperlyConfigured("SECRET_KEY and LINK_KEY must differ.")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
# What is kept of people's calendars and their passwords is sealed with the first; all of them, and LINK_KEY, open it.
HUB_SEAL_KEYS = environment.keys("HUB_SEAL_KEYS")
if SECRET_KEY in HUB_SEAL_KEYS:
    raise ImproperlyConfigured("SECRET_KEY and HUB_SEAL_KEYS must differ.")

# --- What the site is made of -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "bookings",
    "calendars",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_filters",
    "anymail",
    "csp",
    "bookinghub.apps.HubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "bookinghub.middleware.request_record",
    "django.middleware.security.SecurityMiddleware",
    "bookinghub.static.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "bookinghub.middleware.cache_rules",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bookings.preferences.Preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bookinghub.middleware.dialog_address",
    "bookinghub.middleware.DatabaseDown",
]

ROOT_URLCONF = "bookinghub.urls"
WSGI_APPLICATION = "bookinghub.wsgi.application"
ASGI_APPLICATION = "bookinghub.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "bookings.context.hub",
            ],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------------------
# ATOMIC_REQUESTS stays off: on SQLite every page would take the one write lock.

DATABASES = {"default": environment.database(environment.text("DATABASE_URL"), data_dir=DATA_DIR)}
IS_POSTGRES = DATABASES["default"]["ENGINE"].endswith("postgresql")
if not IS_POSTGRES:
    # Tests use a file, as the hub does: threads that share an in-memory database meet other locks than real ones.
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / f"bookinghub-test-{os.getpid()}.sqlite3"),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counters of refusals (sign-in attempts and the like) are shared by all processes and do not depend on Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "hub_cache"}}

# --- People and sign-in -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "bookings.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "bookinghub.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# People come in by invitation, which has already proven the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    # By address first: a limit by account alone would let anybody lock anybody out.
    "login_failed": "5/m/ip,20/5m/ip,60/h/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_HTTPS

# --- Headers ----------------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # Whether the host's subdomains speak https is not ours to promise.
    "security.W021",  # Nor is entering the domain in the browsers' preload lists.
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "bookinghub.joined.JoinedFinder",
]
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(DATA_DIR / "static")))
# The embedded run serves the source files as they are; production serves what `collectstatic` gathered, cached for good.
WHITENOISE_USE_FINDERS = EMBEDDED
WHITENOISE_AUTOREFRESH = EMBEDDED
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "bookinghub" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# An address typed without its scheme means https, as it will from Django 6 on.
FORMS_URLFIELD_ASSUME_HTTPS = True

# --- Mail -------------------------------------------------------------------------------------------------------------

EMAIL_URL = environment.text("EMAIL_URL")
MAIL_DIR = DATA_DIR / "mail"
if EMAIL_URL:
    globals().update(environment.mail(EMAIL_URL))
elif EMBEDDED:
    EMAIL_BACKEND = "bookings.mail_folder.FolderBackend"
else:
    raise ImproperlyConfigured("EMAIL_URL is missing, such as smtp+tls://user@mail.example.org:587")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", f"Booking Hub <booking@{_base.hostname}>")
if EMBEDDED and IS_LOOPBACK:
    DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "Booking Hub <booking@hub.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Mail that is only written to files may be read in the browser, on the machine itself.
HAS_DEV_MAIL = EMBEDDED and IS_LOOPBACK and not EMAIL_URL

# --- Worker -----------------------------------------------------------------------------------------------------------
# bookinghub/celery.py holds what does not depend on the environment.

REDIS_URL = environment.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"

# --- How the hub behaves ----------------------------------------------------------------------------------------------

# A booking stays "confirming" at most this long before a slow mail or calendar is left to catch up by itself.
HUB_CONFIRM_TIMEOUT_SECONDS = environment.number("HUB_CONFIRM_TIMEOUT_SECONDS", 60)
# A worker that took a delivery and was not heard of again loses it after this long.
HUB_LEASE_SECONDS = environment.number("HUB_LEASE_SECONDS", 120)

# Tries of one delivery before it is parked where a host sees it: some 24 hours with the longest waits.
HUB_MOST_ATTEMPTS = environment.number("HUB_MOST_ATTEMPTS", 32)
# A delivery that makes its handler fall over is parked much sooner.
HUB_POISON_ATTEMPTS = environment.number("HUB_POISON_ATTEMPTS", 5)
# After a poke that failed the broker is left alone this long; the sweep delivers meanwhile.
HUB_POKE_PAUSE_SECONDS = environment.number("HUB_POKE_PAUSE_SECONDS", 15)
# How often the worker looks for what no poke delivered.
HUB_SWEEP_SECONDS = environment.number("HUB_SWEEP_SECONDS", 10)
# How long a transaction waits for a lock (PostgreSQL), and how often it begins again.
HUB_LOCK_TIMEOUT_SECONDS = environment.number("HUB_LOCK_TIMEOUT_SECONDS", 3)
HUB_TRANSACTION_TRIES = environment.number("HUB_TRANSACTION_TRIES", 3)
# A chosen time is kept this long while the form is filled in; so many at once for one visitor.
HUB_HOLD_MINUTES = environment.number("HUB_HOLD_MINUTES", 10)
HUB_HOLDS_PER_VISITOR = environment.number("HUB_HOLDS_PER_VISITOR", 10)
# All limits on strangers' tries times this: more for a hub whose bookers share one address.
HUB_LIMITS_TIMES = environment.number("HUB_LIMITS_TIMES", 1)
# Whether a team may let every website show its booking pages in a frame, with "*"; else it names them.
HUB_EMBED_ANYWHERE = environment.flag("HUB_EMBED_ANYWHERE", default=False)
# So many live streams of one person at once, in each process: one for each window that is looked at.
HUB_LIVE_STREAMS = environment.number("HUB_LIVE_STREAMS", 20)
# A form that was sent counts once for this long.
HUB_FORM_KEY_HOURS = environment.number("HUB_FORM_KEY_HOURS", 48)
# Message-IDs and calendar UIDs end in this domain; it must never change once mails are out.
HUB_MAIL_DOMAIN = environment.text("HUB_MAIL_DOMAIN", parseaddr(DEFAULT_FROM_EMAIL)[1].rpartition("@")[2])
# The organizer of every invitation: the address that the mails come from.
HUB_ORGANIZER = environment.text("HUB_ORGANIZER", parseaddr(DEFAULT_FROM_EMAIL)[1])
# After so many hours without a reading of a host's calendars, their busy time is said not to be relied on.
HUB_CALENDAR_STALE_HOURS = environment.number("HUB_CALENDAR_STALE_HOURS", 6)
# Rooms made for each booking are named under this address (Jitsi Meet and alike).
HUB_MEETING_BASE_URL = environment.text("HUB_MEETING_BASE_URL", "https://meet.jit.si")
# Calendar servers that hosts connect may be in these networks; else only at public addresses.
HUB_DAV_ALLOW_NETS = environment.networks("HUB_DAV_ALLOW_NETS")

# Answers to invitations are read from this mailbox; without one, invitations ask for none.
HUB_INBOX = environment.inbox("HUB_INBOX", plain=HUB_DAV_ALLOW_NETS)
# Where they are sent to, with a token before the @, as in bookings+TOKEN@example.org; the mailbox has to take such addresses.
HUB_INBOX_ADDRESS = environment.text("HUB_INBOX_ADDRESS")
if HUB_INBOX is not None and not HUB_INBOX_ADDRESS:
    HUB_INBOX_ADDRESS = HUB_INBOX.user if "@" in HUB_INBOX.user else f"{HUB_INBOX.user}@{HUB_MAIL_DOMAIN}"
HUB_INBOX_SECONDS = environment.number("HUB_INBOX_SECONDS", 60)

# --- Logs -------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "bookinghub.logging.RequestId"},
        "no_links": {"()": "bookinghub.logging.NoLinks"},
    },
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "no_links"],
        },
    },
    "root": {"handlers": ["stderr"], "level": environment.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # Logs every URL it opens, private calendar addresses among them.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        # Malformed requests of strangers: the line of the request says 400, a traceback says nothing more.
        "django.security": {"level": "CRITICAL"},
        "celery": {"level": "WARNING"},
        "uvicorn.error": {"level": "WARNING"},
    },
}
