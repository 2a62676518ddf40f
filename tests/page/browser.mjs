// A browser that lets nothing out and remembers what went wrong.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { until } from './program.mjs';

const axe_source = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const programs = [process.env.CHROMIUM, '/usr/bin/chromium'].filter(Boolean);

let browser;
export async function open_browser() {
  browser ??= await chromium.launch({ executablePath: programs.find((file) => fs.existsSync(file)), args: ['--no-sandbox', '--disable-gpu'] });
  return browser;
}
export async function close_browser() { await browser?.close(); browser = undefined; }

export const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

// A tab of its own profile. `faults`: requests to other hosts, errors of scripts, dialogs; must stay empty.
export async function open_page(address, { language = 'en', scheme = 'light', size = 'wide' } = {}) {
  const context = await (await open_browser()).newContext({
    viewport: sizes[size], colorScheme: scheme, locale: 'en-IN', reducedMotion: 'reduce', acceptDownloads: true, deviceScaleFactor: 1,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addInitScript((code) => { if (location.protocol === 'http:' && !localStorage.getItem('language')) localStorage.setItem('language', code); }, language);
  const page = await context.newPage();
  const faults = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !/^(data|blob):/.test(url)) faults.push(`request to ${url}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => { if (/content security policy/i.test(message.text())) faults.push(message.text()); });
  page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(`${address}/`);
  return { page, faults, close: () => context.close() };
}

// The policy of the page forbids eval, and with it Playwright's own waitForFunction.
export const becomes = (page, is_so, value) => until(String(is_so), () => page.evaluate(is_so, value));

// Goes to a place in the page and waits until it shows more than that it is waiting.
export async function visit(page, hash) {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await becomes(page, (to) => location.hash === to && document.querySelector('main h1') && !/…$/.test(document.querySelector('main').innerText.trim()), hash);
  await settled(page);
}

export async function settled(page) {
  await becomes(page, () => ![...document.querySelectorAll('main p')].some((p) => p.textContent.endsWith('…')));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

export async function axe_findings(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe_source);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary ?? ''}`).slice(0, 3).join(' | ')}`);
  });
}

// How far the page is wider than its window, and by what.
export const overflow = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return '';
  const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroll'));
  return `${document.documentElement.scrollWidth} > ${width}: ${wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 100)).join(' | ')}`;
});
