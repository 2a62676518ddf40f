import { useEffect, useState } from 'preact/hooks';

export async function get(path) {
  const answer = await fetch(path, { headers: { Accept: 'application/json' } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail || body.title || String(answer.status));
  return body;
}

// The answer to `path`, asked anew whenever `beat` changes; the last good one stays while a new one is on its way.
export function useAnswer(path, beat) {
  const [state, set] = useState({});
  useEffect(() => {
    let wanted = true;
    get(path).then(
      (body) => wanted && set({ path, body }),
      (error) => wanted && set((old) => ({ path, body: old.path === path ? old.body : undefined, error: error.message })),
    );
    return () => { wanted = false; };
  }, [path, beat]);
  return state.path === path ? state : {};
}

// Grows by one with every transition and every minute; `live` says whether the stream stands.
export function useBeat() {
  const [beat, set] = useState({ count: 0, live: false });
  useEffect(() => {
    const next = (live) => set((old) => ({ count: old.count + 1, live }));
    const stream = new EventSource('/api/v1/stream');
    stream.onopen = () => next(true);
    stream.onerror = () => set((old) => ({ ...old, live: false }));
    for (const name of ['transition', 'reset']) stream.addEventListener(name, () => next(true));
    const timer = setInterval(() => set((old) => ({ ...old, count: old.count + 1 })), 60_000);
    return () => { stream.close(); clearInterval(timer); };
  }, []);
  return beat;
}
