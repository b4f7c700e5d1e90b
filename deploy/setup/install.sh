#!/bin/sh
# Makes .venv if there is no working one, and installs what is missing in it: install.sh [requirements.txt ...]
# PYTHON names the Python to use; without it, the first on the PATH that is new enough is used.
# A shell script, since Python may be too old, or missing.
set -eu

venv=.venv

fail() {
    echo "$*" >&2
    exit 1
}

version_of() { # such as 3.11; nothing if the program is not a Python
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null </dev/null | head -n 1 | grep -x '[0-9]*\.[0-9]*'
}

is_new_enough() {
    case $1 in 3.1[1-9] | 3.[2-9][0-9] | [4-9].*) ;; *) return 1 ;; esac
}

find_python() { # sets python, and version to its version
    another="Set it to one that is 3.11 or newer, PYTHON=/path/to/python3.11 make run, or leave it out."
    if [ -n "${PYTHON:-}" ]; then
        python=$PYTHON
        command -v "$python" >/dev/null || fail "PYTHON is $python, and there is no such program. $another"
        version=$(version_of "$python") || fail "PYTHON is $python, which does not run as a Python. $another"
        is_new_enough "$version" || fail "PYTHON is $python, which is Python $version. $another"
        return
    fi
    for python in python3.11 python3.12 python3.13 python3; do
        if version=$(version_of "$python") && is_new_enough "$version"; then return; fi
    done
    fail "Pose Smart needs Python 3.11 or newer, and there is none on the PATH${version:+ (python3 is Python $version)}." \
        "Install one; or, if you have one elsewhere: PYTHON=/path/to/python3.11 make run"
}

find_fault() { # prints what is wrong with .venv; nothing if it can be used
    made=$(version_of $venv/bin/python) || { echo "has no Python that runs"; return; }
    if ! is_new_enough "$made"; then
        echo "has Python $made, and Pose Smart needs 3.11 or newer"
    elif [ "$made" != "${version:-$made}" ]; then
        echo "has Python $made, and PYTHON is Python $version"
    elif ! ls $venv/lib/python*/site-packages/pip-*.dist-info/RECORD >/dev/null 2>&1; then # pip writes RECORD last
        echo "is not complete"
    fi
}

make_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python $version ($python) has no venv module. On Debian and Ubuntu: apt install python$version-venv"
    echo "Making $venv with Python $version ($python)."
    trap 'rm -rf $venv' EXIT # an incomplete one is useless
    trap 'exit 130' HUP INT TERM
    rm -rf $venv
    output=$("$python" -m venv $venv 2>&1) ||
        fail "$python could not make $venv: $(echo "$output" | tail -n 1) Is the disk full, or may you not write here?"
    trap - EXIT HUP INT TERM
}

install() { # the packages that one file lists
    for package in .venv/lib/python*/site-packages/*.dist-info; do
        [ -e "$package/RECORD" ] || rm -rf "$package" # pip was interrupted, and would not complete it
    done
    if { output=$($venv/bin/python -m pip install -r "$1" 2>&1 >&3); } 3>&1; then
        sh deploy/setup/trim.sh $venv/lib/python*/site-packages
        return
    fi
    again="and run make again; what is installed already stays."
    case $output in
        *CERTIFICATE_VERIFY_FAILED*)
            fail "The package index's certificate is not trusted. Behind a proxy that has its own, set PIP_CERT to its file," \
                "$again" ;;
        *[Cc]"onnection broken"* | *"ConnectionPool("* | *"Connection aborted"*)
            fail "The packages cannot be downloaded. Check the network, or set HTTPS_PROXY if there is a proxy, $again" ;;
        *"No space left on device"*)
            fail "The disk is full. Free 2 GB here and in ${TMPDIR:-/tmp}, $again" ;;
    esac
    echo "$output" >&2
    fail "pip could not install $1; its message is above. Correct the cause $again"
}

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_RETRIES="${PIP_RETRIES:-1}" # the default of 5 takes long without a network

[ -z "${PYTHON:-}" ] || find_python
wrong=
if [ -e $venv ] || [ -L $venv ]; then wrong=$(find_fault); fi
if [ -n "$wrong" ] || [ ! -e $venv ]; then
    find_python
    [ -z "$wrong" ] || echo "$venv $wrong, so it is made again."
    make_venv
fi

files=
for file; do
    files="$files $file"
    stamp="$venv/installed-$file" # the files' contents when they were installed
    # shellcheck disable=SC2086 # several names
    cat $files | cmp -s - "$stamp" && continue
    install "$file"
    # shellcheck disable=SC2086
    cat $files >"$stamp"
done
