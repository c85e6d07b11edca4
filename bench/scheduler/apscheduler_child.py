"""apscheduler_child.py lateness JOBS SECONDS | keep JOBS: the same as child.ts for Debian's APScheduler 3."""

import asyncio
import json
import math
import sys
import time
from datetime import datetime, timezone

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

SECONDS = [1, 2, 3, 4, 5, 6, 10]
SETTLE = 1


def percentile(ordered, share):
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def fair_second(start, seconds):
    """See fairSecond in child.ts."""

    def has(begin, multiple):
        return math.ceil(begin / multiple) * multiple < begin + seconds

    for begin in range(start, start + 60):
        if has(begin, 12) and not has(begin, 30):
            return begin
    return start


def trigger(every, start):
    first = math.ceil(start / every) * every
    return IntervalTrigger(
        seconds=every, start_date=datetime.fromtimestamp(first, timezone.utc), timezone=timezone.utc
    )


def add(scheduler, job, every, start):
    scheduler.add_job(
        job,
        trigger(every, start),
        args=[every],
        misfire_grace_time=60,
        coalesce=True,
        max_instances=1,
    )


async def lateness(count, seconds):
    late = []
    measuring = False

    async def fired(every):
        if measuring:
            past = (time.time() % every) * 1000
            late.append(0.0 if past > every * 1000 - 2 else past)

    scheduler = AsyncIOScheduler(timezone=timezone.utc)
    start = math.ceil(time.time()) + 1
    for i in range(count):
        add(scheduler, fired, SECONDS[i % len(SECONDS)], start)
    scheduler.start()
    settled = math.ceil(max(start, time.time())) + SETTLE
    await asyncio.sleep(fair_second(settled, seconds) - 0.1 - time.time())
    cpu, began = time.process_time(), time.perf_counter()
    measuring = True
    await asyncio.sleep(seconds)
    measuring = False
    used, took = time.process_time() - cpu, time.perf_counter() - began
    late.sort()
    return {
        "lateness_p50_ms": percentile(late, 0.5),
        "lateness_p99_ms": percentile(late, 0.99),
        "lateness_max_ms": late[-1],
        "cpu_pct": 100 * used / took,
        "fires": len(late),
    }


async def keep(count):
    async def fired(every):
        pass

    scheduler = AsyncIOScheduler(timezone=timezone.utc)
    scheduler.start()
    began = time.perf_counter()
    for _ in range(count):
        add(scheduler, fired, 3600, time.time())
    added = time.perf_counter()
    for job in scheduler.get_jobs():
        job.remove()
    return {
        "add_ms": 1000 * (added - began),
        "remove_ms": 1000 * (time.perf_counter() - added),
    }


def main():
    kind, count, *rest = sys.argv[1:]
    work = keep(int(count)) if kind == "keep" else lateness(int(count), float(rest[0]))
    print(json.dumps(asyncio.new_event_loop().run_until_complete(work)), flush=True)


main()
