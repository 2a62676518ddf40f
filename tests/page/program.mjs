// Starts the built program for the tests, and makes the posts it reads.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const thap = process.env.THAP || path.join(root, 'build/release/thap');

export const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'thap-page-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

function must(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8', cwd: root });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr || done.error}`);
  return done.stdout;
}

export function demo_posts(day) {
  const file = path.join(scratch, `${day}.ndjson`);
  if (!fs.existsSync(file)) must('scripts/demo-posts', [`tests/scenarios/${day}.json`, '--seed', '1', '--out', file]);
  return file;
}

export function write_posts(name, posts) {
  const file = path.join(scratch, name);
  fs.writeFileSync(file, posts.map((post) => `${JSON.stringify(post)}\n`).join(''));
  return file;
}

// A store with the whole of a file read, where it stands.
export function store_of(file, ...further) {
  const store = `${file}.store`;
  if (!fs.existsSync(store)) must(thap, ['replay', file, '--data', store, ...further]);
  return store;
}

export const free_port = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });

// Runs `thap ARGS --listen` and waits until it answers. `port`: to come back at the same place.
export async function serve(args, port) {
  const at = port ?? await free_port();
  const child = spawn(thap, [...args, '--listen', `127.0.0.1:${at}`], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  // A test that fails leaves its program running: that must not keep the tests from ending.
  for (const held of [child, child.stdout, child.stderr]) held.unref();
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said += text; });
  const ended = new Promise((resolve) => child.on('exit', () => { running.delete(child); resolve(); }));
  const address = `http://127.0.0.1:${at}`;
  const get = async (where) => {
    const answer = await fetch(`${address}${where}`);
    if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  for (let tries = 0; ; ++tries) {
    try { await get('/api/v1/clock'); break; } catch (error) {
      if (child.exitCode !== null || tries > 300) throw new Error(`thap ${args.join(' ')}: ${said || error}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  return {
    address, port: at, get, pid: child.pid,
    replay: (change) => fetch(`${address}/api/v1/replay`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change) }),
    stop: async () => { child.ref(); child.kill('SIGTERM'); await ended; },
  };
}

// Asks until `is_so` says yes; what was asked for last otherwise is the error.
export async function until(what, is_so, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (let last; ;) {
    try { last = await is_so(); if (last) return last; } catch (error) { last = error; }
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what} (${last})`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
