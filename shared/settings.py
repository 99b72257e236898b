"""Settings that every service has. Each service has one class of its own that extends this one."""

import socket
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_ONLY = "development-only"  # marks every secret that stands in the repository


def variable(name: str, meaning: str, *, default: Any = "", **rules: Any) -> Any:
    """A field that a variable of the environment sets."""
    return Field(default=default, validation_alias=name, description=meaning, **rules)


class ServiceSettings(BaseSettings):
    """Configuration from the environment. Names are the variables' own; secrets have no default in production."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, frozen=True, validate_default=True)

    environment: Literal["development", "production"] = variable(
        "KURSNAV_ENVIRONMENT", "Development refuses nothing that is marked as such.", default="production"
    )
    instance: str = variable(
        "KURSNAV_INSTANCE",
        "Stable name of this process, its own among all that run the same service: its consumers' static "
        "member id, its relay lease's holder. Without it the machine's name, which is enough for one process of a "
        "service on each machine.",
    )
    kafka_bootstrap_servers: str = variable(
        "KAFKA_BOOTSTRAP_SERVERS", "host:port, comma separated.", default="127.0.0.1:9092"
    )
    topic_prefix: str = variable("KURSNAV_TOPIC_PREFIX", "Put before every topic and consumer group.")
    issuer: str = variable("KURSNAV_ISSUER", "`iss` that access tokens must carry.")
    audience: str = variable("KURSNAV_AUDIENCE", "`aud` that access tokens must carry.", default="kursnav")
    jwks_url: str = variable("KURSNAV_JWKS_URL", "Where the issuer publishes its keys.")
    url: str = variable(
        "KURSNAV_URL",
        "The address that browsers use, for example https://kurser.example.se; the issuer leads back to "
        "it. In development whatever address was asked for.",
    )
    client_id: str = variable("KURSNAV_CLIENT_ID", "What the pages are called at the issuer.", default="kursnav")
    client_secret: str = variable(
        "KURSNAV_CLIENT_SECRET", "The pages' secret at the issuer; empty for a public client, which PKCE protects."
    )
    discovery_url: str = variable(
        "KURSNAV_DISCOVERY_URL", "Where the issuer describes itself, if not below KURSNAV_ISSUER."
    )
    session_keys: str = variable(
        "KURSNAV_SESSION_KEYS",
        "Keys of the browser's session cookie, the same for all services: `kid:base64` of 32 bytes, comma "
        "separated, the first one encrypts. Without them nobody signs in to the pages; access tokens go on.",
    )
    people_keys: str = variable(
        "KURSNAV_PEOPLE_KEYS",
        "Keys of the encrypted `people` topic: `kid:base64` of 32 bytes, comma separated, "
        "the first one encrypts. Booking and attendance only.",
    )
    pool_size: int = variable(
        "KURSNAV_POOL_SIZE",
        "Database connections per service and process, at most: opened when needed, then kept.",
        default=20,
        ge=5,
    )
    lock_timeout_ms: int = variable(
        "KURSNAV_LOCK_TIMEOUT_MS", "Milliseconds a write waits for a lock before 503.", default=3000
    )
    combine: bool = variable(
        "KURSNAV_COMBINE",
        "Whether bookings, and marks, that arrive at the same moment share a transaction; each is decided, told and "
        "answered for itself either way.",
        default=True,
    )
    inbox_days: int = variable(
        "KURSNAV_INBOX_DAYS",
        "Days after which a consumer no longer knows an event again. More than a service may be down, or a "
        "backup be old that anybody restores: both send again what they do not know to be sent.",
        default=90,
        ge=7,
    )
    dead_letter_days: int = variable(
        "KURSNAV_DEAD_LETTER_DAYS",
        "Days after which a replayed dead letter is deleted, and a discarded one loses its content.",
        default=180,
        ge=7,
    )
    job_days: int = variable(
        "KURSNAV_JOB_DAYS",
        "Days after which a job that has ended is forgotten, and its result with it.",
        default=30,
        ge=1,
    )
    max_body_bytes: int = variable("KURSNAV_MAX_BODY_BYTES", "Largest request body, bytes.", default=10_000_000)
    patience_seconds: float = variable(
        "KURSNAV_PATIENCE_SECONDS",
        "Seconds that a connection may take for its headers, and for its body before that must come with "
        "32 kB a second; no body takes longer than twelve times this.",
        default=10.0,
        gt=0,
    )
    max_connections: int = variable(
        "KURSNAV_MAX_CONNECTIONS",
        "Connections of a process at most. Beyond, the one that has been idle for longest is closed; when "
        "all are at work, the newcomer gets 503.",
        default=500,
        ge=10,
    )
    watchdog_seconds: float = variable(
        "KURSNAV_WATCHDOG_SECONDS",
        "Seconds without progress on a partition that this process holds, while records wait there, before "
        "the service is not ready and the process ends; five times as long for one batch and for a group that cannot "
        "agree.",
        default=60.0,
    )
    smtp: str = variable(
        "KURSNAV_SMTP",
        "host:port of the mail server. Empty: mail waits until there is one, or it has become useless.",
        pattern=r"^(.+:[0-9]{1,5})?$",
    )
    smtp_security: Literal["starttls", "tls", "none"] = variable(
        "KURSNAV_SMTP_SECURITY",
        "How the way to the mail server is encrypted; `none` only where it is this machine's own.",
        default="starttls",
    )
    smtp_user: str = variable("KURSNAV_SMTP_USER", "Login at the mail server; empty: none.")
    smtp_password: str = variable("KURSNAV_SMTP_PASSWORD", "Password of that login.")
    mail_from: str = variable(
        "KURSNAV_MAIL_FROM",
        "From whom mail comes, and who invites in calendars: an address, perhaps with a name before it. "
        "Keep it: calendar programs take a change or a cancellation only from whoever invited.",
        default="kursnav <kursnav@localhost>",
        pattern=r"^[^@\r\n]*@[^@\s>]+>?$",
    )
    otlp_endpoint: str = variable(
        "KURSNAV_OTLP_ENDPOINT",
        "OpenTelemetry collector for traces (OTLP over HTTP), for example http://collector:4318. Empty: no traces.",
    )
    log_level: str = variable("KURSNAV_LOG_LEVEL", "Level of the root logger.", default="INFO")

    @field_validator("instance")
    @classmethod
    def name_itself(cls, name: str) -> str:
        """Two processes under one name would send at the same time and take each other's partitions."""
        return name or socket.gethostname()

    @property
    def site(self) -> str:
        """Where links in mails lead: in development, without a URL of its own, where the issuer of the stack stands."""
        return self.url.rstrip("/") or self.issuer.removesuffix("/identity")

    @property
    def secure(self) -> bool:
        """Whether browsers come by TLS: then cookies go nowhere else."""
        return self.environment == "production" or self.url.startswith("https:")

    @model_validator(mode="after")
    def refuse_what_is_for_development(self) -> Self:
        """Raises ValueError, naming each variable, when production runs with a secret from the repository or none at
        all.
        """
        if self.environment == "production":
            marked = [
                field.validation_alias
                for name, field in type(self).model_fields.items()
                if DEVELOPMENT_ONLY in str(getattr(self, name))
            ]
            if marked:
                raise ValueError(f"for development only, set your own: {', '.join(map(str, marked))}")
            if not (self.issuer and self.jwks_url):
                raise ValueError("set KURSNAV_ISSUER and KURSNAV_JWKS_URL: without them nobody can log in")
            if not (self.session_keys and self.url):
                raise ValueError(
                    "set KURSNAV_SESSION_KEYS and KURSNAV_URL: without them nobody can sign in to the pages"
                )
            if self.instance.partition(".")[0] == "localhost":
                raise ValueError("set KURSNAV_INSTANCE to a name of this process's own: localhost is every machine")
            if self.smtp and self.mail_from.rstrip(">").endswith("@localhost"):
                raise ValueError("set KURSNAV_MAIL_FROM: nobody can answer, or trust, mail from localhost")
        return self
