import { useAnswer } from './api.js';
import { Chart } from './chart.jsx';
import { Ranges, Split, State, Tools, Waiting } from './parts.jsx';
import { link, span_of } from './place.js';
import { TileMap } from './tilemap.jsx';
import { clock, date, day, nameOf, named, number, w } from './words.js';

export const network_names = { x: 'X', bluesky: 'Bluesky', mastodon: 'Mastodon', reddit: 'Reddit', telegram: 'Telegram', youtube: 'YouTube' };

// Incidents that touch the chart, as strips on it.
export const strips_of = (incidents) => incidents.map((i) => ({ from: i.started_at, to: i.resolved_at }));

function Why({ why, incident }) {
  const counted = incident && w('countedWords', {
    posts: number(incident.observed.posts), authors: number(incident.observed.authors), minutes: number(incident.observed.minutes),
    lo: number(incident.expected.lo), hi: number(incident.expected.hi) });
  return (
    <section>
      <h2>{w('why')}</h2>
      <dl>
        {counted && <><dt>{w('counted')}</dt><dd>{counted}</dd></>}
        {why && <>
          <dt>{w('score')}</dt><dd>{number(why.score)}</dd>
          <dt>{w('threshold')}</dt><dd>{number(why.threshold)}</dd>
          <dt>{w('expected')}</dt><dd>{number(why.expected_per_minute)}</dd>
          <dt>{w('usual')}</dt><dd>{number(why.usual_per_minute)}</dd>
        </>}
        {incident && <><dt>{w('versions')}</dt><dd><code>{incident.versions.rules}</code>, <code>{incident.versions.lexicon}</code></dd></>}
      </dl>
    </section>
  );
}

export function IncidentRow({ incident }) {
  const { started_at: from, resolved_at: to } = incident;
  const end = !to ? '' : date(from) === date(to) ? clock(to) : day(to);
  return (
    <a class="row slim" href={link('incident', incident.id)}>
      <State state={incident.state} /><span>{day(from)} – {end}</span>
      <span class="count">{number(incident.observed.posts)} <span class="soft">{w('posts')}</span></span>
    </a>
  );
}

export function Service({ id, values, beat, theme }) {
  const { query, hours } = span_of(values);
  const { body, error } = useAnswer(`/api/v1/services/${encodeURIComponent(id)}`, beat);
  const path = `/api/v1/series?service=${encodeURIComponent(id)}&${query}`;
  const series = useAnswer(path, beat);
  if (!body) return <Waiting error={error} />;
  const last = body.incidents[0];
  const compared = (by) => link('compare', '', { services: id, by, hours });
  return (
    <>
      <h1><bdi>{nameOf(body.name, id)}</bdi> <State state={body.state} /></h1>
      {body.incident && last && <p class="headline"><a href={link('incident', last.id)}>{nameOf(last.headline)}</a> {w('counts')}</p>}
      <Ranges view="service" id={id} values={values} chosen={hours} />
      {series.body ? <Chart theme={theme} strips={strips_of(body.incidents)}
        lines={[{ label: w('observed'), points: series.body.lines[0]?.points ?? [] }]} /> : <Waiting error={series.error} />}
      <Tools>
        <a href={compared('')}>{w('compare')}</a> <a href={path}>{w('api')}</a> <a href={`/feeds/incidents.atom?service=${encodeURIComponent(id)}`}>{w('feed')}</a>
      </Tools>
      <div class="splits">
        <Split title={w('symptoms')} rows={body.symptoms} name={(r) => named('symptomNames', r.id)} href={(r) => compared(`symptom=${r.id}`)} />
        <Split title={w('languages')} rows={body.languages} name={(r) => named('languageNames', r.id)} />
        <Split title={w('sources')} rows={body.sources} name={(r) => network_names[r.id] ?? r.id} />
      </div>
      <TileMap regions={body.regions} places={body.places} service={id} hours={hours} />
      {(body.why || last) && <Why why={body.why} incident={last} />}
      <section>
        <h2>{w('incidents')}</h2>
        {body.incidents.length === 0 && <p class="soft">{w('none')}</p>}
        {body.incidents.map((i) => <IncidentRow key={i.id} incident={i} />)}
      </section>
    </>
  );
}
