// What changes while somebody looks: a day as it unfolds, a feed that is cut, a server that comes back.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { close_browser, open_page, visit } from './browser.mjs';
import { demo_posts, scratch, serve, until } from './program.mjs';

const day = 'whatsapp-2022-10-25';
const time_of = (line) => Date.parse(JSON.parse(line).data.created_at);
const ist = (clock) => `2022-10-25T${clock}:00+05:30`;
const posts = () => fs.readFileSync(demo_posts(day), 'utf8').trim().split('\n');
after(close_browser);

const failing = (page) => page.locator('a.row.failing').evaluateAll((all) => all.map((row) => `${row.querySelector('strong').innerText} ${row.querySelector('.state').innerText}`));
const now_of = async (server) => Date.parse((await server.get('/api/v1/clock')).now);

test('a day unfolds: quiet, problem, easing, end; with a clock that can be held', async () => {
  const server = await serve(['replay', demo_posts(day), '--serve', '--from', ist('11:55'), '--speed', '120']);
  await server.replay({ paused: true });
  const { page, faults, close } = await open_page(server.address);
  await page.waitForSelector('.replay time');
  await until('the badge', async () => (await page.locator('.badge').innerText()) === 'Replay');
  assert.deepEqual(await failing(page), []);
  assert.equal(await page.locator('h1').innerText(), 'Nothing is failing now');
  await server.replay({ paused: false });

  await until('the problem', async () => (await failing(page)).includes('WhatsApp Problem'), 60);
  await page.locator('.replay button').click();
  await until('it to stand', async () => (await server.get('/api/v1/clock')).replay.paused);
  const held = await now_of(server);
  assert.ok(held < Date.parse(ist('12:30')), 'seen while it happens');
  assert.match(await page.locator('a.row.failing .since').innerText(), /since 12:0\d IST/);
  assert.match(await page.locator('a.row.failing .headline').innerText(), /^WhatsApp: posts report/);
  await until('to hear of it', async () => (await page.locator('[aria-live=polite]').first().innerText()).includes('WhatsApp: Problem'));
  assert.equal(await now_of(server), held);
  const shown = await page.locator('.replay time').getAttribute('datetime');
  assert.equal(Date.parse(shown), held, 'the page has no clock of its own');

  await page.locator('.replay select').selectOption('3600');
  await until('the speed', async () => (await server.get('/api/v1/clock')).replay.speed === 3600);
  await page.locator('.replay button').click();
  await until('the end', async () => (await server.get('/api/v1/clock')).replay.ended, 60);
  await until('quiet again', async () => (await failing(page)).length === 0);
  await until('the badge', async () => (await page.locator('.badge').innerText()) === 'replay over');
  const { incidents } = await server.get('/api/v1/incidents');
  await visit(page, `#/incident/${incidents[0].id}`);
  const states = await page.locator('.timeline .state').allInnerTexts();
  for (const state of ['Problem', 'Easing', 'Ended']) assert.ok(states.includes(state), `${state} in ${states}`);
  assert.deepEqual(faults, []);
  await close();
  await server.stop();
});

test('a feed that is cut inside an incident: said, and nothing eases or goes', async () => {
  const all = posts();
  const cut = path.join(scratch, 'cut.ndjson');
  const before = all.filter((line) => time_of(line) < Date.parse(ist('12:40')));
  fs.writeFileSync(cut, `${[...before, all.at(-1)].join('\n')}\n`);
  const server = await serve(['replay', cut, '--serve', '--from', ist('12:38'), '--speed', '120']);
  const { page, faults, close } = await open_page(server.address);
  await until('the problem', async () => (await failing(page)).includes('WhatsApp Problem'));
  await until('the badge', async () => /data delayed, last post .* 12:39 IST/.test(await page.locator('.badge').innerText()));
  assert.match(await page.locator('.warning').innerText(), /This does not mean all is well/);
  assert.match(await page.locator('h1').innerText(), /^As it stood at .* 12:39 IST/);
  await server.replay({ speed: 3600 });
  await until('hours of silence', async () => (await now_of(server)) > Date.parse(ist('16:00')), 60);
  assert.deepEqual(await failing(page), ['WhatsApp Problem']);
  const { incidents } = await server.get('/api/v1/incidents');
  const { transitions } = await server.get(`/api/v1/incidents/${incidents[0].id}/timeline`);
  assert.deepEqual([...new Set(transitions.map((t) => t.to))].sort(), ['confirmed', 'suspected']);
  assert.deepEqual(faults, []);
  await close();
  await server.stop();
});

test('a server that comes back: the page says that it is gone, connects again and shows what was missed', async () => {
  const args = (from) => ['replay', demo_posts(day), '--data', path.join(scratch, 'restart'), '--serve', '--speed', '60', '--from', ist(from)];
  let server = await serve(args('12:00'));
  const { page, faults, close } = await open_page(server.address);
  await page.waitForSelector('.replay time');
  await server.replay({ paused: true });
  await until('it to be live', async () => (await page.locator('.badge').getAttribute('data-badge')) === 'on');
  assert.deepEqual(await failing(page), []);
  await server.stop();
  await until('to say so', async () => (await page.locator('.badge').innerText()) === 'reconnecting');
  assert.match(await page.locator('[role=alert]').innerText(), /cannot be reached/);
  server = await serve(args('12:45'), server.port);
  await until('what was missed', async () => (await failing(page)).includes('WhatsApp Problem'), 60);
  await until('to hear of it', async () => (await page.locator('[aria-live=polite]').first().innerText()).includes('WhatsApp: Problem'), 60);
  await until('the warning to go', async () => (await page.locator('[role=alert]').count()) === 0);
  assert.deepEqual(faults.filter((fault) => !fault.startsWith('error: ')), []);
  await close();
  await server.stop();
});

test('seven tabs of one browser: one holds the stream, all hear it', async () => {
  const server = await serve(['replay', demo_posts(day), '--serve', '--speed', '60', '--from', ist('12:00')]);
  await server.replay({ paused: true });
  const { page, close } = await open_page(server.address);
  const tabs = [page];
  for (let n = 1; n < 7; ++n) {
    tabs.push(await page.context().newPage());
    await tabs[n].goto(`${server.address}/`);
  }
  await server.replay({ paused: false, speed: 600 });
  for (const tab of tabs) {
    await tab.bringToFront();
    await until('the problem', async () => (await failing(tab)).includes('WhatsApp Problem'), 60);
  }
  const streams = await (await fetch(`${server.address}/metrics`)).text();
  assert.doesNotMatch(streams, /thap_http_streams [2-9]/);
  await tabs[0].close();
  await until('another tab to take over', async () => (await tabs[3].locator('.badge').getAttribute('data-badge')) !== 'off');
  await close();
  await server.stop();
});
