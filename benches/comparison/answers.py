"""Whether all contestants give the same answer. Only then it makes sense to time them."""

import csv
import io
import json
import subprocess
import sys

from comparison.contestants import Failed
from comparison.timing import run

NAMES = ("objects", "expired", "unencrypted", "unreplicated")


def compare(contestants, dump, work, inventory):
    """Runs everyone once, which also warms the page cache, and stops if any answer differs."""
    counts = {}
    for each in contestants:
        say(f"{each.name} …")
        output = run(each, work).output
        if each.counts:
            counts[each.name] = parse(each.name, output)
    audit = next((each for each in contestants if each.status != {0}), None)
    records = rules = None
    if audit:
        # Every audit writes to the same place, and all of them write the same.
        records, rules = summary(work / "report.json")
        if inventory:
            say("cbr-audit inventory …")
            counts["cbr-audit inventory"] = count_inventory(audit.command[0], dump)
    agreed = agree(counts)
    if audit:
        relate(agreed, records, rules)


def parse(name, output):
    try:
        answer = json.loads(output)
        return tuple(int(answer[key]) for key in NAMES)
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"{name} gave no four counts but {output.strip()[:200]!r}") from error


def agree(counts):
    """The four counts of everyone; none if nobody counts."""
    if len(set(counts.values())) > 1:
        lines = [f"  {name}: {dict(zip(NAMES, answer))}" for name, answer in counts.items()]
        raise Failed("the answers differ, so nothing was timed:\n" + "\n".join(lines))
    agreed = next(iter(counts.values()), None)
    if agreed:
        say(f"all agree: {', '.join(f'{count} {name}' for name, count in zip(NAMES, agreed))} ({', '.join(counts)})")
    return agreed


def relate(agreed, records, rules):
    """Holds the JSON report against the four counts: equal where the unit is the same, else side by side."""
    if agreed is None:
        return
    objects, expired, unencrypted, unreplicated = agreed
    if objects != records:
        raise Failed(f"the report states {records} records, everyone else {objects} objects")
    say(f"the report states {records} records too. Its rules count other things, and are not held equal:")
    for rule, count, difference in (
        ("expired-still-listed", f"{expired} expired", "past a grace of some days, available, and no image made of it"),
        ("backup-unencrypted", f"{unencrypted} unencrypted", "a server counts once, by its disks"),
        ("offsite-copy-missing", f"{unreplicated} unreplicated", "a resource counts once, by its good restore points"),
    ):
        if rule in rules:
            say(f"  {count}; {rule} fails for {rules[rule]['fail']} ({rules[rule]['unit']}s: {difference})")


def summary(path):
    """The number of records and the rules of a report, without the findings, which may not fit into memory."""
    if not path.exists():
        raise Failed("cbr-audit wrote no report")
    head, end = b"", -1
    with open(path, "rb") as report:
        while end < 0 and (more := report.read(1 << 20)):
            seen = max(len(head) - 64, 0)
            head += more
            end = head.find(b'\n "resources": [', seen)
    if end < 0:
        raise Failed(f"{path.name} holds no resources: the schema of the report has changed")
    report = json.loads(head[:end].rstrip().rstrip(b",") + b"}")
    return report["inputs"]["records"], {rule["id"]: rule for rule in report["rules"]}


def count_inventory(tool, dump):
    """The four counts over the rows that `cbr-audit inventory` writes: what the tool has read, before it judges."""
    csv.field_size_limit(sys.maxsize)
    command = [tool, "inventory", str(dump.path)]
    objects = expired = unencrypted = unreplicated = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        rows = csv.reader(io.TextIOWrapper(process.stdout, encoding="utf-8", newline=""))
        columns = {name: index for index, name in enumerate(next(rows, []))}
        wanted = ("pointer", "expired_at", "extend_info.encrypted", "replication_records")
        pointer, end, encrypted, copies = (columns[name] for name in wanted)
        for row in rows:
            objects += 1
            unencrypted += row[encrypted] == "false"
            if "/children/" not in row[pointer]:
                expired += row[end] not in ("", "null") and row[end][:19] <= dump.as_of[:19]
                unreplicated += not is_replicated(row[copies])
    if process.returncode not in (0, 4):
        raise Failed(f"cbr-audit inventory ended with status {process.returncode}")
    return objects, expired, unencrypted, unreplicated


def is_replicated(copies):
    return any(copy.get("status") == "success" for copy in json.loads(copies or "null") or [])


def say(text):
    print(text, file=sys.stderr, flush=True)
