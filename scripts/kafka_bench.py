"""What the scripts share that try or measure a running thap: a broker of their own, thap run, records to feed it with, and a
network that can be cut. Needs kcat, and root for the network.
"""
import base64
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "000102030405060708090a0b0c0d0e0f"  # of author hashes: runs that are compared have the same
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657


class Fault(Exception):
    pass


def need(holds, text):
    if not holds:
        raise Fault(text)


def note(text):
    print(f"   {text}", flush=True)


def wait_for(what, holds, deadline=30.0, every=0.05):
    """Seconds until `holds()` is true; a Fault if it is not within `deadline`."""
    begin = time.monotonic()
    while not holds():
        need(time.monotonic() - begin < deadline, f"{what}: not within {deadline:.0f} s")
        time.sleep(every)
    return time.monotonic() - begin


class Bench:
    """A broker, and how to call the programs. `settings`: further lines of its server.properties."""

    def __init__(self, folder, port, thap, keep=False):
        need(thap.exists(), f"{thap} does not exist: build it, or name another with --thap")
        self.folder, self.port, self.keep = folder.resolve(), port, keep
        self.brokers = f"127.0.0.1:{port}"
        self.processes = []
        self.stores = {}  # of parts that have one elsewhere
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        # A copy: whoever builds meanwhile does not change what is tested.
        self.thap = self.folder / "thap"
        shutil.copy2(thap, self.thap)
        self.environment = dict(os.environ, THAP_AUTHOR_KEY=KEY, THAP=str(self.thap))
        self.settings = None

    def start(self, lines=()):
        if lines:
            self.settings = self.folder / "broker.settings"
            self.settings.write_text("\n".join(lines) + "\n")
        self.start_broker()

    def start_broker(self):
        self.kafka("start", *(["--settings", self.settings] if self.settings else []))

    def kafka(self, *words):
        done = subprocess.run([ROOT / "scripts/kafka", *map(str, words), "--port", str(self.port), "--folder", self.folder / "broker"],
                              env=self.environment, capture_output=True, text=True)
        need(done.returncode == 0, f"scripts/kafka {' '.join(map(str, words))}: {done.stderr or done.stdout}")

    def kill_broker(self):
        os.kill(int((self.folder / "broker/pid").read_text()), signal.SIGKILL)

    def call(self, *words):
        done = subprocess.run([self.thap, *words], env=self.environment, capture_output=True, text=True)
        need(done.returncode == 0, f"thap {' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr}")
        return done.stdout

    def begin(self, name, *words, stdin=None):
        """Starts a program that writes to NAME.log."""
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen([str(word) for word in words], env=self.environment, stdin=stdin, stdout=log,
                                   stderr=subprocess.STDOUT)
        log.close()
        self.processes.append(process)
        return process

    def run_words(self, part, *more, brokers=None):
        listen = [] if "--listen" in more else ["--listen", "none"]
        return [self.thap, "run", "--brokers", brokers or self.brokers, "--topic", part, "--group", part, "--deployment", part,
                "--data", self.store(part), *listen, *more]

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def store(self, part):
        return self.stores.get(part, self.folder / f"{part}-store")

    def ready(self, name, process):
        return wait_for(f"{name} ready", lambda: "ready: " in self.log(name) or process.poll() is not None)

    def produce(self, topic, file, *more):
        done = self.begin(f"{topic}-produce", self.thap, "produce", file, "--topic", topic, "--brokers", self.brokers, *more)
        need(done.wait(300) == 0, self.log(f"{topic}-produce"))

    def ends(self, topic):
        """Partition -> the offset after its last record."""
        out = {}
        listed = json.loads(subprocess.run(["kcat", "-b", self.brokers, "-L", "-J", "-t", topic], capture_output=True).stdout)
        for one in listed["topics"][0]["partitions"]:
            done = subprocess.run(["kcat", "-b", self.brokers, "-Q", "-t", f"{topic}:{one['partition']}:-1"],
                                  capture_output=True, text=True)
            need(done.returncode == 0, f"kcat {topic}: {done.stderr}")
            out[one["partition"]] = int(done.stdout.rsplit("offset", 1)[1])
        return out

    def positions(self, part):
        """Partition -> next offset, as the store has it; {} before there is a store."""
        process = subprocess.Popen([self.thap, "export", "--data", self.store(part)], env=self.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out = {}
        for line in process.stdout:  # they come first
            row = json.loads(line)
            if row["row"] != "position":
                break
            out[row["partition"]] = row["next"]
        process.kill()
        process.wait()
        return out

    def exported(self, store):
        """Lines of the export but for positions, which name files here and topics there."""
        return [line for line in self.call("export", "--data", store).splitlines() if not line.startswith('{"row":"position"')]

    def until_read(self, part, process, name=None, deadline=180):
        """Waits until the store stands at the end of the topic, and until nothing changes any more."""
        ends = self.ends(part)

        def is_read():
            need(process.poll() is None, f"thap ended by itself with {process.returncode}: {self.log(name or part)[-2000:]}")
            positions = self.positions(part)
            return all(positions.get(partition, 0) >= end for partition, end in ends.items())

        wait_for(f"{part} read to its end", is_read, deadline, 0.3)
        before = None
        while (rows := self.exported(self.store(part))) != before:
            before = rows
            time.sleep(2.5)

    def end(self, process, name):
        """Seconds until SIGTERM has ended it."""
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            raise Fault("SIGTERM does not end thap") from None
        need(code == 0, f"exit code {code} after SIGTERM: {self.log(name)[-2000:]}")
        return time.monotonic() - begin

    def reconcile(self, part, *more):
        """The reconciler's verdict: Fault on a difference."""
        done = subprocess.run([ROOT / "scripts/reconcile", "--brokers", self.brokers, "--topic", part, "--data", self.store(part),
                               "--dead-letters", f"{part}.dead", "--incidents", "thap.incidents", "--deployment", part,
                               "--thap", self.thap, "--scratch", self.folder, *map(str, more)],
                              env=self.environment, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            note(line)
        need(done.returncode == 0, f"reconcile: exit code {done.returncode} {done.stderr}")

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        try:
            self.kafka("stop")
        except Fault as fault:
            note(str(fault))
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


# ---- Records

def poison(rng):
    """A record that is no post: bytes, and the reason it must be given."""
    return rng.choice([
        (b'{"data":', "bad_json"), (b"{'data':1}", "bad_json"), (b'{"id":"1","text":"a\0b"}', "bad_json"),
        (b'{"id":"1","text":"a"} {}', "bad_json"), (b'{"id":"1","text":NaN}', "bad_json"), (b"\xef\xbb\xbf{", "bad_json"),
        (b"[1,2,3]", "no_object"), (b"42", "no_object"), (b"[]", "no_object"),
        (b'{"colour":"blue"}', "unknown_shape"), (b"{}", "unknown_shape"), (b'{"data":{"id":"1"}}', "unknown_shape"),
        (b'{"id":"","text":"whatsapp down"}', "no_id"), (b'{"network":"x","op":"author_delete","id":"1"}', "no_id"),
        (b'{"network":"x","id":"1","op":"create"}', "no_text"), (b'{"network":"friendster","id":"1","text":"a"}', "unknown_network"),
        (b'{"data":{"id":"1","text":"\xff\xfe"}}', "bad_utf8"), (b'{"id":"1","text":"\xc0\xaf"}', "bad_utf8"),
        (b'{"id":"1","text":"\xed\xa0\x80"}', "bad_utf8"), (b'{"id":"1","text":"\xe0\xa4"}', "bad_utf8"),
        (b"\0\0\0\0\7protobuf", "schema_framing"), (b"\0", "schema_framing"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep"), (b"[" * 33 + b"1" + b"]" * 33, "too_deep"),
        (b"[" * 100_000 + b"1" + b"]" * 100_000, "too_deep"),
        (b'{"x":"' + b"y" * rng.choice([262_144, 300_000]) + b'"}', "too_large"),
    ])


def odd(rng, number, ms):
    """A post that is hard to read and counts all the same."""
    post = {"network": "x", "id": f"odd-{number}", "author": f"invented-{rng.randrange(900)}", "event_ms": ms, "kind": "original"}
    text = rng.choice(["whatsapp down hai \\ud83d kya", "whatsapp\\u0000 is down", "\\u202ewhatsapp down\\u202c", "whatsapp down &amp; out",
                       "whatsapp is down " + "x" * 20_000, "whatsapp down " + "\u0301" * 3_000, "whatsapp d\\u006fwn"])
    line = json.dumps(post)[:-1] + f', "text": "{text}", "text": "telegram is down"}}'
    return (b"\xef\xbb\xbf" if rng.random() < 0.2 else b"") + line.encode()


def record(value, ms=None, key=None, headers=None):
    """A line for `thap produce --records`."""
    line = {} if ms is None else {"ms": ms}
    if key:
        line["key"] = key
    if headers:
        line["headers"] = headers
    if value is None:
        line["value"] = None
    else:
        try:
            line["value"] = value.decode()
        except UnicodeDecodeError:
            line["base64"] = base64.b64encode(value).decode()
    return json.dumps(line)


def demo_posts(bench, scenario, seed):
    path = bench.folder / f"{scenario.stem}-{seed}.ndjson"
    if not path.exists():
        subprocess.run([ROOT / "scripts/demo-posts", scenario, "--seed", str(seed), "--out", path], check=True)
    return path


def halves(bench, scenario, until):
    """A demo day in two files, the first of which ends at `until` (RFC 3339, UTC), inside its outage."""
    lines = demo_posts(bench, ROOT / f"tests/scenarios/{scenario}.json", 1).read_text().splitlines(keepends=True)
    cut = sum(json.loads(line)["data"]["created_at"] < until for line in lines)
    files = bench.folder / f"{scenario}-first.ndjson", bench.folder / f"{scenario}-rest.ndjson"
    for file, part in zip(files, (lines[:cut], lines[cut:])):
        need(part, f"{scenario} has nothing on one side of {until}")
        file.write_text("".join(part))
    return files


def mixed_records(files, rng, share=0.1, large=2):
    """Days of X posts as records in order of time: one in ten of them poison, some of 5 MB, and now and then a repeat, an edit,
    a deletion, a tombstone, a keep-alive or a post that is hard to read."""
    posts = []
    for path in files:
        for line in open(path, "rb"):
            number = json.loads(line)["data"]["id"]
            posts.append(((int(number) >> 22) + SNOWFLAKE_EPOCH_MS, number, line.rstrip(b"\n")))
    posts.sort()
    larges = set(rng.sample(range(len(posts)), large))
    out, recent, counts = [], [], {"posts": len(posts), "poison": 0, "repeats": 0, "changes": 0, "odd": 0}
    for place, (ms, number, line) in enumerate(posts):
        out.append(record(line, ms, number))
        recent = recent[-300:] + [(number, line)]
        if place in larges:
            out.append(record(b'{"x":"' + b"y" * 5_000_000 + b'"}', ms))
            counts["poison"] += 1
        if rng.random() < share:
            out.append(record(poison(rng)[0], ms, rng.choice([None, "somebody"])))
            counts["poison"] += 1
        dice = rng.random()
        if dice < 0.01:
            old, again = rng.choice(recent)
            out.append(record(again, ms, old))
            counts["repeats"] += 1
        elif dice < 0.02:
            old, _ = rng.choice(recent)
            change = {"network": "x", "id": old, "op": rng.choice(["edit", "delete"]), "text": "telegram is down", "event_ms": ms}
            out.append(record(json.dumps(change).encode(), ms, old))
            counts["changes"] += 1
        elif dice < 0.025:
            out.append(record(rng.choice([None, b"", b" \n"]), ms, number))
        elif dice < 0.035:
            out.append(record(odd(rng, place, ms), ms, f"odd-{place}"))
            counts["odd"] += 1
    return out, counts


class Feeder(threading.Thread):
    """Writes records to a topic in bursts, spread over `seconds`. `hurry()` sends the rest at once."""

    def __init__(self, bench, topic, records, seconds, rng):
        super().__init__(daemon=True)
        self.name_of_log = f"{topic}-produce"
        self.records, self.seconds, self.rng = records, seconds, random.Random(rng.random())
        self.hurried = threading.Event()
        self.process = bench.begin(self.name_of_log, bench.thap, "produce", "-", "--records", "--topic", topic, "--brokers",
                                   bench.brokers, stdin=subprocess.PIPE)
        self.bench = bench

    def run(self):
        rate, at = len(self.records) / self.seconds, 0
        try:
            while at < len(self.records):
                wait = self.rng.uniform(0.05, 1.2)
                if self.hurried.wait(wait):
                    wait = self.seconds
                upto = at + max(1, int(rate * wait))
                self.process.stdin.write(("\n".join(self.records[at:upto]) + "\n").encode())
                self.process.stdin.flush()
                at = upto
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # finish() tells why

    def finish(self):
        self.hurried.set()
        self.join(120)
        need(self.process.wait(120) == 0, self.bench.log(self.name_of_log))


# ---- A network that can be cut

class Network:
    """A network namespace for thap, joined to ours by a pair of interfaces. Frames are lost silently when their receiver is
    given under a wrong address: nobody is told, as when a cable breaks."""

    WRONG = "02:00:00:00:00:99"

    def __init__(self):
        tag = os.getpid() % 16_384  # four addresses each: several may run side by side
        self.name, self.host, self.guest = f"thap-{tag}", f"th{tag}", f"tg{tag}"
        self.address, self.guest_address = f"10.213.{tag >> 6}.{tag % 64 * 4 + 1}", f"10.213.{tag >> 6}.{tag % 64 * 4 + 2}"
        self.is_up = False

    @staticmethod
    def ip(*words):
        done = subprocess.run(["ip", *words], capture_output=True, text=True)
        need(done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}")

    def open(self):
        """None, or why not."""
        try:
            self.ip("netns", "add", self.name)
            self.is_up = True
            self.ip("link", "add", self.host, "type", "veth", "peer", "name", self.guest, "netns", self.name)
            self.ip("addr", "add", f"{self.address}/30", "dev", self.host)
            self.ip("link", "set", self.host, "up")
            self.ip("-n", self.name, "addr", "add", f"{self.guest_address}/30", "dev", self.guest)
            self.ip("-n", self.name, "link", "set", self.guest, "up")
            self.ip("-n", self.name, "link", "set", "lo", "up")
            self.inside(["true"])
            need(subprocess.run(self.inside(["true"])).returncode == 0, "a program does not start in the namespace")
        except (Fault, FileNotFoundError) as fault:
            self.close()
            return str(fault)
        return None

    def inside(self, words):
        return ["ip", "netns", "exec", self.name, *words]

    def cut(self, way):
        """way: requests (to the broker), answers, or both."""
        if way in ("requests", "both"):
            self.ip("-n", self.name, "neigh", "replace", self.address, "lladdr", self.WRONG, "dev", self.guest, "nud", "permanent")
        if way in ("answers", "both"):
            self.ip("neigh", "replace", self.guest_address, "lladdr", self.WRONG, "dev", self.host, "nud", "permanent")

    def heal(self):
        subprocess.run(["ip", "-n", self.name, "neigh", "del", self.address, "dev", self.guest], capture_output=True)
        subprocess.run(["ip", "neigh", "del", self.guest_address, "dev", self.host], capture_output=True)

    def close(self):
        if self.is_up:
            subprocess.run(["ip", "link", "del", self.host], capture_output=True)
            subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
            self.is_up = False
