"""Run the FinOps Foundation's validator, offline, on the published FOCUS 1.2 projection.

It needs Python 3.12 and gets a venv of its own under target/. What known_rules.csv names may be
found, with its reason there; anything else fails. A second run on a planted fault shows that the
validator can find one.

    python conformance/run.py --home target/check_home
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
WORK = HERE.parent / "target" / "conformance"
PROJECTION = "select * from marts.focus_cost_and_usage_1_2"
PLANTED = f"select * replace ('Gift' as ChargeCategory) from ({PROJECTION})"
FINDS_PLANTED = "ChargeCategory"


def main() -> int:
    """Exit code: 0 nothing new is found, or no Python 3.12 is there; 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="a home with a release")
    home: Path = parser.parse_args().home
    python = python_3_12()
    if python is None:
        print("No Python 3.12 is installed here: focus-validator was not run.")
        return 0
    validator = install(python)
    with duckdb.connect(str(home / "published" / "current.duckdb"), read_only=True) as marts:
        found = findings(validator, marts, "projection", PROJECTION)
        planted = findings(validator, marts, "planted", PLANTED)
    with (HERE / "known_rules.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["rule"]: row["reason"] for row in csv.DictReader(stream)}
    for rule in sorted(set(known) - set(found)):
        print(f"{rule}: no longer found; take it out of known_rules.csv.")
    for rule in sorted(set(found) - set(known)):
        print(f"{rule}: {found[rule]}")
    is_able = any(rule.startswith(FINDS_PLANTED) for rule in set(planted) - set(found))
    if not is_able:
        print("The planted charge category was not found: the validator does not validate.")
    new = set(found) - set(known)
    print(f"focus-validator: {len(new)} new findings, {len(set(found) & set(known))} known ones.")
    return 1 if new or not is_able else 0


def python_3_12() -> str | None:
    """A Python 3.12 that runs: on the path, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which("python3.12"), *sorted(map(str, pyenv.glob("3.12.*/bin/python")))]
    for candidate in filter(None, candidates):
        asked = subprocess.run([candidate, "--version"], text=True, capture_output=True)
        if asked.returncode == 0 and asked.stdout.startswith("Python 3.12."):
            return candidate
    return None


def install(python: str) -> Path:
    """The validator's command, installed once."""
    command = WORK / "venv" / "bin" / "focus-validator"
    if not command.exists():
        subprocess.run([python, "-m", "venv", "--clear", str(WORK / "venv")], check=True)
        pip = [str(command.with_name("python")), "-m", "pip", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-r", str(HERE / "requirements.txt")], check=True)
    # it reads its rules by a path from the folder it runs in, and leaves its log there
    rules = next((WORK / "venv").glob("lib/python*/site-packages/focus_validator"))
    link = WORK / "focus_validator"
    link.unlink(missing_ok=True)
    link.symlink_to(rules.resolve())
    return command.resolve()


def findings(
    validator: Path, marts: duckdb.DuckDBPyConnection, name: str, query: str
) -> dict[str, str]:
    """Rules that a query's rows break, with what the validator says of each.

    A composite rule fails with its parts: only the parts are told.
    """
    data, report = WORK.resolve() / f"{name}.parquet", WORK.resolve() / f"{name}.xml"
    report.unlink(missing_ok=True)
    marts.execute(f"copy ({query}) to '{data}'")
    options = {
        "--data-file": str(data),
        "--validate-version": "1.2",
        "--focus-dataset": "CostAndUsage",
        "--applicability-criteria": "ALL",
        "--output-type": "unittest",
        "--output-destination": str(report),
    }
    words = [str(validator), "--block-download", *(w for pair in options.items() for w in pair)]
    outcome = subprocess.run(words, cwd=WORK, text=True, capture_output=True)
    if not report.exists():
        sys.exit(f"focus-validator ended without a report:\n{outcome.stderr[-2000:]}")
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        rule, _, kind = (case.get("name") or "").partition(" :: ")
        failure = case.find("failure")
        if failure is not None and kind != "Composite":
            found[rule] = failure.get("message") or ""
    return found


if __name__ == "__main__":
    sys.exit(main())
