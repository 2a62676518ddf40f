#!/usr/bin/env python3
"""Judges our detector on made-up traffic with known outages, and sums up several seeds.

  judge.py REFERENCE_DIR DETECTOR_EVENTS --seeds 101-106 --days 37 [--clean] [--cache DIR] [-- ARGS...]...

DETECTOR_EVENTS is build/.../rules/detector_events; what follows a -- is passed on to it, for instance
`-- --set reference -- --set shipped --with margin=3`: each is judged on the same traffic. Use at least six seeds of 37
days before you believe a difference.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import numpy as np


def seeds_of(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def main():
    own = sys.argv[1:]
    variants = []
    while "--" in own:
        last = len(own) - 1 - own[::-1].index("--")
        variants.insert(0, own[last + 1:])
        own = own[:last]
    variants = variants or [[]]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference")
    parser.add_argument("detector_events")
    parser.add_argument("--seeds", default="101-106")
    parser.add_argument("--days", type=int, default=37)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--cache", help="keep the calls of each seed here")
    args = parser.parse_args(own)
    sys.path.insert(0, args.reference)
    import reference_detector as reference
    import traffic_generator as traffic

    cache = args.cache or tempfile.mkdtemp()
    os.makedirs(cache, exist_ok=True)
    here = os.path.dirname(os.path.abspath(__file__))
    rows = [[] for _ in variants]
    delays = [[] for _ in variants]
    totals = [collections.Counter() for _ in variants]
    for seed in seeds_of(args.seeds):
        calls = f"{cache}/seed{seed}_days{args.days}{'_clean' if args.clean else ''}.calls"
        if not os.path.exists(calls):
            command = [sys.executable, f"{here}/golden-calls.py", args.reference, "--seed", str(seed), "--days", str(args.days)]
            with open(calls + ".part", "w") as file:
                subprocess.run(command + (["--clean"] if args.clean else []), stdout=file, check=True)
            os.rename(calls + ".part", calls)
        made = traffic.generate(seed, args.days, outages=not args.clean, nuisances=not args.clean)
        for variant, row_list, delay_list, total in zip(variants, rows, delays, totals):
            with open(calls) as file:
                text = subprocess.run([args.detector_events] + variant, stdin=file, stdout=subprocess.PIPE, check=True).stdout
            events = [json.loads(line) for line in text.splitlines()]
            row, out = reference.judge(made, events)
            if out:
                row.update(reference.ratio_to_limit(made, out))
                delay_list += [x["delay"] for x in out if x["delay"] is not None and x["o"]["peak"] >= 30]
            row_list.append(row)
            for e in events:
                total["incidents"] += e["to"] == "confirmed" and "relapse" not in e
                total["easings"] += e["to"] == "recovering"
                total["relapses"] += "relapse" in e
                total["retracted"] += "retracted" in e
    for variant, row_list, delay_list, total in zip(variants, rows, delays, totals):
        mean = {}
        for key in row_list[0]:
            values = [row[key] for row in row_list if row.get(key) is not None]
            if values:
                mean[key] = round(float(np.mean(values)), 3)
        print(json.dumps({"seeds": args.seeds, "days": args.days, "arguments": variant, "mean_over_seeds": mean,
                          "delay_median_at_30_a_minute": round(float(np.median(delay_list)), 1) if delay_list else None,
                          "easings_an_incident": round(total["easings"] / max(1, total["incidents"]), 2), **total}))


if __name__ == "__main__":
    main()
