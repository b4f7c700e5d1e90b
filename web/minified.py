"""The page's scripts and styles in few bytes: without comments and indentation, and with short names for locals.

They are written into a folder named by a checksum of their sources and of this module, so that what is served is never
older than those: settings serve that folder if it is there, otherwise the sources themselves.
"""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "static"
BUILT = Path(__file__).parent / "built"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
TEXT = re.compile(r'^  (?:"((?:[^"\\]|\\.)*)"|(\w+)):\s*"', re.MULTILINE)  # the English of a line in js/locales/
# const { a } = (b): tdewolff-minify 2.24.12 moves it before the declarations that it may depend on.
MOVED = re.compile(r"\b(?:const|let|var)\s*[\[{][^=;]*[\]}]\s*=\s*(?:/\*.*?\*/\s*)?\(", re.DOTALL)
KEY_LENGTH = 4  # of 36 different characters
READABLE_BY_ALL = 0o755  # the service may run as another user than the installer


def folder() -> Path:
    """Where the present sources' files are, once build() has written them."""
    checksum = hashlib.sha256(Path(__file__).read_bytes())
    for source in _sources():
        checksum.update(str(source.relative_to(SOURCES)).encode())
        checksum.update(source.read_bytes())
    return BUILT / checksum.hexdigest()[:16]


def build() -> Path:
    """Write the files unless they are there, and delete those of sources before the last.

    Those of the last are still served by a process that runs until it is restarted.
    """
    target = folder()
    BUILT.mkdir(exist_ok=True)
    if not target.exists():
        partial = Path(tempfile.mkdtemp(dir=BUILT))
        for source in _sources():
            copy = partial / source.relative_to(SOURCES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(_minified(source))
        partial.chmod(READABLE_BY_ALL)
        try:
            partial.rename(target)
        except OSError:  # another process has just written the same
            shutil.rmtree(partial)
    others = [other for other in BUILT.iterdir() if other != target and not other.name.startswith("tmp")]
    for other in sorted(others, key=_built_at)[:-1]:
        shutil.rmtree(other, ignore_errors=True)
    return target


def _built_at(built: Path) -> float:
    return built.stat().st_mtime


def _sources() -> list[Path]:
    return sorted(path for pattern in ("web/js/**/*.js", "web/css/*.css") for path in SOURCES.glob(pattern))


def _minified(source: Path) -> str:
    """Raises ValueError for what the minifier would break."""
    import minify  # needed to build only: a service serves what is there

    text = source.read_text()
    if found := MOVED.search(text):
        raise ValueError(f"{source.name}: write {found.group()!r} without the parentheses.")
    if source.parent.name == "locales":
        text = _with_short_keys(text)
    return str(minify.string(MEDIA_TYPES[source.suffix], text))


def _with_short_keys(locale: str) -> str:
    """A translation under checksums of the English texts, which are in the scripts already. Raises ValueError if two
    texts have the same: make KEY_LENGTH longer then, here and in i18n.js."""
    found = [(quoted or bare).replace('\\"', '"') for quoted, bare in TEXT.findall(locale)]
    keys = {text: short_key(text) for text in found}
    if len(set(keys.values())) != len(found):
        raise ValueError("Two texts have the same key.")
    lines = iter(keys.values())
    return TEXT.sub(lambda _line: f'  "{next(lines)}": "', locale)


def short_key(text: str) -> str:
    """The key of an English text; shortKey() in i18n.js computes the same. FNV-1a, in base 36."""
    checksum = 0x811C9DC5
    for character in text:
        checksum = (checksum ^ ord(character)) * 0x01000193 % 2**32
    digits = ""
    for _digit in range(KEY_LENGTH):
        checksum, digit = divmod(checksum, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
