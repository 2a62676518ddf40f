// Every view against what the API says, on days that are over.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { axe_findings, becomes, close_browser, open_page, overflow, settled, visit } from './browser.mjs';
import { demo_posts, serve, store_of, until } from './program.mjs';
import { sentence, views_of } from './views.mjs';

const number = (n) => new Intl.NumberFormat('en-IN', { maximumFractionDigits: 1 }).format(n);
const clock = (at) => new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });

const days = ['whatsapp-2022-10-25', 'akamai-2021-07-22', 'cowin-2021-04-28'];
const servers = {};
before(async () => {
  for (const day of days) servers[day] = await serve(['serve', '--data', store_of(demo_posts(day))]);
});
after(async () => {
  await close_browser();
  for (const server of Object.values(servers)) await server.stop();
});

async function on(day, run, look) {
  const server = servers[day];
  const { page, faults, close } = await open_page(server.address, look);
  try {
    await run(page, server);
    assert.deepEqual(faults, []);
  } finally { await close(); }
}
const text = (page, what) => page.locator(what).allInnerTexts();

for (const day of days) {
  test(`${day}: board, service and incident show what the API says`, () => on(day, async (page, server) => {
    await visit(page, '#/');
    const { services, data } = await server.get('/api/v1/services');
    assert.match(await page.locator('h1').innerText(), /^As it stood at/, 'old data is never shown as now');
    assert.match(await page.locator('.badge').innerText(), new RegExp(`last post .* ${clock(data.newest_at)} IST`));
    const told = services.filter((s) => s.complaints_24h > 0 || s.state !== 'quiet').slice(0, 100);
    const rows = await page.locator('a.row').evaluateAll((all) => all.map((row) => [row.querySelector('strong').innerText, row.querySelector('.count').innerText]));
    assert.deepEqual(rows.map(([name, count]) => `${name} ${count}`).sort(), told.map((s) => `${s.name.en} ${number(s.complaints_24h)} / 24 h`).sort());

    for (const incident of (await server.get('/api/v1/incidents')).incidents) {
      await visit(page, `#/service/${incident.service}`);
      const service = await server.get(`/api/v1/services/${incident.service}`);
      assert.ok((await page.locator('h1').innerText()).startsWith(service.name.en));
      const splits = await page.locator('.split').evaluateAll((all) => all.map((s) => [...s.querySelectorAll('.count')].map((c) => c.innerText)));
      assert.deepEqual(splits, ['symptoms', 'languages', 'sources'].map((key) => service[key].slice(0, 10).map((r) => number(r.posts))));
      const tiles = await page.locator('.tile').evaluateAll((all) => all.map((t) => t.getAttribute('aria-label')));
      assert.deepEqual(tiles.sort(), service.regions.map((r) => `${r.name.en}: ${number(r.posts)}`).sort());

      await visit(page, `#/incident/${incident.id}`);
      assert.ok((await page.locator('h1').innerText()).startsWith(service.name.en), 'its name, not its id');
      assert.ok((await page.locator('p.headline').innerText()).startsWith(incident.headline.en));
      const { transitions } = await server.get(`/api/v1/incidents/${incident.id}/timeline`);
      assert.deepEqual(await text(page, '.timeline .said'), transitions.map((t) => t.text.en));
      assert.deepEqual(await page.locator('.timeline details > span').evaluateAll((all) => all.map((s) => s.textContent)), transitions.map((t) => t.reason));
      const pack = await server.get(await page.locator('a[download]').getAttribute('href'));
      assert.equal(pack.incident.id, incident.id);
      const { evidence } = await server.get(`/api/v1/incidents/${incident.id}/evidence`);
      assert.deepEqual(await page.locator('.post bdi').evaluateAll((all) => all.map((b) => b.textContent)), evidence.map((e) => e.text));
    }
  }));
}

test('the chart says and tables what the series has, and shades the incident', () => on(days[0], async (page, server) => {
  await visit(page, '#/service/whatsapp?hours=6');
  const { lines } = await server.get('/api/v1/series?service=whatsapp&from=6h&step=1');
  const most = Math.max(...lines[0].points.map((p) => p.observed ?? 0));
  assert.match(await page.locator('figcaption').innerText(), new RegExp(`At most ${number(most)} complaints`));
  await page.locator('figure summary').click();
  const cells = await page.locator('figure tbody tr').evaluateAll((all) => all.map((row) => row.lastChild.innerText.split(' ')[0]));
  assert.deepEqual(cells, lines[0].points.map((p) => number(p.observed ?? 'no')).map((n) => n.replace('NaN', 'no')));
  assert.equal(await page.locator('.mark.strip').count(), 1);
}));

