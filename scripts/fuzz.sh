#!/usr/bin/env bash
# Fuzzes for FUZZ_SECONDS (600): the session machine with random orders, then the two parsers with coverage guidance.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds="${FUZZ_SECONDS:-600}"
third=$((seconds / 3))

FUZZ_EXAMPLES=$((third * 40)) .venv/bin/python -m pytest -q -p no:cacheprovider --timeout="$((seconds * 2))" tests/mail/test_session_machine.py

[ -x .venv-fuzz/bin/python ] || "${PYTHON:-python3}" -m venv .venv-fuzz
if ! .venv-fuzz/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: \
    -r requirements.txt -r tests/fuzz/requirements.txt; then
  echo "NOT FUZZED with coverage guidance: atheris has no wheel for this Python" >&2
  exit 0
fi
for target in replies reading; do
  PYTHONPATH=. .venv-fuzz/bin/python "tests/fuzz/$target.py" -max_total_time="$third" -print_final_stats=1 -verbosity=0
done
