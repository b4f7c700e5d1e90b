"""From localhost to colleagues: asks for what that needs, writes it into .env, and checks each part.

make office, or .venv/bin/python deploy/setup/office_setup.py; --help lists the options, with which nothing is asked.
"""

import argparse
import os
import sys
from pathlib import Path

import office_checks
import office_settings
from office_settings import LOCAL

QUESTIONS = {
    "host": "The name under which colleagues reach this service, such as pose.example.com",
    "EMAIL_URL": "The mail server, smtp+tls://user:password@host:587 (empty: no mail is sent)",
    "DATABASE_URL": "MySQL or MariaDB, mysql://user:password@host:3306/name (empty: SQLite, for a few people)",
    "MONGODB_URI": "MongoDB for pictures, mongodb://user:password@host:27017/ (empty: they go to the database)",
    "SUPPORT_CONTACT": "Whom to ask for help: a name, an address, a number (empty: nobody)",
}
NONE = "none"


def main(arguments: list[str]) -> int:
    """The exit status: 0 if nothing is missing, 1 if something is, 2 if the answers make no sense."""
    options = _parse(arguments)
    path = Path(options.file)
    before = path.read_text("utf-8") if path.exists() else ""
    present = office_settings.read(before)
    if not options.check:
        answers = _answers(options, present)
        for problem in (
            office_settings.host_problem(answers["host"]),
            *map(office_settings.value_problem, answers.values()),
        ):
            if problem:
                _say(problem)
                return 2
        after = office_settings.with_changes(before, office_settings.changes_for(present, answers))
        if not _write(path, before, after, without_asking=options.yes):
            return 1
        present = office_settings.read(after)
    host = options.host or _host_in(present)
    if not host:
        _say(f"{path} names no host but this machine: run this without --check first, or give --host.")
        return 2
    return _check(present, host, options.port, path, options.authority)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make office", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only check; nothing is asked or written")
    parser.add_argument("--yes", action="store_true", help="ask nothing: what is not given stays as it is")
    parser.add_argument("--file", default=os.environ.get("ENV_FILE") or str(office_checks.ROOT / ".env"))
    parser.add_argument("--host", default="", help=QUESTIONS["host"])
    parser.add_argument("--port", type=int, default=office_checks.HTTPS_PORT, help="of HTTPS, if not 443")
    parser.add_argument("--authority", default="", help="the file of your own certificate authority, if you have one")
    for option, name in (("mail", "EMAIL_URL"), ("mysql", "DATABASE_URL"), ("mongodb", "MONGODB_URI")):
        parser.add_argument(f"--{option}", dest=name, help=f"{QUESTIONS[name].partition(' (')[0]}; {NONE}: without")
    parser.add_argument("--contact", dest="SUPPORT_CONTACT", help=QUESTIONS["SUPPORT_CONTACT"].partition(" (")[0])
    return parser.parse_args(arguments)


def _answers(options: argparse.Namespace, present: dict[str, str]) -> dict[str, str]:
    """The host, and each setting that was given or answered; Enter keeps what there is."""
    answers = {}
    for name, question in QUESTIONS.items():
        given = getattr(options, name)
        now = _host_in(present) if name == "host" else present.get(name, "")
        if not given:
            given = now if options.yes else _ask(question, now)
        answers[name] = "" if given == NONE else given
    answers["host"] = answers["host"].lower().rstrip(".")
    return {name: value for name, value in answers.items() if name == "host" or value != present.get(name, "")}


def _ask(question: str, now: str) -> str:
    shown = office_settings.PASSWORD_IN_URL.sub(r"\1…\2", now)
    try:
        return input(f"{question}{f' [{shown}]' if shown else ''}: ").strip() or now
    except EOFError:
        sys.exit("Nobody is there to answer. Give the answers as options, with --yes: make office ARGS=--help")


def _host_in(present: dict[str, str]) -> str:
    hosts = (host.strip() for host in present.get("ALLOWED_HOSTS", "").split(","))
    return next(
        (host for host in hosts if host and host not in LOCAL and office_settings.host_problem(host) is None), ""
    )


def _write(path: Path, before: str, after: str, *, without_asking: bool) -> bool:
    """Show the difference and, if it is wanted, write it; False if it is not."""
    difference = office_settings.difference(before, after, path)
    if not difference:
        _say(f"{path} has all of it already.")
        return True
    _say(difference)
    if not without_asking and _ask(f"Write this to {path}? yes or no", "no").lower() not in {"y", "yes"}:
        _say("Nothing was written.")
        return False
    office_settings.write(path, after)
    _say(f"Wrote {path}. Restart the service, which reads it when it starts.")
    return True


def _check(present: dict[str, str], host: str, port: int, path: Path, authority: str) -> int:
    _say("")
    missing = 0
    for finding in office_checks.checks(present, host, port, path, authority):
        _say(str(finding))
        missing += finding.is_ok is False
    if missing:
        _say(f"\n{missing} missing. When that is done: make office ARGS=--check")
        return 1
    _say(f"\nNothing is missing: colleagues can open https://{host}/")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
