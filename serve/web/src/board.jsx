import { useState } from 'preact/hooks';
import { Sparkline } from './chart.jsx';
import { State } from './parts.jsx';
import { link } from './place.js';
import { clock, date, day, nameOf, number, w } from './words.js';

const rank = { confirmed: 0, easing: 1, suspected: 2, quiet: 3 };
const rows_at_most = 100;

export const find = (services, text) => {
  const asked = text.trim().toLowerCase();
  return services.filter((s) => [s.id, ...Object.values(s.name)].some((name) => name.toLowerCase().includes(asked)));
};

// A time of another day than the newest record's is told with its day.
const since = (at, newest) => (date(at) === date(newest) ? clock(at) : day(at).replace(/ IST$/, ''));

function Row({ s, most, newest, headline }) {
  return (
    <a class={`row ${headline ? 'failing' : ''}`} href={headline && s.incident ? link('incident', s.incident) : link('service', s.id)}>
      <strong><bdi>{nameOf(s.name, s.id)}</bdi></strong>
      <State state={s.state} />
      <span class="soft since">{s.since ? w('since', { time: since(s.since, newest) }) : ''}</span>
      <Sparkline values={s.sparkline} most={most} />
      <span class="count" title={w('complaints24')}>{number(s.complaints_24h)} <span class="soft">/ {w('hour', { n: 24 })}</span></span>
      {headline && s.headline && <span class="headline">{nameOf(s.headline)}</span>}
    </a>
  );
}

// Incidents with one cause are one card, the cause first.
function groups_of(failing) {
  const cards = new Map();
  for (const s of failing) {
    const key = s.group ?? s.id;
    cards.set(key, [...(cards.get(key) ?? []), s]);
  }
  return [...cards.values()];
}

// `stale`: what failed then may work by now, so no word says "now".
export function Board({ body, stale, name_of }) {
  const [wanted, want] = useState('');
  const services = [...body.services].sort(
    (a, b) => rank[a.state] - rank[b.state] || b.complaints_24h - a.complaints_24h || a.id.localeCompare(b.id));
  const most = services.reduce((top, s) => Math.max(top, ...s.sparkline), 0);
  const failing = services.filter((s) => s.state === 'confirmed' || s.state === 'easing');
  const asked = wanted.trim();
  const shown = (asked ? find(services, asked) : services.filter((s) => !failing.includes(s) && (s.complaints_24h > 0 || s.state !== 'quiet')));
  const newest = body.data.newest_at;
  return (
    <>
      <section>
        <h1>{stale ? w('then', { time: day(newest) }) : failing.length > 0 ? w('failing') : w('calm')}</h1>
        {stale && failing.length === 0 && newest && <p>{w('calmThen')}</p>}
        {groups_of(failing).map((members) => {
          const cause = members.find((s) => s.cause)?.cause;
          return members.length > 1 || cause ? (
            <section class="card" key={members[0].group ?? members[0].id}>
              {cause && <h2>{w('common', { cause: name_of(cause) })}</h2>}
              {members.map((s) => <Row key={s.id} s={s} most={most} newest={newest} headline />)}
            </section>
          ) : <Row key={members[0].id} s={members[0]} most={most} newest={newest} headline />;
        })}
      </section>
      <section>
        <h2>{w('all')}</h2>
        <input id="search" type="search" placeholder={`${w('search')}  ( / )`} aria-label={w('search')} value={wanted}
          onInput={(e) => want(e.currentTarget.value)} />
        {shown.length === 0 && asked && <p class="soft">{w('nothingFound')}</p>}
        {shown.slice(0, rows_at_most).map((s) => <Row key={s.id} s={s} most={most} newest={newest} />)}
        <p class="soft">{w('complaints24')}. {w('counts')} {w('scale')}</p>
      </section>
    </>
  );
}
