"""Django's settings, the same for the command line and the pages.

`open_database` sets the database before Django starts. Until then it is in memory, so that importing this module
touches nothing. What a camp or an office chooses (its database, its key, who logs in how) is set by
`output_review.web.application` before the first request, from camp.toml and the site configuration.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

WEB = Path(__file__).parent / "web"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "output_review",
    "output_review.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "output_review.web.errors.SaidMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "output_review.web.seat.SeatMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "output_review.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(WEB / "templates")],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "csp.context_processors.nonce",
                "output_review.web.seat.seat_context",
            ],
            "builtins": ["output_review.web.templatetags.speech"],
        },
    }
]
STATIC_URL = "static/"
STATICFILES_DIRS = [str(WEB / "static")]
WHITENOISE_USE_FINDERS = True

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
LANGUAGE_COOKIE_NAME = "__Host-language"
LANGUAGE_COOKIE_SECURE = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Strict"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ------------------------------------------------------------------------------------------------------ who comes in
SECRET_KEY = ""  # set by the application; without it nothing that needs one works
ALLOWED_HOSTS: list[str] = []
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "output_review.web.accounts.backend.LocalBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "output_review.web.accounts.login.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # our log has it
AXES_SENSITIVE_PARAMETERS = ["name", "password", "old", "again", "digits", "code", "next", "csrfmiddlewaretoken"]
AXES_VERBOSE = AXES_ENABLE_ADMIN = False
OTP_TOTP_THROTTLE_FACTOR = 0  # five failures lock the account; a delay beside that would refuse digits that are right
OIDC_USE_PKCE, OIDC_USE_NONCE, OIDC_TIMEOUT = True, True, 10
OIDC_RP_SCOPES = "openid profile"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_AUTHENTICATION_CALLBACK_URL = "sign-on-callback"
OIDC_MAX_STATES = 10
AUTH_LDAP_NO_NEW_USERS = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_FAILURE_VIEW = "output_review.web.errors.no_token"
SECURE_HSTS_SECONDS = 365 * 86400
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["output_review.web.bodies.NoFiles"]
LOGGING_CONFIG = None
