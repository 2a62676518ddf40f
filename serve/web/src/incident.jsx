import { useAnswer } from './api.js';
import { Chart } from './chart.jsx';
import { State, Tools, Waiting } from './parts.jsx';
import { go, link } from './place.js';
import { network_names } from './service.jsx';
import { clock, day, nameOf, named, number, w } from './words.js';

const minute_ms = 60_000;
const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

// From the first minute that is told to the end, or to now.
function Slider({ from, to, at, onMove }) {
  const first = Math.floor(from / minute_ms), last = Math.max(Math.ceil(to / minute_ms), first + 1);
  const value = Math.min(Math.max(at ? Math.ceil(at / minute_ms) : last, first), last);
  return (
    <p class="slider">
      <label>{w('asOf')} <output>{value === last ? w('now') : `${clock(value * minute_ms)} IST`}</output>
        <input type="range" min={first} max={last} value={value} aria-valuetext={value === last ? w('now') : day(value * minute_ms)}
          onInput={(e) => onMove(Number(e.currentTarget.value) >= last ? null : Number(e.currentTarget.value) * minute_ms)} />
      </label>
    </p>
  );
}

const Evidence = ({ list }) => (
  <section>
    <h2>{w('evidence')}</h2>
    {list.length === 0 && <p class="soft">{w('noEvidence')}</p>}
    {list.map((e, i) => (
      <article class="post" key={i}>
        <span class="soft">{clock(e.at)} · {network_names[e.network] ?? e.network} · {named('kindNames', e.kind)}{e.symptoms.map((s) => ` · ${named('symptomNames', s)}`)}</span>
        {e.sensitive
          ? <details><summary>{w('sensitive')}</summary><bdi lang={e.language}>{e.text ?? ''}</bdi></details>
          : <bdi lang={e.language}>{e.text ?? ''}</bdi>}
      </article>
    ))}
  </section>
);

const shares = (list, group) => list.map(({ id, share }) => `${named(group, id)} ${Math.round(share * 100)} %`).join(', ') || w('none');

function Facts({ body, name_of }) {
  const because = body.cause && w('cause', { cause: name_of(body.cause.provider), n: number(body.cause.posts) });
  return (
    <dl>
      <dt>{w('counted')}</dt>
      <dd>{w('countedWords', { posts: number(body.observed.posts), authors: number(body.observed.authors), minutes: number(body.observed.minutes), lo: number(body.expected.lo), hi: number(body.expected.hi) })}</dd>
      <dt>{w('severity')}</dt><dd>{w(body.severity)}</dd>
      <dt>{w('confidence')}</dt><dd>{w(body.confidence)}</dd>
      <dt>{w('symptoms')}</dt><dd>{shares(body.symptoms, 'symptomNames')}</dd>
      <dt>{w('languages')}</dt><dd>{shares(Object.entries(body.languages).map(([id, share]) => ({ id, share })), 'languageNames')}</dd>
      {body.why && <><dt>{w('score')}, {w('threshold')}</dt><dd>{number(body.why.score)}, {number(body.why.threshold)}</dd></>}
      <dt>{w('versions')}</dt><dd><code>{body.versions.rules}</code>, <code>{body.versions.lexicon}</code></dd>
      {because && <><dt>{w('why')}</dt><dd>{because}</dd></>}
      {body.previous && <><dt>{w('previous')}</dt><dd><a href={link('incident', body.previous)}>{body.previous}</a></dd></>}
    </dl>
  );
}

const minute_points = (minutes, until) => minutes.observed
  .map((observed, i) => ({ t: iso(Date.parse(minutes.from) + i * minute_ms), observed, expected: minutes.expected[i] }))
  .filter((p) => !until || Date.parse(p.t) < until);

export function Incident({ id, values, beat, theme, now, name_of }) {
  const path = `/api/v1/incidents/${encodeURIComponent(id)}`;
  const latest = useAnswer(path, beat);
  const at = values.as_of ? Date.parse(values.as_of) : null;
  const then = useAnswer(at ? `${path}?as_of=${encodeURIComponent(values.as_of)}` : null, beat);
  const timeline = useAnswer(`${path}/timeline`, beat);
  const evidence = useAnswer(`${path}/evidence`, beat);
  if (!latest.body) return <Waiting error={latest.error} />;
  const whole = latest.body, body = at ? then.body : whole;
  const known = (list, when) => (list ?? []).filter((item) => !at || Date.parse(when(item)) <= at);
  const end = Date.parse(whole.resolved_at ?? now ?? whole.updated_at);
  const points = minute_points(whole.minutes, at);
  return (
    <>
      <h1><a href={link('service', whole.service)}><bdi>{name_of(whole.service)}</bdi></a> {body && <State state={body.state} />}</h1>
      <Slider from={Date.parse(whole.started_at)} to={end} at={at} onMove={(ms) => go(link('incident', id, { as_of: ms ? iso(ms) : '' }), true)} />
      {at && <p role="note" class="note">{w(then.error ? 'notYet' : 'asOfNote', { time: day(at) })}</p>}
      {body && <p class="headline">{nameOf(body.headline)} {w('counts')}</p>}
      {points.length > 0 && <Chart theme={theme} lines={[{ label: w('observed'), points }]} strips={[{ from: whole.started_at, to: whole.resolved_at }]} />}
      <Tools>
        <a href={`${path}/pack`} download={`${id}.json`}>{w('pack')}</a> <a href={path}>{w('api')}</a>{' '}
        <a href={`/feeds/incidents.atom?service=${encodeURIComponent(whole.service)}`}>{w('feed')}</a>
      </Tools>
      {body && <Facts body={body} name_of={name_of} />}
      <section>
        <h2>{w('timeline')}</h2>
        <ol class="timeline">{known(timeline.body?.transitions, (t) => t.at).map((t) => (
          <li key={t.sequence}><time dateTime={t.at}>{day(t.at)}</time> <State state={t.to} /> <span class="said">{nameOf(t.text)}</span>
            <details><summary>{w('why')}</summary><span lang="en">{t.reason}</span></details></li>
        ))}</ol>
      </section>
      <Evidence list={known(evidence.body?.evidence, (e) => e.at)} />
    </>
  );
}
