import { useState } from 'preact/hooks';
import { link } from './place.js';
import { named, w } from './words.js';

async function ask(text) {
  try {
    const got = await fetch('/api/v1/explain', { method: 'POST', headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: text });
    const body = await got.json();
    return got.ok ? body : { error: body.detail || body.title };
  } catch { return { error: w('lost') }; }
}

function Reading({ answer, name_of }) {
  return (
    <section aria-live="polite">
      <dl>
        <dt>{w('kind')}</dt><dd><strong>{named('kindNames', answer.kind)}</strong></dd>
        <dt>{w('language')}</dt><dd>{named('languageNames', answer.language)}</dd>
        {answer.symptoms.length > 0 && <><dt>{w('symptoms')}</dt><dd>{answer.symptoms.map((s) => named('symptomNames', s)).join(', ')}</dd></>}
        {answer.places.length > 0 && <><dt>{w('places')}</dt><dd>{answer.places.map((p) => p.replace(/^IN-/, '')).join(', ')}</dd></>}
        {answer.services.map((s) => <><dt key={s.id}><a href={link('service', s.id)}><bdi>{name_of(s.id)}</bdi></a></dt><dd><strong>{named('statusNames', s.status)}</strong></dd></>)}
      </dl>
      {answer.services.length === 0 && <p class="soft">{w('noService')}</p>}
      <ul lang="en">{answer.reasons.map((r) => <li key={r}>{r}</li>)}</ul>
      <div class="scroll" tabIndex="0" role="region" aria-label={w('entry')}>
        <table>
          <thead><tr><th scope="col">{w('words')}</th><th scope="col">{w('kind')}</th><th scope="col">{w('entry')}</th></tr></thead>
          <tbody>{answer.spans.map((s, i) => <tr key={i}><td><bdi>{s.text}</bdi></td><td>{s.group}</td><td><code>{s.entry}</code></td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}

export function Read({ name_of }) {
  const [answer, set] = useState();
  const [text, write] = useState('');
  return (
    <>
      <h1>{w('read')}</h1>
      <form onSubmit={async (event) => { event.preventDefault(); set(await ask(text)); }}>
        <textarea rows="4" aria-label={w('paste')} placeholder={w('paste')} value={text} onInput={(e) => write(e.currentTarget.value)} />
        <button type="submit">{w('readIt')}</button>
      </form>
      {answer?.error && <p role="alert">{answer.error}</p>}
      {answer && !answer.error && <Reading answer={answer} name_of={name_of} />}
    </>
  );
}
