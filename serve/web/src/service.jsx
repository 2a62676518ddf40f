import { useAnswer } from './api.js';
import { State } from './board.jsx';
import { Chart } from './chart.jsx';
import { clock, day, language, number, w } from './words.js';

function Split({ title, rows }) {
  const most = Math.max(1, ...rows.map((r) => r.posts));
  return (
    <section class="split">
      <h3>{title}</h3>
      {rows.length === 0 && <p class="soft">{w('none')}</p>}
      {rows.slice(0, 10).map((r) => (
        <div class="bar" key={r.id}>
          <span>{r.id.replace(/^IN-/, '')}</span>
          <meter min="0" max={most} value={r.posts} aria-label={r.id} />
          <span class="count">{number(r.posts)}</span>
        </div>
      ))}
    </section>
  );
}

export function Service({ id, hours, beat }) {
  const { body, error } = useAnswer(`/api/v1/services/${encodeURIComponent(id)}`, beat);
  const step = Math.max(1, Math.round((hours * 60) / 288));
  const series = useAnswer(`/api/v1/series?service=${encodeURIComponent(id)}&from=${hours}h&step=${step}`, beat);
  if (error && !body) return <p role="alert">{error}</p>;
  if (!body) return <p class="soft">…</p>;
  const last = body.incidents[0];
  return (
    <>
      <h1><bdi>{body.name[language()] || body.name.en}</bdi> <State state={body.state} /></h1>
      {body.incident && last && <p class="headline">{last.headline[language()] || last.headline.en}</p>}
      <nav aria-label={w('hours')} class="ranges">
        {[1, 6, 24, 168, 720].map((h) => (
          <a key={h} href={`#/service/${id}/${h}`} aria-current={h === hours ? 'true' : undefined}>{h < 48 ? `${h} h` : `${h / 24} d`}</a>
        ))}
        <a href={`/api/v1/series?service=${id}&from=${hours}h&step=${step}`}>API</a>
        <a href={`/feeds/incidents.atom?service=${id}`}>Atom</a>
      </nav>
      {series.body && <Chart points={series.body.lines[0]?.points ?? []} />}
      <div class="splits">
        <Split title={w('symptoms')} rows={body.symptoms} />
        <Split title={w('places')} rows={body.places} />
        <Split title={w('languages')} rows={body.languages} />
        <Split title={w('sources')} rows={body.sources} />
      </div>
      {body.why && (
        <section>
          <h2>{w('why')}</h2>
          <dl>
            <dt>{w('score')}</dt><dd>{number(body.why.score)}</dd>
            <dt>{w('threshold')}</dt><dd>{number(body.why.threshold)}</dd>
            <dt>{w('expected')}</dt><dd>{number(body.why.expected_per_minute)}</dd>
            <dt>{w('usual')}</dt><dd>{number(body.why.usual_per_minute)}</dd>
          </dl>
        </section>
      )}
      <section>
        <h2>{w('incidents')}</h2>
        {body.incidents.length === 0 && <p class="soft">{w('none')}</p>}
        {body.incidents.map((i) => (
          <a class="row slim" key={i.id} href={`#/incident/${i.id}`}>
            <State state={i.state} /><span>{day(i.started_at)} – {clock(i.resolved_at)}</span>
            <span class="count">{number(i.observed.posts)} <span class="soft">{w('posts')}</span></span>
          </a>
        ))}
      </section>
    </>
  );
}

export function Incident({ id, beat }) {
  const path = `/api/v1/incidents/${encodeURIComponent(id)}`;
  const { body, error } = useAnswer(path, beat);
  const timeline = useAnswer(`${path}/timeline`, beat);
  const evidence = useAnswer(`${path}/evidence`, beat);
  if (error && !body) return <p role="alert">{error}</p>;
  if (!body) return <p class="soft">…</p>;
  return (
    <>
      <h1><a href={`#/service/${body.service}`}>{body.service}</a> <State state={body.state} /></h1>
      <p class="headline">{body.headline[language()] || body.headline.en}</p>
      <section>
        <h2>{w('timeline')}</h2>
        <ol class="timeline">{(timeline.body?.transitions ?? []).map((t) => (
          <li key={t.sequence}><time dateTime={t.at}>{day(t.at)}</time> <State state={t.to} /> <span>{t.reason}</span></li>
        ))}</ol>
      </section>
      <section>
        <h2>{w('evidence')}</h2>
        {(evidence.body?.evidence ?? []).map((e, i) => (
          <article class="post" key={i}>
            <span class="soft">{clock(e.at)} {e.network} {e.symptoms.join(' ')}</span>
            {e.sensitive
              ? <details><summary>{w('sensitive')}</summary><bdi lang={e.language}>{e.text}</bdi></details>
              : <bdi lang={e.language}>{e.text ?? ''}</bdi>}
          </article>
        ))}
      </section>
      <p class="soft"><a href={path}>API</a> · {w('versions')}: {body.versions.rules}, {body.versions.lexicon}</p>
    </>
  );
}
