// Two figures of the page: how soon the board can be read on a slow link with nothing cached, and whether its heap grows
// while a day goes by. Prints one line each.
import { close_browser, open_browser, open_page } from './browser.mjs';
import { demo_posts, serve, store_of, until } from './program.mjs';

const link = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };

async function first_view(server) {
  const context = await (await open_browser()).newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  const chrome = await context.newCDPSession(page);
  await chrome.send('Network.enable');
  await chrome.send('Network.emulateNetworkConditions', link);
  let bytes = 0;
  chrome.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  const begin = performance.now();
  await page.goto(`${server.address}/`, { waitUntil: 'commit' });
  await page.waitForSelector('a.row');
  const seconds = (performance.now() - begin) / 1000;
  const loaded = bytes;
  await context.close();
  return { seconds, loaded };
}

async function heap_of(page) {
  const chrome = await page.context().newCDPSession(page);
  await chrome.send('HeapProfiler.collectGarbage');
  const { usedSize } = await chrome.send('Runtime.getHeapUsage');
  await chrome.detach();
  return usedSize / 1e6;
}

const finished = await serve(['serve', '--data', store_of(demo_posts('whatsapp-2022-10-25'))]);
const views = [];
for (let n = 0; n < 5; ++n) views.push(await first_view(finished));
const seconds = views.map((v) => v.seconds).sort((a, b) => a - b);
console.log(`first view at 400 kbit/s, 400 ms: ${seconds[2].toFixed(2)} s (median of 5, ${seconds[0].toFixed(2)} to ${seconds[4].toFixed(2)}), ${Math.round(views[0].loaded / 1000)} kB`);
await finished.stop();

const speed = Number(process.env.SPEED || 480);
const replay = await serve(['replay', demo_posts('whatsapp-2022-10-25'), '--serve', '--from', '2022-10-24T18:00:00+05:30', '--speed', String(speed)]);
const { page, close } = await open_page(replay.address);
const now = async () => Date.parse((await replay.get('/api/v1/clock')).now);
const begin = await now();
const hours = (n) => until(`${n} hours`, async () => (await now()) >= begin + n * 3_600_000 || (await replay.get('/api/v1/clock')).replay.ended, 600);
await hours(1);
const first = await heap_of(page);
await hours(24);
const last = await heap_of(page);
console.log(`heap of the board: ${first.toFixed(1)} MB after 1 hour of a replay, ${last.toFixed(1)} MB after ${(((await now()) - begin) / 3_600_000).toFixed(1)} hours (speed ${speed})`);
await close();
await close_browser();
await replay.stop();
