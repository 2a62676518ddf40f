// Several services, one symptom or place, one scale.
import { useEffect, useState } from 'preact/hooks';
import { get, useAnswer } from './api.js';
import { find } from './board.jsx';
import { Chart } from './chart.jsx';
import { Ranges, save, Tools, Waiting } from './parts.jsx';
import { go, link, span_of } from './place.js';
import { nameOf, named, w } from './words.js';

const lines_at_most = 8;

// One line of values a moment, gaps empty, as the chart has them.
function csv_of(lines) {
  const field = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = lines[0].points.map((p, i) => [p.t, ...lines.map((line) => line.points[i]?.observed ?? '')].join(','));
  return `${['time', ...lines.map((line) => field(line.id))].join(',')}\n${rows.join('\n')}\n`;
}

// Symptoms and places that complaints about the chosen services named in the last 24 hours.
function useSlices(ids) {
  const [slices, set] = useState({ symptoms: [], places: [] });
  useEffect(() => {
    let is_wanted = true;
    Promise.all(ids.map((id) => get(`/api/v1/services/${encodeURIComponent(id)}`).catch(() => null))).then((bodies) => {
      if (!is_wanted) return;
      const all = (key) => {
        const found = new Map();
        for (const body of bodies) for (const one of body?.[key] ?? []) found.set(one.id, one);
        return [...found.values()];
      };
      set({ symptoms: all('symptoms'), places: all('places') });
    });
    return () => { is_wanted = false; };
  }, [ids.join()]);
  return slices;
}

function Adder({ services, chosen, onAdd }) {
  const [text, write] = useState('');
  const found = text.trim() ? find(services, text).filter((s) => !chosen.includes(s.id)).slice(0, 8) : [];
  const add = (id) => { write(''); onAdd(id); };
  return (
    <form class="adder" onSubmit={(e) => { e.preventDefault(); if (found[0]) add(found[0].id); }}>
      <input id="search" type="search" aria-label={w('add')} placeholder={`${w('add')}  ( / )`} value={text} onInput={(e) => write(e.currentTarget.value)} />
      <span class="chips">{found.map((s) => <button type="button" key={s.id} onClick={() => add(s.id)}>+ <bdi>{nameOf(s.name, s.id)}</bdi></button>)}</span>
    </form>
  );
}

function SlicePicker({ by, slices, onPick }) {
  const options = (list, kind, name) => list.map((one) => <option key={one.id} value={`${kind}=${one.id}`}>{name(one)}</option>);
  const values = [...slices.symptoms.map((s) => `symptom=${s.id}`), ...slices.places.map((p) => `place=${p.id}`)];
  const [kind, id] = by.split('=');
  return (
    <label>{w('what')}{' '}
      <select value={by} onChange={(e) => onPick(e.currentTarget.value)}>
        <option value="">{w('whole')}</option>
        {by && !values.includes(by) && <option value={by}>{kind === 'symptom' ? named('symptomNames', id) : id.replace(/^IN-/, '')}</option>}
        <optgroup label={w('symptom')}>{options(slices.symptoms, 'symptom', (s) => named('symptomNames', s.id))}</optgroup>
        <optgroup label={w('place')}>{options(slices.places, 'place', (p) => nameOf(p.name, p.id))}</optgroup>
      </select>
    </label>
  );
}

export function Compare({ values, services, beat, theme, name_of }) {
  const ids = (values.services ?? '').split(',').filter(Boolean).slice(0, lines_at_most);
  const by = values.by ?? '';
  const { query, hours } = span_of(values);
  const slices = useSlices(ids);
  const path = ids.length > 0 ? `/api/v1/series?service=${encodeURIComponent(ids.join(','))}&${query}${by ? `&by=${encodeURIComponent(by)}` : ''}` : null;
  const series = useAnswer(path, beat);
  const set = (changes) => go(link('compare', '', { ...values, ...changes }));
  const lines = ids.map((id) => ({ id, label: name_of(id), points: series.body?.lines.find((line) => line.service === id)?.points ?? [] }));
  return (
    <>
      <h1>{w('compare')}</h1>
      {ids.length < lines_at_most && <Adder services={services} chosen={ids} onAdd={(id) => set({ services: [...ids, id].join() })} />}
      <p class="chips">{ids.map((id) => (
        <button type="button" key={id} aria-label={w('remove', { name: name_of(id) })} onClick={() => set({ services: ids.filter((other) => other !== id).join() })}>
          <bdi>{name_of(id)}</bdi> ×
        </button>
      ))}</p>
      <SlicePicker by={by} slices={slices} onPick={(slice) => set({ by: slice })} />
      <Ranges view="compare" id="" values={values} chosen={hours} />
      {ids.length === 0 ? <p class="soft">{w('compareEmpty')}</p> : series.body ? <Chart theme={theme} lines={lines} /> : <Waiting error={series.error} />}
      <Tools>
        {series.body && <button type="button" onClick={() => save('thap.csv', 'text/csv', csv_of(lines))}>{w('csv')}</button>}
        {path && <a href={path}>{w('api')}</a>}
      </Tools>
      <p class="soft">{w('counts')}</p>
    </>
  );
}
