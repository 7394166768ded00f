"""The table of results."""

from statistics import median

HEAD = ("", "wall median", "min – max", "cpu", "peak memory", "cbr-audit takes")


def render(contestants, rounds, markdown):
    reference = contestants[0].name
    rows = []
    for each in contestants:
        runs = [timed[each.name] for timed in rounds]
        rows.append(row(each, runs, ratio(rounds, reference, each.name)))
    lines = as_markdown(rows) if markdown else as_text(rows)
    lines += [
        "",
        "cpu is user and system time, the median. Peak memory is the largest of all runs; n × means n processes.",
        f"'{reference} takes': its wall time divided by that of the row, the median over {len(rounds)} rounds.",
    ]
    names = {each.name for each in contestants}
    if {"cbr-audit-1-thread", "cbr-audit-2-threads"} <= names:
        gain = ratio(rounds, "cbr-audit-1-thread", "cbr-audit-2-threads")
        lines.append(f"Scaling: two threads are {gain:.2f} times as fast as one.")
    return "\n".join(lines)


def ratio(rounds, upper, lower):
    """Pairs come from the same round, minutes apart at most."""
    return median(timed[upper].wall / timed[lower].wall for timed in rounds)


def row(contestant, runs, factor):
    walls = [run.wall for run in runs]
    memory = f"{max(run.memory for run in runs) / 1e6:.0f} MB"
    return (
        contestant.name,
        f"{median(walls):.2f} s",
        f"{min(walls):.2f} – {max(walls):.2f} s",
        f"{median(run.cpu for run in runs):.2f} s",
        memory if contestant.processes == 1 else f"{contestant.processes} × {memory}",
        f"{factor:.2f} ×",
    )


def as_markdown(rows):
    lines = [HEAD, ("---", *("---:" for _ in HEAD[1:])), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def as_text(rows):
    widths = [max(len(line[column]) for line in (HEAD, *rows)) for column in range(len(HEAD))]
    align = lambda line: [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]
    return ["  ".join(align(line)).rstrip() for line in (HEAD, *rows)]
