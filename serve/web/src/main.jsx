import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useAnswer, useBeat } from './api.js';
import { Board } from './board.jsx';
import { Read } from './read.jsx';
import { Incident, Service } from './service.jsx';
import { choose, day, language, languages, w } from './words.js';
import './page.css';

const stale_after_s = 150;

function usePlace() {
  const [place, set] = useState(location.hash);
  useEffect(() => {
    const moved = () => set(location.hash);
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return place.replace(/^#?\/?/, '').split('/').map(decodeURIComponent);
}

const isStale = (data) => data.age_s === null || data.age_s > stale_after_s;

// Stale data is never shown as current: the badge says until when the data goes.
function Badge({ live, data, error }) {
  if (error) return <span class="badge off">{w('unreachable')}</span>;
  if (!data) return <span class="badge">…</span>;
  if (isStale(data)) return <span class="badge old">{w('stale')} {day(data.newest_at)}</span>;
  if (!live) return <span class="badge off">{w('reconnecting')}</span>;
  return <span class="badge on">{w('live')}</span>;
}

function moveFocus(by) {
  const rows = [...document.querySelectorAll('a.row')];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

function Page() {
  const [view, id, hours] = usePlace();
  const [, redraw] = useState(0);
  const beat = useBeat();
  const board = useAnswer('/api/v1/services', beat.count);
  document.title = `thap: ${w('title')}`;
  useEffect(() => {
    const pressed = (event) => {
      if (/^(INPUT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') { document.getElementById('search')?.focus(); event.preventDefault(); }
      if (event.key === 'j') moveFocus(1);
      if (event.key === 'k') moveFocus(-1);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <>
      <header>
        <a class="name" href="#/">thap <span lang="hi">ठप</span></a>
        <nav><a href="#/">{w('board')}</a> <a href="#/read">{w('read')}</a></nav>
        <Badge live={beat.live} data={board.body?.data} error={board.error} />
        <span class="languages">{languages.map(([code, name]) => (
          <button key={code} lang={code} aria-pressed={code === language()} onClick={() => { choose(code); redraw((n) => n + 1); }}>{name}</button>
        ))}</span>
      </header>
      <main>
        {view === 'service' ? <Service id={id} hours={Number(hours) || 24} beat={beat.count} />
          : view === 'incident' ? <Incident id={id} beat={beat.count} />
          : view === 'read' ? <Read />
          : board.body ? <Board body={board.body} stale={isStale(board.body.data)} />
          : <p class="soft">{board.error || '…'}</p>}
      </main>
    </>
  );
}

choose(language());
render(<Page />, document.getElementById('page'));
