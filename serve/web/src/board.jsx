import { useState } from 'preact/hooks';
import { Sparkline } from './chart.jsx';
import { clock, day, language, number, w } from './words.js';

export const State = ({ state }) => <span class={`state ${state}`}>{w(state)}</span>;

const rank = { confirmed: 0, easing: 1, suspected: 2, quiet: 3 };

// `stale`: what failed then may work by now, so no word says "now".
export function Board({ body, stale }) {
  const [wanted, want] = useState('');
  const services = [...body.services].sort(
    (a, b) => rank[a.state] - rank[b.state] || b.complaints_24h - a.complaints_24h || a.id.localeCompare(b.id));
  const most = Math.max(...services.flatMap((s) => s.sparkline));
  const failing = services.filter((s) => s.state === 'confirmed' || s.state === 'easing');
  const asked = wanted.trim().toLowerCase();
  const shown = services.filter((s) => !failing.includes(s) &&
    (asked ? [s.id, ...Object.values(s.name)].some((name) => name.toLowerCase().includes(asked)) : s.complaints_24h > 0));
  const Row = ({ s }) => (
    <a class="row" href={`#/service/${s.id}`}>
      <strong>{s.name[language()] || s.name.en}</strong>
      <State state={s.state} />
      <span class="soft">{s.since ? `${w('since')} ${clock(s.since)} IST` : ''}</span>
      <Sparkline values={s.sparkline} most={most} />
      <span class="count" title={w('complaints24')}>{number(s.complaints_24h)} <span class="soft">/ 24 h</span></span>
    </a>
  );
  return (
    <>
      <section aria-live="polite">
        <h1>{stale ? `${w('then')} ${day(body.data.newest_at)}` : failing.length > 0 ? w('failing') : w('calm')}</h1>
        {stale && failing.length === 0 && <p>{w('calmThen')}</p>}
        {failing.map((s) => <Row key={s.id} s={s} />)}
      </section>
      <section>
        <h2>{w('all')}</h2>
        <input id="search" type="search" placeholder={`${w('search')}  ( / )`} aria-label={w('search')} value={wanted}
          onInput={(e) => want(e.currentTarget.value)} />
        {shown.slice(0, 100).map((s) => <Row key={s.id} s={s} />)}
        <p class="soft">/ 24 h: {w('complaints24')}. {w('counts')} {w('scale')}</p>
      </section>
    </>
  );
}
