// Texts that would run if they could, in posts, author names and service names, through the whole chain.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { close_browser, open_page, overflow, settled, visit } from './browser.mjs';
import { payloads } from './payloads.mjs';
import { demo_posts, root, scratch, serve, store_of, write_posts } from './program.mjs';
import { views_of } from './views.mjs';

after(close_browser);

// The lexicon that is shipped, but WhatsApp and what is usual beside it are called by payloads.
function lexicon_of_payloads() {
  const folder = path.join(scratch, 'lexicon');
  fs.cpSync(path.join(root, 'nlp/lexicon'), folder, { recursive: true });
  let n = 0;
  for (const name of fs.readdirSync(path.join(folder, 'services'))) {
    const file = path.join(folder, 'services', name);
    const services = JSON.parse(fs.readFileSync(file, 'utf8'));
    for (const service of services) {
      for (const language of ['en', 'hi', 'bn']) service.name[language] = payloads[n++ % payloads.length];
    }
    fs.writeFileSync(file, JSON.stringify(services));
  }
  return folder;
}

function posts_of_payloads() {
  let n = 0;
  return fs.readFileSync(demo_posts('whatsapp-2022-10-25'), 'utf8').trim().split('\n').map((line) => {
    const post = JSON.parse(line);
    const payload = payloads[n++ % payloads.length];
    if (n > 8000) post.data.text = `${post.data.text} ${payload}`;
    post.includes = { users: [{ id: post.data.author_id, name: payload, username: payload }] };
    return post;
  });
}

test(`${payloads.length} payloads: none runs, none loads anything, none widens the page`, async () => {
  const file = write_posts('payloads.ndjson', posts_of_payloads());
  const lexicon = lexicon_of_payloads();
  const server = await serve(['serve', '--lexicon', lexicon, '--data', store_of(file, '--lexicon', lexicon)]);
  let evidence = 0;
  for (const size of ['wide', 'phone']) {
    const { page, faults, close } = await open_page(server.address, { size, language: size === 'wide' ? 'en' : 'bn' });
    for (const [name, hash] of Object.entries(await views_of(server))) {
      await visit(page, hash);
      for (const summary of await page.locator('main details > summary').all()) await summary.click();
      await settled(page);
      assert.equal(await overflow(page), '', name);
      if (name === 'incident') evidence += await page.locator('.post bdi').count();
    }
    await visit(page, '#/');
    await page.locator('#search').fill('a');
    assert.equal(await overflow(page), '', 'search');
    await visit(page, '#/read');
    for (const payload of size === 'wide' ? payloads : payloads.slice(0, 40)) {
      await page.locator('textarea').fill(`whatsapp down ${payload}`);
      const [answer] = await Promise.all([page.waitForResponse('**/api/v1/explain'), page.locator('main form button[type=submit]').click()]);
      assert.equal(answer.status(), 200);
    }
    await settled(page);
    assert.equal(await overflow(page), '', 'read');
    assert.equal(await page.evaluate(() => window.__ran), undefined);
    assert.equal(await page.locator('main script, main iframe, main img, main object, main style').count(), 0);
    assert.deepEqual(faults, []);
    await close();
  }
  assert.ok(evidence >= 20, `${evidence} posts were shown`);
  await server.stop();
});
