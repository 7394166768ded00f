#!/usr/bin/env python3
"""The four counts with orjson, one process for each core: four_counts.py DUMP --as-of TIME [--processes N]"""

import argparse
import gc
import json
import multiprocessing
import os
from pathlib import Path

import orjson

# Small files travel to a process together, large ones alone.
BYTES_IN_A_CHUNK = 8 << 20


def count_nested(backup):
    """This object and all below it: how many there are, and how many say that they are not encrypted."""
    info = backup.get("extend_info")
    objects, unencrypted = 1, int(info is not None and info.get("encrypted") is False)
    for child in backup.get("children") or ():
        below = count_nested(child)
        objects += below[0]
        unencrypted += below[1]
    return objects, unencrypted


def count_chunk(task):
    paths, as_of = task
    objects = expired = unencrypted = unreplicated = 0
    for path in paths:
        with open(path, "rb") as file:
            answer = orjson.loads(file.read())
        backup = answer.get("backup")
        for top in answer.get("backups") or (() if backup is None else (backup,)):
            nested = count_nested(top)
            objects += nested[0]
            unencrypted += nested[1]
            end = top.get("expired_at")
            # All times are UTC with microseconds, so they compare as texts, to the second.
            if end is not None and end[:19] <= as_of:
                expired += 1
            for copy in top.get("replication_records") or ():
                if copy.get("status") == "success":
                    break
            else:
                unreplicated += 1
    return objects, expired, unencrypted, unreplicated


def chunks(dump):
    """The files, the largest first, in portions of some megabytes."""
    sizes = sorted(((path.stat().st_size, str(path)) for path in Path(dump).rglob("*.json")), reverse=True)
    chunk, size = [], 0
    for length, path in sizes:
        if chunk and size + length > BYTES_IN_A_CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(path)
        size += length
    if chunk:
        yield chunk


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dump")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    args = parser.parse_args()
    tasks = [(paths, args.as_of[:19]) for paths in chunks(args.dump)]
    # Nothing here makes cycles, and looking for them among millions of new objects takes a third of the time.
    with multiprocessing.Pool(args.processes, initializer=gc.disable) as pool:
        totals = [sum(column) for column in zip(*pool.imap_unordered(count_chunk, tasks))]
    names = ("objects", "expired", "unencrypted", "unreplicated")
    print(json.dumps(dict(zip(names, totals or (0, 0, 0, 0))), separators=(",", ":")))


if __name__ == "__main__":
    main()
