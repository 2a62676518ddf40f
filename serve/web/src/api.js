// What the server says: answers, the time, and what has changed since.
import { useEffect, useRef, useState } from 'preact/hooks';

// Counts may be kept for the rest of a minute; who is told that they have changed asks anew.
const cache_of = (path) => (path.startsWith('/api/v1/series') ? 'no-cache' : 'default');

export async function get(path) {
  const answer = await fetch(path, { headers: { Accept: 'application/json' }, cache: cache_of(path) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail || body.title || String(answer.status));
  return body;
}

// The answer to `path` (none: nothing is asked), asked anew whenever `beat` changes; the last good one stays while a new
// one is on its way. A beat that comes while an answer is on its way waits for it.
export function useAnswer(path, beat) {
  const [state, set] = useState({});
  const asking = useRef({});
  useEffect(() => {
    if (!path) return;
    const of = asking.current;
    of.wanted = path;
    if (of.path === path) { of.again = true; return; }
    const ask = () => {
      Object.assign(of, { path, again: false });
      get(path).then((body) => ({ path, body }), (error) => ({ path, error: error.message })).then((got) => {
        if (of.path === path) of.path = null;
        if (of.wanted !== path) return;
        set((old) => ({ body: old.path === path ? old.body : undefined, ...got }));
        if (of.again) ask();
      });
    };
    ask();
  }, [path, beat]);
  useEffect(() => () => { asking.current.wanted = null; }, []);
  return path && state.path === path ? state : {};
}

const seconds_between_looks = 5, seconds_hidden = 30;
const stale_after_s = 75;
// A replay is looked at once a second, which is many of its own.
const looks_missed = 3;

// What /api/v1/clock says, again and again: {now, replay, data, is_stale, age_s}; `lost` while nobody answers.
export function useClock() {
  const [state, set] = useState({});
  const again = useRef(() => {});
  useEffect(() => {
    let timer, last, heard = 0, is_over = false;
    const tell = (lost) => {
      if (!last) return set({ lost });
      const { replay, data } = last;
      const runs = !replay || (!replay.paused && !replay.ended);
      const gone = runs ? ((performance.now() - heard) / 1000) * (replay?.speed ?? 1) : 0;
      const age_s = data.age_s === null ? null : data.age_s + gone;
      const patience = stale_after_s + (replay ? looks_missed * replay.speed : 0);
      set({ ...last, lost, age_s, is_stale: age_s === null || (!replay?.ended && age_s > patience) });
    };
    const look = async () => {
      clearTimeout(timer);
      let lost = false;
      try { last = await get('/api/v1/clock'); heard = performance.now(); } catch { lost = true; }
      if (is_over) return;
      tell(lost);
      const moves = last?.replay && !last.replay.paused && !last.replay.ended;
      timer = setTimeout(look, 1000 * (document.hidden ? seconds_hidden : moves ? 1 : seconds_between_looks));
    };
    const seen = () => !document.hidden && look();
    document.addEventListener('visibilitychange', seen);
    again.current = look;
    look();
    return () => { is_over = true; clearTimeout(timer); document.removeEventListener('visibilitychange', seen); };
  }, []);
  return [state, again];
}

// Hands every transition to `hear`; says whether the stream stands. A browser opens few connections to a host over all its
// tabs, so one tab holds the stream and tells the others.
export function useStream(hear) {
  const [state, set] = useState({ count: 0, live: false });
  const ear = useRef();
  ear.current = hear;
  useEffect(() => {
    let stream, last_id = '', live = false;
    const channel = new BroadcastChannel('thap-stream');
    const take = (message) => {
      live = message.live ?? live;
      if (message.id) last_id = message.id;
      if (message.transition) ear.current(message.transition);
      set((old) => ({ count: old.count + (message.quiet ? 0 : 1), live }));
    };
    const tell = (message) => { take(message); channel.postMessage(message); };
    const lead = () => {
      stream = new EventSource(`/api/v1/stream${last_id ? `?last_event_id=${encodeURIComponent(last_id)}` : ''}`);
      stream.onopen = () => tell({ live: true });
      stream.onerror = () => {
        tell({ live: false, quiet: true });
        // A browser gives up on an answer that is no stream; we do not.
        if (stream.readyState === EventSource.CLOSED) setTimeout(() => stream && lead(), 5000);
      };
      stream.addEventListener('transition', (e) => tell({ id: e.lastEventId, transition: JSON.parse(e.data) }));
      stream.addEventListener('reset', () => tell({}));
    };
    channel.onmessage = ({ data }) => {
      if (data.hello) { if (stream) channel.postMessage({ live, quiet: true }); } else take(data);
    };
    channel.postMessage({ hello: true });
    const end = new AbortController();
    let let_go = () => {};
    if (navigator.locks) {
      navigator.locks.request('thap-stream', { signal: end.signal }, () => { lead(); return new Promise((done) => { let_go = done; }); })
        .catch(() => {});
    } else {
      lead();
    }
    return () => { end.abort(); stream?.close(); stream = null; channel.close(); let_go(); };
  }, []);
  return state;
}
