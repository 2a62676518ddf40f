// Words, numbers and times as people read them. The catalogs in words/ have the same keys (tests/page holds them to it).
import en from './words/en.js';
import hi from './words/hi.js';
import bn from './words/bn.js';

const catalogs = { en, hi, bn };
export const languages = [['en', 'English'], ['hi', 'हिन्दी'], ['bn', 'বাংলা']];

// Storage may be switched off: then a choice lasts as long as the page.
export const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
export const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* as said */ } };

let chosen = remembered('language') || (navigator.language || 'en').slice(0, 2);
if (!catalogs[chosen]) chosen = 'en';
export const language = () => chosen;
export function choose(code) {
  chosen = code;
  remember('language', code);
  document.documentElement.lang = code;
  document.title = `thap: ${w('title')}`;
}

// The words for `key`, with `{name}` replaced by what `values` has.
export function w(key, values) {
  const text = catalogs[chosen][key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '') : text;
}
// Of a value from the API (symptom, kind, ...): itself where nobody has named it yet.
export const named = (group, id) => catalogs[chosen][group][id] ?? id;
export const nameOf = (names, id) => names?.[chosen] || names?.en || id;

const numbers = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 1 });
export const number = (n) => (n === null || n === undefined ? w('gap') : numbers.format(n));

const ist = { timeZone: 'Asia/Kolkata', hourCycle: 'h23' };
const times = new Intl.DateTimeFormat('en-GB', { ...ist, hour: '2-digit', minute: '2-digit' });
const dated = {};  // by language; digits stay those of the numbers
const dates = () => (dated[chosen] ??= new Intl.DateTimeFormat(`${chosen}-IN-u-nu-latn`, { ...ist, day: 'numeric', month: 'short', year: 'numeric' }));
export const clock = (at) => (at ? times.format(new Date(at)) : '');
export const date = (at) => (at ? dates().format(new Date(at)) : '');
export const day = (at) => (at ? `${date(at)} ${clock(at)} IST` : '');

export function age(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 2) return `${Math.round(seconds)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? w('hour', { n: Math.floor(minutes / 60) }) : w('day', { n: number(Math.floor(minutes / 1440)) });
}
