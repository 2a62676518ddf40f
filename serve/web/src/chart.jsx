import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock, day, number, w } from './words.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Complaints over time inside the band of what is usual. A gap in the data is a gap in the line.
export function Chart({ points }) {
  const place = useRef();
  useEffect(() => {
    const at = points.map((p) => Date.parse(p.t) / 1000);
    const column = (key) => points.map((p) => p[key]);
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line') }, ticks: { stroke: colour('--line') } };
    const plot = new uPlot(
      {
        width: place.current.clientWidth,
        height: 260,
        tzDate: (t) => uPlot.tzDate(new Date(t * 1000), 'Asia/Kolkata'),
        scales: { y: { range: (u, lo, hi) => [0, Math.max(hi * 1.05, 5)] } },
        axes: [{ ...axis, values: (u, all) => all.map((t) => clock(t * 1000)) }, { ...axis, values: (u, all) => all.map(number) }],
        series: [
          { label: w('time'), value: (u, t) => (t ? day(t * 1000) : '') },
          { label: w('observed'), stroke: colour('--hot'), width: 2, value: (u, n) => number(n) },
          { label: w('band'), stroke: colour('--band'), width: 0, points: { show: false }, value: (u, n) => number(n) },
          { label: 'lo', stroke: colour('--band'), width: 0, points: { show: false }, value: (u, n) => number(n) },
        ],
        bands: [{ series: [2, 3], fill: colour('--band') }],
      },
      [at, column('observed'), column('hi'), column('lo')],
      place.current,
    );
    const resize = () => plot.setSize({ width: place.current.clientWidth, height: 260 });
    addEventListener('resize', resize);
    return () => { removeEventListener('resize', resize); plot.destroy(); };
  }, [points]);
  const most = points.reduce((a, b) => ((b.observed ?? -1) > (a.observed ?? -1) ? b : a), points[0] ?? {});
  return (
    <figure>
      <div ref={place} role="img" aria-label={`${w('observed')}: ${number(most.observed)}, ${day(most.t)}`} />
      <details>
        <summary>{w('table')}</summary>
        <table>
          <thead><tr><th>{w('time')}</th><th>{w('observed')}</th><th>{w('band')}</th></tr></thead>
          <tbody>{points.map((p) => (
            <tr key={p.t}><td>{day(p.t)}</td><td>{number(p.observed)}</td><td>{number(p.lo)} – {number(p.hi)}</td></tr>
          ))}</tbody>
        </table>
      </details>
    </figure>
  );
}

// `most` is the same for all on a page, so that what is small looks small.
export function Sparkline({ values, most }) {
  const step = 120 / Math.max(values.length - 1, 1);
  const line = values.map((n, i) => `${(i * step).toFixed(1)},${(27 - (26 * n) / Math.max(most, 1)).toFixed(1)}`).join(' ');
  return <svg class="spark" viewBox="0 0 120 28" aria-hidden="true"><polyline points={line} /></svg>;
}
