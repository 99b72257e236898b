"""Settings that every service has. Each service has one class of its own that extends this one."""

import socket
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_ONLY = "development-only"  # marks every secret that stands in the repository


class ServiceSettings(BaseSettings):
    """Configuration from the environment. Names are the variables' own; secrets have no default in production."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, frozen=True, validate_default=True)

    environment: Literal["development", "production"] = Field(
        default="production",
        validation_alias="KURSNAV_ENVIRONMENT",
        description="Development refuses nothing that is marked as such.",
    )
    instance: str = Field(
        default="",
        validation_alias="KURSNAV_INSTANCE",
        description="Stable name of this process, its own among all that run the same service: its consumers' static "
        "member id, its relay lease's holder. Without it the machine's name, which is enough for one process of a "
        "service on each machine.",
    )
    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS", description="host:port, comma separated."
    )
    topic_prefix: str = Field(
        default="", validation_alias="KURSNAV_TOPIC_PREFIX", description="Put before every topic and consumer group."
    )
    issuer: str = Field(
        default="", validation_alias="KURSNAV_ISSUER", description="`iss` that access tokens must carry."
    )
    audience: str = Field(
        default="kursnav", validation_alias="KURSNAV_AUDIENCE", description="`aud` that access tokens must carry."
    )
    jwks_url: str = Field(
        default="", validation_alias="KURSNAV_JWKS_URL", description="Where the issuer publishes its keys."
    )
    url: str = Field(
        default="",
        validation_alias="KURSNAV_URL",
        description="The address that browsers use, for example https://kurser.example.se; the issuer leads back to "
        "it. In development whatever address was asked for.",
    )
    client_id: str = Field(
        default="kursnav", validation_alias="KURSNAV_CLIENT_ID", description="What the pages are called at the issuer."
    )
    client_secret: str = Field(
        default="",
        validation_alias="KURSNAV_CLIENT_SECRET",
        description="The pages' secret at the issuer; empty for a public client, which PKCE protects.",
    )
    discovery_url: str = Field(
        default="",
        validation_alias="KURSNAV_DISCOVERY_URL",
        description="Where the issuer describes itself, if not below KURSNAV_ISSUER.",
    )
    session_keys: str = Field(
        default="",
        validation_alias="KURSNAV_SESSION_KEYS",
        description="Keys of the browser's session cookie, the same for all services: `kid:base64` of 32 bytes, comma "
        "separated, the first one encrypts. Without them nobody signs in to the pages; access tokens go on.",
    )
    people_keys: str = Field(
        default="",
        validation_alias="KURSNAV_PEOPLE_KEYS",
        description="Keys of the encrypted `people` topic: `kid:base64` of 32 bytes, comma separated, "
        "the first one encrypts. Booking and attendance only.",
    )
    pool_size: int = Field(
        default=20,
        ge=5,
        validation_alias="KURSNAV_POOL_SIZE",
        description="Database connections per service and process, at most: opened when needed, then kept.",
    )
    lock_timeout_ms: int = Field(
        default=3000,
        validation_alias="KURSNAV_LOCK_TIMEOUT_MS",
        description="Milliseconds a write waits for a lock before 503.",
    )
    inbox_days: int = Field(
        default=90,
        ge=7,
        validation_alias="KURSNAV_INBOX_DAYS",
        description="Days after which a consumer no longer knows an event again. More than a service may be down, or a "
        "backup be old that anybody restores: both send again what they do not know to be sent.",
    )
    dead_letter_days: int = Field(
        default=180,
        ge=7,
        validation_alias="KURSNAV_DEAD_LETTER_DAYS",
        description="Days after which a replayed dead letter is deleted, and a discarded one loses its content.",
    )
    job_days: int = Field(
        default=30,
        ge=1,
        validation_alias="KURSNAV_JOB_DAYS",
        description="Days after which a job that has ended is forgotten, and its result with it.",
    )
    max_body_bytes: int = Field(
        default=10_000_000, validation_alias="KURSNAV_MAX_BODY_BYTES", description="Largest request body, bytes."
    )
    patience_seconds: float = Field(
        default=10.0,
        gt=0,
        validation_alias="KURSNAV_PATIENCE_SECONDS",
        description="Seconds that a connection may take for its headers, and for its body before that must come with "
        "32 kB a second; no body takes longer than twelve times this.",
    )
    max_connections: int = Field(
        default=500,
        ge=10,
        validation_alias="KURSNAV_MAX_CONNECTIONS",
        description="Connections of a process at most. Beyond, the one that has been idle for longest is closed; when "
        "all are at work, the newcomer gets 503.",
    )
    watchdog_seconds: float = Field(
        default=60.0,
        validation_alias="KURSNAV_WATCHDOG_SECONDS",
        description="Seconds without progress on a partition that this process holds, while records wait there, before "
        "the service is not ready and the process ends; five times as long for one batch and for a group that cannot "
        "agree.",
    )
    smtp: str = Field(
        default="",
        validation_alias="KURSNAV_SMTP",
        pattern=r"^(.+:[0-9]{1,5})?$",
        description="host:port of the mail server. Empty: mail waits until there is one, or it has become useless.",
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        validation_alias="KURSNAV_SMTP_SECURITY",
        description="How the way to the mail server is encrypted; `none` only where it is this machine's own.",
    )
    smtp_user: str = Field(
        default="", validation_alias="KURSNAV_SMTP_USER", description="Login at the mail server; empty: none."
    )
    smtp_password: str = Field(
        default="", validation_alias="KURSNAV_SMTP_PASSWORD", description="Password of that login."
    )
    mail_from: str = Field(
        default="kursnav <kursnav@localhost>",
        validation_alias="KURSNAV_MAIL_FROM",
        pattern=r"^[^@\r\n]*@[^@\s>]+>?$",
        description="From whom mail comes, and who invites in calendars: an address, perhaps with a name before it. "
        "Keep it: calendar programs take a change or a cancellation only from whoever invited.",
    )
    otlp_endpoint: str = Field(
        default="",
        validation_alias="KURSNAV_OTLP_ENDPOINT",
        description="OpenTelemetry collector for traces (OTLP over HTTP), for example http://collector:4318. "
        "Empty: no traces.",
    )
    log_level: str = Field(
        default="INFO", validation_alias="KURSNAV_LOG_LEVEL", description="Level of the root logger."
    )

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
