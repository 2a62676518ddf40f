import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAnswer, useClock, useStream } from './api.js';
import { Board } from './board.jsx';
import { Compare } from './compare.jsx';
import { Incident } from './incident.jsx';
import { Waiting } from './parts.jsx';
import { go, usePlace } from './place.js';
import { Read } from './read.jsx';
import { Service } from './service.jsx';
import { age, choose, clock, day, language, languages, nameOf, number, remember, remembered, w } from './words.js';
import './page.css';

const speeds = [1, 10, 60, 120, 600, 3600];

// Stale data is never shown as current: the badge says until when the data goes.
function Badge({ time, live }) {
  const [kind, text] = !time.data ? ['', time.lost ? w('reconnecting') : '…']
    : time.is_stale ? ['old', time.data.newest_at ? w('stale', { time: day(time.data.newest_at) }) : w('noData')]
    : time.lost || !live ? ['off', w('reconnecting')]
    : time.replay?.ended ? ['', w('over')]
    : ['on', time.replay ? w('replay') : w('live')];
  return <span class={`badge ${kind}`} data-badge={kind}>{text}</span>;
}

async function set_replay(change, look) {
  await fetch('/api/v1/replay', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change) }).catch(() => {});
  look();
}

function ReplayBar({ time, look }) {
  const { speed, paused, ended, can_be_changed: can } = time.replay;
  const offered = speeds.includes(speed) ? speeds : [...speeds, speed].sort((a, b) => a - b);
  return (
    <div class="replay" role="group" aria-label={w('replay')}>
      <strong>{w('replay')}</strong> <time dateTime={time.now}>{day(time.now)}</time>
      {can && !ended && <button type="button" onClick={() => set_replay({ paused: !paused }, look)}>{w(paused ? 'resume' : 'pause')}</button>}
      {can && !ended && (
        <label>{w('speed')} <select value={String(speed)} onChange={(e) => set_replay({ speed: Number(e.currentTarget.value) }, look)}>
          {offered.map((n) => <option key={n} value={String(n)}>{w('times', { n: number(n) })}</option>)}
        </select></label>
      )}
    </div>
  );
}

// How current all of this is, where that is not plain.
function Standing({ time, look }) {
  const is_late = time.is_stale && time.data?.newest_at;
  if (!time.replay && !time.lost && !is_late) return null;
  return (
    <aside aria-label={w('standing')}>
      {time.replay && <ReplayBar time={time} look={look} />}
      {time.lost && <p class="warning" role="alert">{w('lost')}</p>}
      {is_late && <p class="warning">{w('staleLong', { age: age(time.age_s) })}</p>}
    </aside>
  );
}

const seconds_between_words = 8;

// Speaks changes of state, politely and not more often than one can listen; several at once are one sentence.
function useAnnouncer() {
  const [text, say] = useState('');
  const waiting = useRef([]), timer = useRef(null);
  const speak = () => {
    timer.current = null;
    const words = waiting.current.splice(0);
    if (words.length === 0) return;
    say(words.length === 1 ? words[0] : w('several', { n: words.length, text: words.slice(-4).join('; ') }));
    timer.current = setTimeout(speak, seconds_between_words * 1000);
  };
  return [text, (words) => { waiting.current.push(words); timer.current ??= setTimeout(speak, 200); }];
}

function Help({ dialog }) {
  return (
    <dialog ref={dialog} aria-labelledby="help-title">
      <h2 id="help-title">{w('help')}</h2>
      <dl>
        <dt><kbd>/</kbd></dt><dd>{w('keySearch')}</dd>
        <dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>{w('keyMove')}</dd>
        <dt><kbd>?</kbd></dt><dd>{w('keyHelp')}</dd>
      </dl>
      <form method="dialog"><button>{w('close')}</button></form>
    </dialog>
  );
}

function move_focus(by) {
  const rows = [...document.querySelectorAll('a.row')];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

function search() {
  const field = document.getElementById('search');
  if (field) return field.focus();
  go('#/');
  setTimeout(() => document.getElementById('search')?.focus(), 100);
}

function useKeys(dialog) {
  useEffect(() => {
    const pressed = (event) => {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') { search(); event.preventDefault(); }
      if (event.key === 'j') move_focus(1);
      if (event.key === 'k') move_focus(-1);
      if (event.key === '?' && !dialog.current.open) dialog.current.showModal();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

// Dark where the system is, until somebody says otherwise here.
function useTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const [theme, set] = useState(remembered('theme') || (dark.matches ? 'dark' : 'light'));
  document.documentElement.dataset.theme = theme;
  return [theme, () => { const next = theme === 'dark' ? 'light' : 'dark'; remember('theme', next); set(next); }];
}

function Header({ view, time, live, theme, turn, onLanguage }) {
  const item = (name, address) => <a href={address} aria-current={view === name ? 'page' : undefined}>{w(name)}</a>;
  return (
    <header>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>{w('skip')}</a>
      <a class="name" href="#/">thap <span lang="hi">ठप</span></a>
      <nav aria-label="thap">{item('board', '#/')} {item('compare', '#/compare')} {item('read', '#/read')}</nav>
      <Badge time={time} live={live} />
      <span class="languages" role="group" aria-label={w('language')}>{languages.map(([code, name]) => (
        <button key={code} type="button" lang={code} aria-pressed={code === language()} onClick={() => onLanguage(code)}>{name}</button>
      ))}</span>
      <button type="button" class="theme" title={w('theme')} onClick={turn}>{w(theme === 'dark' ? 'light' : 'dark')}</button>
    </header>
  );
}

function Page() {
  const { view, id, values } = usePlace();
  const [, redraw] = useState(0);
  const [time, look] = useClock();
  const [theme, turn] = useTheme();
  const [spoken, announce] = useAnnouncer();
  const dialog = useRef();
  const names = useRef({});
  const name_of = (service) => nameOf(names.current[service], service);
  const stream = useStream((t) => !t.annotated && announce(w('changed', { name: name_of(t.incident.service), state: w(t.to) })));
  useKeys(dialog);
  // Anew with every change of state, and whenever newer posts were read: once a minute, in a replay once a second.
  const newest = time.data?.newest_at;
  const beat = `${stream.count} ${time.replay ? time.now : newest && clock(newest)} ${time.lost}`;
  const is_board = view === 'board';
  const board = useAnswer('/api/v1/services', is_board ? beat : 'names');
  for (const s of board.body?.services ?? []) names.current[s.id] ??= s.name;
  const shared = { beat, theme, name_of, values };
  return (
    <>
      <Header view={view} time={time} live={stream.live} theme={theme} turn={turn} onLanguage={(code) => { choose(code); redraw((n) => n + 1); }} />
      <Standing time={time} look={() => look.current()} />
      <main id="main" tabIndex="-1" key={`${view}/${id}`}>
        {view === 'service' ? <Service id={id} {...shared} />
          : view === 'incident' ? <Incident id={id} now={time.now} {...shared} />
          : view === 'compare' ? <Compare services={board.body?.services ?? []} {...shared} />
          : view === 'read' ? <Read name_of={name_of} />
          : board.body ? <Board body={board.body} stale={time.is_stale} name_of={name_of} />
          : <Waiting error={board.error} />}
      </main>
      <p class="unseen" role="status" aria-live="polite">{spoken}</p>
      <Help dialog={dialog} />
    </>
  );
}

choose(language());
render(<Page />, document.getElementById('page'));
