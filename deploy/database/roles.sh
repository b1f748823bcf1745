#!/bin/bash
# Run once by the container of PostgreSQL, when its volume is new: the portal gets a role of its own and a database that
# this role owns. It is no superuser, so row-level security binds it (docs/scaling.md).
set -euo pipefail

password="$(cat /run/secrets/database_password)"
psql --quiet --set=ON_ERROR_STOP=1 --set=password="$password" --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
CREATE ROLE relaytree LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE relaytree OWNER relaytree;
SQL
