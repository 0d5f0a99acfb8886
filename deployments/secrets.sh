#!/usr/bin/env bash
# secrets.sh FOLDER HEARTH...   makes the secrets that several nodes share
#
#   ./secrets.sh secrets hearth
#   ./secrets.sh secrets docker compose run --rm --no-deps hearth1
#
# HEARTH is how to run the program: it knows which rights it needs in Redis.
# What is there already stays as it is, but for redis-users.acl: run this again
# with a new version of the program, and then restart Redis.
set -euo pipefail
umask 077

say() { echo "secrets.sh: $*" >&2; exit 1; }
[ $# -ge 2 ] || say "Please give a folder and how to run the program: secrets.sh secrets hearth"
folder=$1
shift
mkdir -p "$folder"

# random prints 48 random bytes in letters, digits, - and _.
random() { head -c 48 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }

# keep FILE writes what it reads, unless the file is there.
keep() {
  if [ -e "$folder/$1" ]; then cat >/dev/null; else cat >"$folder/$1.new" && mv "$folder/$1.new" "$folder/$1"; fi
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

random | keep secret
random | keep redis-password
random | keep database-password
random | keep admin-token
printf '{"admin-token": "%s"}\n' "$(cat "$folder/admin-token")" | keep admin.json

rights=$("$@" redis-acl) || say "\`$* redis-acl\` did not work."
case $rights in "user hearth on "*) ;; *) say "\`$* redis-acl\` did not print a user named hearth." ;; esac
{
  echo "$rights #$(printf %s "$(cat "$folder/redis-password")" | sha256)"
  echo "user default on nopass resetkeys resetchannels -@all +ping"
} >"$folder/redis-users.acl.new"
mv "$folder/redis-users.acl.new" "$folder/redis-users.acl"

# The folder is shut to others; its files are open to the users that
# containers run as.
chmod 700 "$folder"
chmod 444 "$folder"/*