test('an incident is shown as it was known then', () => on(days[0], async (page, server) => {
  const { incidents } = await server.get('/api/v1/incidents?service=whatsapp');
  const { transitions } = await server.get(`/api/v1/incidents/${incidents[0].id}/timeline`);
  for (const t of transitions.filter((one) => !one.annotated && one.to !== 'suspected')) {
    const at = new Date(Math.ceil(Date.parse(t.at) / 60_000) * 60_000).toISOString().replace('.000Z', 'Z');
    const then = await server.get(`/api/v1/incidents/${incidents[0].id}?as_of=${at}`);
    await visit(page, `#/incident/${incidents[0].id}?as_of=${encodeURIComponent(at)}`);
    assert.equal(await page.locator('h1 .state').getAttribute('class'), `state ${then.state}`);
    assert.ok((await page.locator('p.headline').innerText()).startsWith(then.headline.en));
    assert.equal(await page.locator('.timeline li').count(), transitions.filter((one) => one.at <= at).length);
  }
  const slider = page.locator('input[type=range]');
  await slider.focus();
  await slider.press('Home');
  await until('the first minute in the address', async () => page.url().includes('as_of='));
  await slider.press('End');
  await until('now again', async () => !page.url().includes('as_of='));
}));

test('compare: lines, slices, CSV of what is shown, all of it in the address', () => on(days[1], async (page, server) => {
  await visit(page, '#/compare');
  for (const name of ['paytm', 'zomato']) {
    await page.locator('#search').fill(name);
    await page.locator('.adder button').first().click();
  }
  await becomes(page, () => location.hash.includes('paytm%2Czomato'));
  await page.locator('select').selectOption('symptom=payment');
  await becomes(page, () => location.hash.includes('by=symptom%3Dpayment'));
  await page.locator('.ranges a', { hasText: '6 h' }).click();
  await until('the chart of six hours', async () => (await page.locator('.tools a').getAttribute('href')).includes('from=6h'));
  await settled(page);
  const { lines } = await server.get('/api/v1/series?service=paytm,zomato&from=6h&step=1&by=symptom%3Dpayment');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('button', { hasText: 'CSV' }).click()]);
  const rows = fs.readFileSync(await download.path(), 'utf8').trim().split('\n').map((row) => row.split(','));
  assert.deepEqual(rows[0], ['time', 'paytm', 'zomato']);
  const of = (id) => lines.find((line) => line.service === id).points;
  assert.deepEqual(rows.slice(1), of('paytm').map((p, i) => [p.t, String(p.observed ?? ''), String(of('zomato')[i].observed ?? '')]));
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await page.waitForSelector('figure');
  await page.waitForSelector('bdi:text-is("Zomato")');
  assert.deepEqual(await text(page, 'main > .chips bdi'), ['Paytm', 'Zomato']);
}));

test('what was read is told with the entries behind it', () => on(days[0], async (page, server) => {
  await visit(page, '#/read');
  await page.locator('textarea').fill(sentence);
  await page.locator('main form button[type=submit]').click();
  await page.waitForSelector('main table');
  const answer = await (await fetch(`${server.address}/api/v1/explain`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: sentence })).json();
  assert.deepEqual(await text(page, 'main td code'), answer.spans.map((s) => s.entry));
}));

test('36 tiles, each once, none on another, in three languages; no outline anywhere', () => on(days[0], async (page) => {
  const names = new Set();
  for (const language of ['English', 'हिन्दी', 'বাংলা']) {
    await page.locator('header button', { hasText: language }).click();
    await visit(page, '#/service/whatsapp');
    const tiles = await page.locator('.tile').evaluateAll((all) => all.map((t) => ({ code: t.querySelector('b').innerText, label: t.getAttribute('aria-label'), box: JSON.stringify(t.getBoundingClientRect()) })));
    assert.equal(new Set(tiles.map((t) => t.code)).size, 36);
    assert.equal(new Set(tiles.map((t) => t.box)).size, 36);
    for (const t of tiles) names.add(t.label.split(':')[0]);
    assert.equal(await page.locator('svg path, svg polygon').count(), 0);
  }
  assert.equal(names.size, 108);
}));

test('keys: search, rows, help', () => on(days[0], async (page) => {
  await visit(page, '#/read');
  await page.locator('h1').click();
  await page.keyboard.press('/');
  await becomes(page, () => document.activeElement.id === 'search' && location.hash === '#/');
  await page.keyboard.type('paytm');
  await until('one row', async () => (await page.locator('a.row').count()) >= 1);
  await page.keyboard.press('Tab');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  assert.match(await page.evaluate(() => document.activeElement.className), /row/);
  await page.keyboard.press('k');
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog').isVisible());
  await page.keyboard.press('Escape');
  assert.ok(!await page.locator('dialog').isVisible());
}));

for (const language of ['en', 'hi', 'bn'])
  for (const scheme of ['light', 'dark'])
    for (const size of ['wide', 'phone'])
      test(`axe finds nothing and nothing is too wide: ${language}, ${scheme}, ${size}`, () => on(days[1], async (page, server) => {
        const found = [];
        for (const [name, hash] of Object.entries(await views_of(server))) {
          await visit(page, hash);
          if (name === 'read') {
            await page.locator('textarea').fill(sentence);
            await page.locator('main form button[type=submit]').click();
            await page.waitForSelector('main table');
          }
          assert.equal(await page.evaluate(() => document.documentElement.lang), language);
          for (const finding of [...await axe_findings(page), await overflow(page)]) if (finding) found.push(`${name}: ${finding}`);
        }
        assert.deepEqual(found, []);
      }, { language, scheme, size }));
