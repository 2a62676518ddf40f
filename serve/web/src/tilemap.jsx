// The 28 states and 8 union territories as tiles of one size, in rough order of where they lie: no outline is drawn, so no
// border is claimed, and what is small on a map can be seen.
import { link } from './place.js';
import { nameOf, number, w } from './words.js';
import { Table } from './chart.jsx';

// ISO 3166-2 code without "IN-": column, row.
const tiles = {
  JK: [2, 0], LA: [3, 0],
  PB: [1, 1], CH: [2, 1], HP: [3, 1],
  HR: [1, 2], DL: [2, 2], UK: [3, 2], SK: [4, 2], AR: [7, 2],
  RJ: [1, 3], UP: [2, 3], BR: [3, 3], AS: [6, 3], NL: [7, 3],
  GJ: [0, 4], MP: [1, 4], CG: [2, 4], JH: [3, 4], WB: [4, 4], ML: [6, 4], MN: [7, 4],
  DH: [0, 5], MH: [1, 5], TS: [2, 5], OD: [3, 5], TR: [6, 5], MZ: [7, 5],
  GA: [0, 6], KA: [1, 6], AP: [2, 6],
  LD: [0, 7], KL: [1, 7], TN: [2, 7], PY: [3, 7], AN: [6, 7],
};

// 0 where nobody speaks of it, else 1 to 4 by share of the largest.
const shade = (posts, most) => (posts === 0 ? 0 : Math.max(1, Math.ceil((4 * posts) / most)));

export function TileMap({ regions, places, service, hours }) {
  const most = Math.max(1, ...regions.map((r) => r.posts));
  const cities = places.filter((p) => p.kind === 'city' && p.id.startsWith('IN-'));
  const region_name = Object.fromEntries(regions.map((r) => [r.id, nameOf(r.name, r.id)]));
  return (
    <section>
      <h2>{w('map')}</h2>
      <ul class="tiles">
        {regions.filter((r) => tiles[r.id.slice(3)]).map((r) => {
          const [column, row] = tiles[r.id.slice(3)];
          const name = nameOf(r.name, r.id);
          return (
            <li key={r.id} style={{ gridColumn: column + 1, gridRow: row + 1 }}>
              <a class={`tile shade-${shade(r.posts, most)}`} title={`${name}: ${number(r.posts)}`} aria-label={`${name}: ${number(r.posts)}`}
                href={link('compare', '', { services: service, by: `place=${r.place}`, hours })}>
                <b>{r.id.slice(3)}</b><span>{number(r.posts)}</span>
              </a>
            </li>
          );
        })}
      </ul>
      <p class="soft">{w('mapNote')}</p>
      <Table title={`${w('table')}: ${w('map')}`} head={[w('state'), w('posts')]} rows={() => regions.map((r) => [region_name[r.id], number(r.posts)])} />
      <Table title={`${w('cities')} (${number(cities.length)})`} head={[w('city'), w('state'), w('posts')]}
        rows={() => cities.map((p) => [nameOf(p.name, p.id), region_name[p.region] ?? '', number(p.posts)])} />
    </section>
  );
}
