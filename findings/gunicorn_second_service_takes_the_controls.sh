#!/usr/bin/env bash
# gunicorn has a control socket now, on without being asked for, at ~/.gunicorn/gunicorn.ctl: one path for all services
# of a user. One expects the second to refuse, or to choose another name. It takes the path over without a word:
# gunicornc (which can add workers) then reaches the other service, and once that one stops, the first, still
# serving, cannot be reached any more.
# The socket also has a thread. The first workers are forked before it starts, so all looks well; each worker that
# replaces one is forked from a process with threads, which preload_app was careful to avoid.
# Seen with gunicorn 27.0.1. So: control_socket_disable = True, or a control_socket for each service.
set -euo pipefail
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps gunicorn==27.0.1 packaging==26.4
cat >"$work/app.py" <<'PY'
import os


def app(environ, start_response):
    start_response("200 OK", [])
    return [b"well"]


def pre_fork(server, worker):
    print("threads at a fork:", len(os.listdir("/proc/self/task")), flush=True)
PY
cd "$work"
export HOME="$work/home" PATH="$work/venv/bin:$PATH"
unset XDG_RUNTIME_DIR GUNICORN_CMD_ARGS
mkdir "$HOME"
serve() {
    gunicorn --config python:app --workers "$2" --bind "unix:$work/$1.sock" app:app >"$work/$1.log" 2>&1 &
    pids+=($!)
}
until_logged() {
    for _ in $(seq 100); do
        [ "$(grep -c "$3" "$work/$1.log" || true)" -ge "$2" ] && return
        sleep 0.1
    done
    false
}
workers() { gunicornc -c "show workers" 2>&1 | grep -E "^Total|Error" | sed 's/ to .*:/:/'; }

serve first 1
until_logged first 1 "Control socket"
alone=$(workers)
kill "$(sed -n 's/.*Booting worker with pid: //p' first.log)"
until_logged first 2 "threads at a fork"
serve second 3
until_logged second 1 "Control socket"
both=$(workers)
kill "${pids[1]}" && wait "${pids[1]}" || true
left=$(workers || true)
kill -0 "${pids[0]}"
forks=$(sed -n 's/threads at a fork: //p' first.log | tr '\n' ' ')
printf '%s\n' "$(gunicorn --version), first service, one worker: $alone" "with a second service of three: $both" \
    "after the second has stopped: $left" "threads at the first service's forks: $forks"
[ "$alone" = "Total: 1 workers" ] && [ "$both" = "Total: 3 workers" ] && [[ $left == Error* ]] && [ "$forks" = "1 2 " ]
