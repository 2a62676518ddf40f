#!/usr/bin/env python3
"""Writes the calls that the reference detector's run() makes, so that a port can be compared with it event by event.

  golden-calls.py REFERENCE_DIR --seed 7 --days 20 [--services Jio,UPI] [--clean] [--events FILE] > calls.txt

REFERENCE_DIR holds reference_detector.py and traffic_generator.py (Python 3.11, numpy 1.24: the random streams differ
elsewhere). One call a line, doubles as the shortest text that reads back the same:

  G shape...                       192 numbers: day shape of weekdays, then weekends
  D name                           a new detector; the lines after it are its calls
  M minute feed_ok count           advance((minute + 1) * 60 - 1e-6, feed_ok), then mention(minute * 60, count)
  P now t post author text conversation repost

--events also runs the reference itself and writes its events, ordered as its own --events does.
"""
import argparse
import json
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--services", help="only these, with commas between them")
    parser.add_argument("--clean", action="store_true", help="background only")
    parser.add_argument("--events", help="run the reference too and write its events to this file")
    args = parser.parse_args()

    sys.path.insert(0, args.reference)
    import reference_detector as reference
    import traffic_generator as traffic

    out = sys.stdout
    original = reference.Detector

    class Recorder:
        shape_written = False

        def __init__(self, name="", prior_rate=1e-3, shape=None):
            self.inner = original(name, prior_rate, shape) if args.events else None
            self.h_extra = 0.0
            self.pending = None
            if not Recorder.shape_written:
                out.write("G " + " ".join(repr(x) for day in shape for x in day) + "\n")
                Recorder.shape_written = True
            out.write(f"D {name}\n")

        def advance(self, now, feed_ok=True):
            assert self.pending is None, "run() mentions after each advance"
            self.pending = (now, feed_ok)
            return self.inner.advance(now, feed_ok) if self.inner else []

        def mention(self, t, n=1):
            now, feed_ok = self.pending
            minute = int(t // 60)
            assert now == (minute + 1) * 60.0 - 1e-6 and t == minute * 60.0
            self.pending = None
            out.write(f"M {minute} {int(feed_ok)} {n}\n")
            if self.inner:
                self.inner.mention(t, n)

        def post(self, now, t, post, author, text, conv=0, retweet=0):
            assert self.pending is None
            out.write(f"P {now!r} {t!r} {post} {author} {text} {conv} {retweet}\n")
            return self.inner.post(now, t, post, author, text, conv, retweet) if self.inner else []

    made = traffic.generate(args.seed, args.days, outages=not args.clean, nuisances=not args.clean)
    reference.Detector = Recorder
    events, _ = reference.run(made, svc=args.services.split(",") if args.services else None)
    if args.events:
        with open(args.events, "w") as file:
            for event in sorted(events, key=lambda e: (e["t"], e["service"])):
                file.write(json.dumps(event) + "\n")


if __name__ == "__main__":
    main()
