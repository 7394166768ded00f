"""Runs contestants and takes their time and memory."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from comparison.contestants import Failed

GNU_TIME = "/usr/bin/time"


@dataclass
class Run:
    wall: float
    cpu: float
    # Resident memory of the largest process, in bytes.
    memory: int
    output: str


def run(contestant, work):
    """Runs once. GNU time measures if it is there: a process started from here has at least the memory of this one."""
    output, measure = work / "output", work / "measure"
    command = contestant.command
    if os.access(GNU_TIME, os.X_OK):
        command = [GNU_TIME, "-q", "-f", "%U %S %M", "-o", str(measure), *command]
    script = work / "script"
    script.write_text(contestant.script)
    with open(script, "rb") as stdin, open(output, "wb") as stdout, open(work / "errors", "wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in contestant.status:
        errors = (work / "errors").read_text(errors="replace").strip()[-1000:]
        raise Failed(f"{contestant.name} ended with status {process.returncode}: {errors}")
    user, system, kilobytes = usage.ru_utime, usage.ru_stime, usage.ru_maxrss
    if command is not contestant.command:
        user, system, kilobytes = (float(word) for word in measure.read_text().split())
    return Run(wall, user + system, int(kilobytes) * 1024, output.read_text())


def rounds(contestants, count, work):
    """The timed runs, one of each in every round, so that noise of the machine hits all alike."""
    done = []
    for number in range(count):
        print(f"round {number + 1} of {count} …", file=sys.stderr, flush=True)
        # Each round starts with another one, so that nobody always follows the same neighbour's disk writes.
        shift = number % len(contestants)
        order = contestants[shift:] + contestants[:shift]
        done.append({each.name: run(each, work) for each in order})
    return done
