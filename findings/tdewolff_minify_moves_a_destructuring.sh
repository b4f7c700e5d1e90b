#!/usr/bin/env bash
# tdewolff's minifier merges neighbouring declarations and keeps their order, since a later one may need an earlier one.
# With parentheses around its value, which a JSDoc cast needs, a destructuring is put first: const b = self;
# const { a } = (b.c); becomes const{a}=b.c,b=self, which throws a ReferenceError as soon as it runs. Without the
# parentheses the order is kept. No error and no warning while minifying.
# Seen with tdewolff-minify 2.24.12.
# So: no parentheses around the value of a destructuring, or no minifier that reorders.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps tdewolff-minify==2.24.12 cffi==2.1.1 pycparser==3.12
"$work/venv/bin/python" - <<'PY'
import sys

import minify

PLAIN = "const one = self;\nconst { two } = one.shell;\n"
IN_PARENTHESES = "const one = self;\nconst { two } = /** @type {Shell} */ (one.shell);\n"
kept, moved = (minify.string("text/javascript", source) for source in (PLAIN, IN_PARENTHESES))
print(f"without parentheses: {kept}")
print(f"with parentheses:    {moved}")
sys.exit(kept != "const one=self,{two}=one.shell" or moved != "const{two}=one.shell,one=self")
PY
