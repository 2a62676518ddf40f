// Pictures of every view, in three languages, light and dark, wide and phone: node screenshots.mjs FOLDER
import fs from 'node:fs';
import path from 'node:path';
import { close_browser, open_page, settled, visit } from './browser.mjs';
import { demo_posts, serve, until } from './program.mjs';
import { sentence, views_of } from './views.mjs';

const folder = path.resolve(process.argv[2]);
fs.mkdirSync(folder, { recursive: true });

async function replay_until(day, from, to) {
  const server = await serve(['replay', demo_posts(day), '--serve', '--from', from, '--speed', '600']);
  await until(to, async () => Date.parse((await server.get('/api/v1/clock')).now) >= Date.parse(to), 60);
  await server.replay({ paused: true });
  return server;
}

async function shoot(server, prefix, look, views) {
  const { page, close } = await open_page(server.address, look);
  for (const [name, hash] of Object.entries(views)) {
    await visit(page, hash);
    if (name === 'read') {
      await page.locator('textarea').fill(sentence);
      await page.locator('main form button[type=submit]').click();
      await page.waitForSelector('main table');
    }
    await settled(page);
    await page.screenshot({ path: path.join(folder, `${[prefix, name, look.language, look.scheme, look.size].filter(Boolean).join('-')}.png`), fullPage: true });
  }
  await close();
}

const server = await replay_until('whatsapp-2022-10-25', '2022-10-25T12:20:00+05:30', '2022-10-25T12:55:00+05:30');
const four = await replay_until('akamai-2021-07-22', '2021-07-22T21:30:00+05:30', '2021-07-22T21:50:00+05:30');
const views = await views_of(server);
for (const language of ['en', 'hi', 'bn'])
  for (const scheme of ['light', 'dark'])
    for (const size of ['wide', 'phone']) {
      await shoot(server, '', { language, scheme, size }, views);
      await shoot(four, 'cause', { language, scheme, size }, { board: '#/', compare: '#/compare?services=paytm%2Czomato%2Chotstar%2Csonyliv&hours=1' });
    }
console.log(`${fs.readdirSync(folder).length} pictures in ${folder}`);
await close_browser();
await server.stop();
await four.stop();
