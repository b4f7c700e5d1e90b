#!/usr/bin/env bash
# A release on one machine, under Docker Compose. It is a folder in releases/ that holds compose.yaml, nginx/ and
# deploy/; beside releases/ are .env, which all share, and the links current and previous. More in docs/jenkins.md.
#   releases/1a2b3c4/deploy/release.sh start IMAGE    backs up, migrates, and replaces the running release
#   releases/1a2b3c4/deploy/release.sh check SECONDS  waits until it is ready, and fails if it is not by then
#   releases/1a2b3c4/deploy/release.sh back           if it is the running release, goes back to the one before it
#   releases/1a2b3c4/deploy/release.sh tidy           deletes all releases but the current and the previous one
set -euo pipefail
umask 077

release=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
home=$(cd "$release/../.." && pwd -P)
back_within_s=180
backup_days=30

fail() {
    echo "$*" >&2
    exit 1
}

compose() { # in this release's folder, or in the one given by `folder`
    (cd "${folder:-$release}" && docker compose "$@")
}

link_of() { # the folder that a link points to, or nothing
    if [ -L "$home/$1" ]; then readlink "$home/$1"; fi
}

point() { # a link at a folder, atomically
    ln -sfn "$2" "$home/$1.new"
    mv -T "$home/$1.new" "$home/$1"
}

back_up() { # before tables change; MongoDB's collection only gets new indexes
    local file
    if compose run --rm prepare python manage.py migrate --check; then
        return
    fi
    mkdir -p "$home/backups"
    find "$home/backups" -name '*.sql.gz' -mtime "+$backup_days" -delete
    file="$home/backups/$(date +%F-%H%M%S).sql.gz"
    # shellcheck disable=SC2016 # the container's variable
    compose exec -T mysql sh -c 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysqldump --user=root --single-transaction \
        --no-tablespaces --add-drop-database --databases posesmart' | gzip >"$file.part"
    mv "$file.part" "$file"
    echo "Tables will change; a backup of them is in $file."
}

start() {
    local image=$1
    [[ $image =~ ^[a-z0-9][a-z0-9._/:@-]*$ ]] || fail "This is not an image: $image"
    [ -f "$home/.env" ] || fail "There is no $home/.env; deploy/compose.env.example says what to put into it."
    ! grep -q '^POSESMART_IMAGE=' "$home/.env" || fail "Delete POSESMART_IMAGE from $home/.env: it would win."
    ln -sfn ../../.env "$release/.env"
    sed -i "s|:-posesmart:local}|:-$image}|" "$release/compose.yaml"
    compose pull --quiet app nginx
    back_up
    compose run --rm prepare
    if [ "$(link_of current)" != "$release" ]; then
        [ ! -L "$home/current" ] || point previous "$(link_of current)"
        point current "$release"
    fi
    compose up --detach --no-build --remove-orphans
}

check() {
    local within_s=$1 response
    until response=$(compose exec -T app python deploy/ask.py /readyz 2>&1) &&
        response=$(compose exec -T nginx curl --fail --silent --show-error --insecure https://127.0.0.1/healthz 2>&1); do
        if ((SECONDS >= within_s)); then
            compose ps --all
            compose logs --tail 50 app nginx prepare
            fail "Not ready after $within_s s: $response"
        fi
        sleep 2
    done
    echo "$release is ready."
}

back() {
    local previous
    [ "$(link_of current)" = "$release" ] || fail "$release is not the running release, so there is nothing to undo."
    previous=$(link_of previous)
    [ -d "$previous" ] || fail "There is no release before $release."
    point current "$previous"
    rm "$home/previous"
    # With its own configuration and image, on the tables as they are now.
    folder=$previous compose up --detach --no-build --no-deps --remove-orphans app nginx
    release=$previous
    check "$((SECONDS + back_within_s))"
}

tidy() {
    local folder
    for folder in "$home"/releases/*; do
        case $folder in
            "$(link_of current)" | "$(link_of previous)" | "$release") ;;
            *) rm -rf "$folder" ;;
        esac
    done
    docker image prune --all --force --filter "label=org.opencontainers.image.title=Pose Smart" --filter until=720h
}

exec 9>"$home/lock"
flock --timeout 1800 9 || fail "Another release has been running for half an hour."
case ${1:-} in
    start) start "${2:?start needs an image}" ;;
    check) check "${2:-180}" ;;
    back) back ;;
    tidy) tidy ;;
    *) fail "Usage: release.sh start IMAGE | check SECONDS | back | tidy" ;;
esac
