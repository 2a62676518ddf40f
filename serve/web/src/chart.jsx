import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock, date, day, language, number, w } from './words.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const height = 260;
// Lines differ in colour and in stroke.
const dashes = [[], [8, 4], [2, 3], [12, 3, 2, 3], [5, 2], [1, 4], [10, 6], [6, 2, 1, 2]];

const seconds = (time) => Date.parse(time) / 1000;

// Shades incidents, and what lies behind `until` where the chart ends before its data.
function shade(plot, strips, until) {
  const { ctx, bbox } = plot;
  const x = (at) => Math.min(Math.max(plot.valToPos(at, 'x', true), bbox.left), bbox.left + bbox.width);
  const fill = (from, to, name) => {
    ctx.fillStyle = colour(name);
    ctx.fillRect(x(from), bbox.top, Math.max(x(to) - x(from), 1), bbox.height);
  };
  ctx.save();
  for (const { from, to } of strips) fill(seconds(from), to ? seconds(to) : plot.scales.x.max, '--strip');
  if (until) fill(seconds(until), plot.scales.x.max, '--paper-2');
  ctx.restore();
}

// What the table and the reading under the pointer say of one moment.
const said = (line, i) => {
  const p = line.points[i];
  const usual = p && p.hi !== null && p.hi !== undefined ? ` (${w('band')} ${number(p.lo)} – ${number(p.hi)})` : '';
  return `${number(p?.observed)}${usual}`;
};

function options(place, lines, show, is_banded, look) {
  const soft = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 } };
  const series = [{}, ...lines.map((line, i) => ({
    label: line.label, stroke: colour(lines.length === 1 ? '--hot' : `--line-${i}`), width: 2, dash: lines.length === 1 ? [] : dashes[i], points: { show: false } }))];
  if (is_banded) for (const label of ['hi', 'lo']) series.push({ label, stroke: colour('--band'), width: 0, points: { show: false } });
  return {
    width: place.clientWidth, height, series, legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    tzDate: (t) => uPlot.tzDate(new Date(t * 1000), 'Asia/Kolkata'),
    scales: { y: { range: (u, lo, hi) => [0, Math.max((hi ?? 0) * 1.05, 5)] } },
    axes: [
      { ...soft, space: 64, values: (u, all, axis, space, step) => all.map((t) => (step >= 86_400 ? date(t * 1000).replace(/ \d{4}$/, '') : clock(t * 1000))) },
      { ...soft, size: 56, values: (u, all) => all.map((n) => (Number.isInteger(n) ? number(n) : '')) }],
    bands: is_banded ? [{ series: [lines.length + 1, lines.length + 2], fill: colour('--band') }] : [],
    hooks: { setCursor: [(u) => show(u.cursor.idx ?? null)], drawClear: [(u) => shade(u, look.current.strips, look.current.until)] },
  };
}

// Complaints over time, `lines` of {label, points: [{t, observed, lo, hi}]} on one scale; one line alone stands inside the
// band of what is usual. A gap in the data is a gap in the line.
export function Chart({ lines, strips = [], until, theme }) {
  const place = useRef(), plot = useRef(), look = useRef();
  look.current = { strips, until };
  const [at, show] = useState(null);
  const points = lines[0]?.points ?? [];
  const is_banded = lines.length === 1 && points.some((p) => p.hi !== null && p.hi !== undefined);
  const shape = JSON.stringify([lines.map((line) => line.label), is_banded, theme, language()]);
  const column = (list, key) => list.map((p) => p[key] ?? null);
  const data = [points.map((p) => seconds(p.t)), ...lines.map((line) => column(line.points, 'observed'))];
  if (is_banded) data.push(column(points, 'hi'), column(points, 'lo'));
  useEffect(() => {
    plot.current = new uPlot(options(place.current, lines, show, is_banded, look), data, place.current);
    const fit = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height }));
    fit.observe(place.current);
    return () => { fit.disconnect(); plot.current.destroy(); plot.current = null; };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [lines, until, JSON.stringify(strips)]);
  return (
    <figure>
      <div ref={place} class="plot" role="img" aria-label={lines.map((line) => `${line.label}: ${summary(line.points)}`).join(' ')} />
      <p class="reading soft" aria-hidden="true">
        {at !== null && points[at] ? `${day(points[at].t)}: ` : ''}
        {lines.map((line, i) => (
          <span key={line.label} class="key"><i class={lines.length === 1 ? 'mark hot' : `mark line-${i}`} />{line.label}{at !== null && points[at] ? ` ${said(line, at)}` : ''} </span>
        ))}
        {is_banded && <span class="key"><i class="mark band" />{w('band')} </span>}
        {strips.length > 0 && <span class="key"><i class="mark strip" />{w('incidentStrip')}</span>}
      </p>
      <figcaption>{lines.length === 1 ? summary(points) : w('compareNote')}</figcaption>
      <Table head={[w('time'), ...lines.map((line) => line.label)]} rows={() => points.map((p, i) => [day(p.t), ...lines.map((line) => said(line, i))])} />
    </figure>
  );
}

export function summary(points) {
  const most = points.reduce((a, b) => ((b.observed ?? -1) > (a?.observed ?? -1) ? b : a), undefined);
  if (!most || most.observed === null) return w('noPlot');
  if (most.observed === 0) return w('flat');
  const has_usual = most.hi !== null && most.hi !== undefined;
  return w(has_usual ? 'peak' : 'peakAlone', { n: number(most.observed), time: day(most.t), lo: number(most.lo), hi: number(most.hi) });
}

// The same as a table, for who cannot or would not look at a drawing; its rows are made when it is opened.
export function Table({ head, rows, title = w('table') }) {
  const [is_open, open] = useState(false);
  return (
    <details onToggle={(e) => open(e.currentTarget.open)}>
      <summary>{title}</summary>
      {is_open && (
        <div class="scroll" tabIndex="0" role="region" aria-label={title}>
          <table>
            <thead><tr>{head.map((text) => <th key={text} scope="col">{text}</th>)}</tr></thead>
            <tbody>{rows().map((row) => <tr key={row[0]}>{row.map((text, i) => <td key={i}>{text}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
    </details>
  );
}

// `most` is the same for all on a page, so that what is small looks small.
export function Sparkline({ values, most }) {
  const step = 120 / Math.max(values.length - 1, 1);
  const line = values.map((n, i) => `${(i * step).toFixed(1)},${(27 - (26 * n) / Math.max(most, 1)).toFixed(1)}`).join(' ');
  return <svg class="spark" viewBox="0 0 120 28" aria-hidden="true"><polyline points={line} /></svg>;
}
