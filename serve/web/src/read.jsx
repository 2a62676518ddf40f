import { useState } from 'preact/hooks';
import { w } from './words.js';

export function Read() {
  const [answer, set] = useState();
  const [text, write] = useState('');
  const ask = async (event) => {
    event.preventDefault();
    try {
      const got = await fetch('/api/v1/explain', { method: 'POST', headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: text });
      const body = await got.json();
      set(got.ok ? body : { error: body.detail || body.title });
    } catch { set({ error: w('unreachable') }); }
  };
  return (
    <>
      <h1>{w('read')}</h1>
      <form onSubmit={ask}>
        <textarea rows="4" aria-label={w('paste')} placeholder={w('paste')} value={text} onInput={(e) => write(e.currentTarget.value)} />
        <button type="submit">{w('readIt')}</button>
      </form>
      {answer?.error && <p role="alert">{answer.error}</p>}
      {answer && !answer.error && (
        <section aria-live="polite">
          <p>{w('kind')}: <strong>{answer.kind}</strong> · {answer.language}
            {answer.symptoms.length > 0 && <> · {w('symptoms')}: {answer.symptoms.join(', ')}</>}
            {answer.places.length > 0 && <> · {w('places')}: {answer.places.join(', ')}</>}</p>
          <ul>{answer.services.map((s) => <li key={s.id}><a href={`#/service/${s.id}`}>{s.id}</a>: <strong>{s.status}</strong></li>)}</ul>
          <ul>{answer.reasons.map((r) => <li key={r}>{r}</li>)}</ul>
          <table>
            <thead><tr><th>{w('words')}</th><th>{w('kind')}</th><th>{w('entry')}</th></tr></thead>
            <tbody>{answer.spans.map((s, i) => <tr key={i}><td><bdi>{s.text}</bdi></td><td>{s.group}</td><td><code>{s.entry}</code></td></tr>)}</tbody>
          </table>
        </section>
      )}
    </>
  );
}
