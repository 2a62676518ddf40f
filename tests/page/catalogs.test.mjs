// The catalogs have the same keys, with the same places to fill, in every language.
import assert from 'node:assert/strict';
import test from 'node:test';
import en from '../../serve/web/src/words/en.js';
import hi from '../../serve/web/src/words/hi.js';
import bn from '../../serve/web/src/words/bn.js';

const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort().join();
const flat = (words, before = '') => Object.entries(words).flatMap(([key, value]) =>
  typeof value === 'string' ? [[before + key, value]] : flat(value, `${before}${key}.`));

for (const [code, words] of [['hi', hi], ['bn', bn]]) {
  test(`every word of the page is there in ${code}`, () => {
    const expected = Object.fromEntries(flat(en).map(([key, text]) => [key, holes(text)]));
    const found = Object.fromEntries(flat(words).map(([key, text]) => [key, holes(text)]));
    assert.deepEqual(found, expected);
    for (const [key, text] of flat(words)) {
      assert.notEqual(text.trim(), '', key);
      assert.doesNotMatch(text, /[०-९০-৯]/, `${key}: digits are Latin everywhere`);
    }
  });
}

test('people are never told that something is confirmed, down for certain, or how many are affected', () => {
  for (const [key, text] of [...flat(en)]) assert.doesNotMatch(text, /\bconfirmed\b|outage|users affected|is down/i, key);
});
