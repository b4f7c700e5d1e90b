#!/usr/bin/env bash
# onnxruntime's telemetry was a matter of Windows, and off after disable_telemetry_events(). The Linux wheel has it now,
# and `import onnxruntime` alone is enough: it starts a thread, and writes an id of the device and a SQLite database
# below ~/.cache. disable_telemetry_events() comes too late for all three.
# A server that imports it before it forks forks with a thread, which its workers then lack, and everything that runs
# under one account shares one id. Seen with onnxruntime 1.32.0 on Linux.
# So: ORT_DISABLE_TELEMETRY=1 in the environment, before the import.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 onnxruntime==1.32.0 \
    flatbuffers==25.12.19 packaging==26.4 protobuf==7.36.2
cat >"$work/look.py" <<'PY'
import os
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's threads are not meant
import numpy

before = len(os.listdir("/proc/self/task"))
import onnxruntime

if "disable" in sys.argv:
    onnxruntime.disable_telemetry_events()
threads = len(os.listdir("/proc/self/task")) - before
child = os.fork()
if not child:
    os._exit(len(os.listdir("/proc/self/task")))
in_child = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
files = [path for path in sorted(Path.home().rglob("*")) if path.is_file()]
files = [path.name for path in files if path.suffix not in (".db-shm", ".db-wal")]
print(f"{threads} thread(s) started, {in_child} in a forked child, files: {files}")
PY
look() { mkdir -p "$work/$1" && env -u XDG_CACHE_HOME -u CI HOME="$work/$1" "${@:2}"; }
python="$work/venv/bin/python"
plain=$(look plain env -u ORT_DISABLE_TELEMETRY "$python" "$work/look.py")
disabled=$(look disabled env -u ORT_DISABLE_TELEMETRY "$python" "$work/look.py" disable)
variable=$(look variable ORT_DISABLE_TELEMETRY=1 "$python" "$work/look.py")
printf '%s\n' "import alone: $plain" "disable_telemetry_events(): $disabled" "ORT_DISABLE_TELEMETRY=1: $variable"
[ "$plain" = "1 thread(s) started, 1 in a forked child, files: ['deviceid', 'onnxruntime.db']" ]
[ "$disabled" = "$plain" ]
[ "$variable" = "0 thread(s) started, 1 in a forked child, files: []" ]
