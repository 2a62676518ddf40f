// Where we are stands in the address: #/VIEW/ID?key=value.
import { useEffect, useState } from 'preact/hooks';

export function link(view, id, values = {}) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  const path = [view, id].filter(Boolean).map(encodeURIComponent).join('/');
  return `#/${path}${query.size ? `?${query}` : ''}`;
}

function parsed(hash) {
  const [path, query] = hash.replace(/^#?\/?/, '').split('?');
  let parts = [];
  try { parts = path.split('/').map(decodeURIComponent); } catch { /* no address of ours: the board */ }
  return { view: parts[0] || 'board', id: parts[1] ?? '', values: Object.fromEntries(new URLSearchParams(query ?? '')) };
}

export function usePlace() {
  const [hash, set] = useState(location.hash);
  useEffect(() => {
    const moved = () => set(location.hash);
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return parsed(hash);
}

// `quietly`: without a step in the history, as for a slider that is being moved.
export function go(address, quietly) {
  if (!quietly) { location.hash = address; return; }
  history.replaceState(null, '', address);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export const ranges = [1, 6, 24, 168, 720];
export const range_of = (values) => (ranges.includes(Number(values.hours)) ? Number(values.hours) : 24);
export const step_of = (hours) => Math.max(1, Math.round((hours * 60) / 288));
// What /api/v1/series is asked for: hours up to the newest record, or from..to as they stand in the address.
export function span_of(values) {
  const hours = range_of(values);
  if (values.from && values.to) {
    const minutes = (Date.parse(values.to) - Date.parse(values.from)) / 60_000;
    if (minutes > 0) return { query: `from=${encodeURIComponent(values.from)}&to=${encodeURIComponent(values.to)}&step=${step_of(minutes / 60)}`, hours: 0 };
  }
  return { query: `from=${hours}h&step=${step_of(hours)}`, hours };
}
