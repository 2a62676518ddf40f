// Small pieces that several views show.
import { useState } from 'preact/hooks';
import { link, ranges } from './place.js';
import { w } from './words.js';

export const State = ({ state }) => <span class={`state ${state}`}>{w(state)}</span>;

export const Waiting = ({ error }) => (error ? <p role="alert">{error}</p> : <p class="soft">{w('loading')}…</p>);

export const range_name = (hours) => (hours < 48 ? w('hour', { n: hours }) : w('day', { n: hours / 24 }));

export const Ranges = ({ view, id, values, chosen }) => (
  <nav aria-label={w('hours')} class="ranges">
    {ranges.map((hours) => (
      <a key={hours} href={link(view, id, { ...values, hours, from: '', to: '' })} aria-current={hours === chosen ? 'true' : undefined}>{range_name(hours)}</a>
    ))}
  </nav>
);

// Share (or copy the address where nothing can be shared with), print, and what a view has of its own.
export function Tools({ children }) {
  const [told, tell] = useState('');
  const share = async () => {
    try {
      if (navigator.share) { await navigator.share({ title: document.title, url: location.href }); return; }
      await navigator.clipboard.writeText(location.href);
      tell(w('shared'));
    } catch { tell(location.href); }
  };
  return (
    <p class="tools">
      <button type="button" onClick={share}>{w('share')}</button>
      <button type="button" onClick={() => print()}>{w('print')}</button>
      {children}
      <span role="status" class="soft">{told}</span>
    </p>
  );
}

export function Split({ title, rows, name, href }) {
  const most = Math.max(1, ...rows.map((r) => r.posts));
  return (
    <section class="split">
      <h2>{title}</h2>
      {rows.length === 0 && <p class="soft">{w('none')}</p>}
      {rows.slice(0, 10).map((r) => (
        <div class="bar" key={r.id}>
          <span>{href ? <a href={href(r)}>{name(r)}</a> : name(r)}</span>
          <meter min="0" max={most} value={r.posts} aria-label={name(r)} />
          <span class="count">{r.posts.toLocaleString('en-IN')}</span>
        </div>
      ))}
    </section>
  );
}

// Saves `text` as a file; nothing goes over the network.
export function save(name, type, text) {
  const at = URL.createObjectURL(new Blob([text], { type }));
  const anchor = Object.assign(document.createElement('a'), { href: at, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(at), 1000);
}
