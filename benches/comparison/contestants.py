"""Who takes part: the audit, the floors and the peers that are installed."""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

BENCHES = Path(__file__).resolve().parent.parent
ROOT = BENCHES.parent
PEERS = BENCHES / "peers"
CORES = os.cpu_count() or 1

# Findings and an incomplete answer are results of an audit, not failures of the run.
AUDIT_STATUS = {0, 1, 4, 5}

# DuckDB reads files of this size on the average in another way than smaller ones.
LARGE = 256 << 10

RUN_SQL = "import duckdb, sys; print(duckdb.connect().execute(sys.stdin.read()).fetchone()[0])"


class Failed(Exception):
    """The comparison cannot go on, or must not."""


class Dump:
    def __init__(self, path, as_of):
        self.path, self.as_of = path, as_of
        sizes = [file.stat().st_size for file in path.rglob("*.json")]
        self.files, self.bytes, self.largest = len(sizes), sum(sizes), max(sizes, default=0)

    def __str__(self):
        return f"{self.files} files, {self.bytes / 1e6:.1f} MB, the largest {self.largest / 1e6:.1f} MB"


@dataclass
class Contestant:
    name: str
    command: list
    # Text for standard input.
    script: str = ""
    # How many processes share the work: the memory that is measured is that of the largest.
    processes: int = 1
    status: set = field(default_factory=lambda: {0})
    # Whether it prints the four counts.
    counts: bool = True


def all_of(dump, work):
    """Everyone that can take part; says on standard error who cannot, and how to install it."""
    return [*audits(dump, work), *floors(dump), *peers(dump)]


def cargo(directory, target):
    command = ["cargo", "build", "--release", "--locked", "--target-dir", str(target)]
    run = subprocess.run(command, cwd=directory, check=False)
    if run.returncode != 0:
        raise Failed(f"cargo build failed in {directory}")


def target():
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def tool():
    if "TOOL" not in os.environ:
        cargo(ROOT, target())
    path = Path(os.environ.get("TOOL", target() / "release" / "cbr-audit")).absolute()
    if not os.access(path, os.X_OK):
        raise Failed(f"{path} is no program; TOOL names a built cbr-audit")
    return str(path)


def audits(dump, work):
    """The audit with all rules and four reports; then on one thread and on two, for the scaling."""
    command = [tool(), "report", str(dump.path), "--as-of", dump.as_of, "--quiet"]
    for name in ("report.json", "report.csv", "report.html", "report.md"):
        command += ["-o", str(work / name)]
    audit = {"status": AUDIT_STATUS, "counts": False}
    return [
        Contestant("cbr-audit", command, **audit),
        Contestant("cbr-audit-1-thread", [*command, "--threads", "1"], **audit),
        Contestant("cbr-audit-2-threads", [*command, "--threads", "2"], **audit),
    ]


def floors(dump):
    built = target() / "floor"
    cargo(BENCHES / "floor", built)

    def command(name, *more):
        return [str(built / "release" / name), str(dump.path), "--as-of", dump.as_of, *more]

    return [
        Contestant("floor-read-only", command("floor-serde-json", "--read-only"), counts=False),
        Contestant("floor-sonic-rs", command("floor-sonic-rs")),
        Contestant("floor-serde-json", command("floor-serde-json")),
    ]


def peers(dump):
    found = []
    if importlib.util.find_spec("orjson"):
        command = [sys.executable, str(PEERS / "four_counts.py"), str(dump.path), "--as-of", dump.as_of]
        found.append(Contestant("orjson", command, processes=CORES))
    else:
        skipped("orjson", "python3 -m pip install orjson")
    if shutil.which("duckdb"):
        found.append(Contestant("duckdb", ["duckdb", "-noheader", "-list"], sql(dump)))
    elif importlib.util.find_spec("duckdb"):
        found.append(Contestant("duckdb", [sys.executable, "-c", RUN_SQL], sql(dump)))
    else:
        skipped("duckdb", "python3 -m pip install duckdb, or put the duckdb program on the path")
    for name, install in (("jaq", "cargo install jaq"), ("jq", "apt-get install jq")):
        if shutil.which(name):
            command = [str(PEERS / "jq-on-all-cores"), name, str(dump.path), dump.as_of, str(CORES)]
            found.append(Contestant(name, command, processes=CORES))
        else:
            skipped(name, install)
    return found


def sql(dump):
    glob = f"{dump.path}/**/*.json".replace("'", "''")
    settings = [
        f"SET threads = {CORES}",
        "SET enable_progress_bar = false",
        f"SET VARIABLE files = '{glob}'",
        f"SET VARIABLE as_of = '{dump.as_of[:19]}'",
        f"SET VARIABLE largest = {max(dump.largest + 1024, 16 << 20)}",
    ]
    answers = "answers_of_pages.sql" if dump.bytes >= LARGE * dump.files else "answers_of_small_files.sql"
    queries = [(PEERS / name).read_text() for name in (answers, "four_counts.sql")]
    return "\n".join([*(f"{setting};" for setting in settings), *queries])


def skipped(name, install):
    print(f"{name} is not installed and left out; to install it: {install}", file=sys.stderr)
