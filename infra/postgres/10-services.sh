#!/bin/bash
# Run once by the official image on an empty volume: a database and two roles per service. The runtime role owns nothing;
# only `kursnav migrate` uses the owner, and closes the database to everybody else. One more database for Keycloak, when it has a password.
set -euo pipefail
secret() { # secret NAME: the file that NAME_FILE names, or the variable
    local file="${1}_FILE" value
    if [ -n "${!file:-}" ]; then value=$(cat "${!file}"); else value=${!1:?set $1 or $1_FILE}; fi
    if [ "${KURSNAV_ENVIRONMENT:-}" = production ] && [[ $value == *development-only* ]]; then
        echo "$1 is for development only: set your own" >&2
        return 1
    fi
    printf '%s' "$value"
}
secret POSTGRES_PASSWORD >/dev/null # only looked at: the image has set it by now
owner=$(secret KURSNAV_OWNER_PASSWORD)
app=$(secret KURSNAV_APP_PASSWORD)
for service in booking attendance reporting; do
    psql -U "${POSTGRES_USER:-postgres}" -v ON_ERROR_STOP=1 -d "${POSTGRES_DB:-postgres}" -v owner="$owner" -v app="$app" <<SQL
CREATE ROLE ${service}_owner LOGIN PASSWORD :'owner';
CREATE ROLE ${service}_app LOGIN PASSWORD :'app';
CREATE DATABASE ${service} OWNER ${service}_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
SQL
    psql -U "${POSTGRES_USER:-postgres}" -v ON_ERROR_STOP=1 -d "$service" <<SQL
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO ${service}_owner;
SQL
done
psql -U "${POSTGRES_USER:-postgres}" -v ON_ERROR_STOP=1 -d "${POSTGRES_DB:-postgres}" \
    -c "REVOKE CONNECT ON DATABASE ${POSTGRES_DB:-postgres} FROM PUBLIC"
if [ -n "${KEYCLOAK_PASSWORD:-}" ]; then
    keycloak=$(secret KEYCLOAK_PASSWORD)
    psql -U "${POSTGRES_USER:-postgres}" -v ON_ERROR_STOP=1 -d "${POSTGRES_DB:-postgres}" -v password="$keycloak" <<SQL
CREATE ROLE keycloak LOGIN PASSWORD :'password';
CREATE DATABASE keycloak OWNER keycloak;
REVOKE CONNECT ON DATABASE keycloak FROM PUBLIC;
SQL
fi
