// Description:
//   Posts incidents that thap reports, and answers whether a service is failing, in English, Hindi and Bengali.
//   A worked example for bots on thap's API: it names no service and no phrase itself, it asks /api/v1/explain.
//
// Configuration:
//   HUBOT_THAP_URL    where thap listens (default http://127.0.0.1:8470)
//   HUBOT_THAP_TOKEN  bearer token with the role read, where thap asks for one
//   HUBOT_THAP_ROOM   room that incidents are posted to; without it the bot only answers
//   HUBOT_THAP_LANG   languages of what is posted, the leading one first (default en; of en, hi, bn)
//
// Commands:
//   hubot is SERVICE down? - what posts report about it; also "SERVICE डाउन है क्या?", "SERVICE ডাউন নাকি?"
//   hubot incidents - all open incidents; also "क्या बंद है?", "কী বন্ধ?"

const url = (process.env.HUBOT_THAP_URL ?? 'http://127.0.0.1:8470').replace(/\/+$/, '')
const token = process.env.HUBOT_THAP_TOKEN
const room = process.env.HUBOT_THAP_ROOM
const postedLanguages = (process.env.HUBOT_THAP_LANG ?? 'en').split(',').map(language => language.trim())

const answerWithinMs = 5_000
const silenceMs = 60_000 // the stream says something every 15 s
const longestPauseMs = 60_000
const staleS = 120
const mostRemembered = 1_000 // incidents

const words = {
  en: {
    caveat: 'Counts are posts, not affected users.',
    suspected: name => `${name}: somewhat more complaint posts than usual; too few to say more yet.`,
    quiet: (name, posts) => `${name}: no unusual number of complaint posts (${posts} in 24 hours).`,
    last: (from, to) => `The last incident lasted from ${from} to ${to} IST.`,
    easing: (name, time) => `${name}: fewer posts complain since ${time} IST.`,
    resolved: (name, time) => `${name}: complaint posts are back to the usual level since ${time} IST.`,
    retracted: (name, time) => `Withdrawn: our ${time} IST alert on ${name} was wrong.`,
    stale: age => `Data delayed: last post ${age} ago. This does not mean all is well.`,
    noData: 'No post has been read yet.',
    none: 'No incident is open.',
    unreachable: reason => `thap cannot be asked: ${reason}`,
    units: { days: n => `${n} days`, hours: n => `${n} hours`, minutes: n => `${n} minutes` }
  },
  hi: {
    caveat: 'यह पोस्ट की गिनती है, प्रभावित लोगों की नहीं।',
    suspected: name => `${name}: शिकायत वाली पोस्ट आम से कुछ ज़्यादा हैं; अभी इतनी नहीं कि और कुछ कहा जा सके।`,
    quiet: (name, posts) => `${name}: शिकायत वाली पोस्ट असामान्य संख्या में नहीं हैं (24 घंटे में ${posts})।`,
    last: (from, to) => `पिछली घटना ${from} से ${to} IST तक चली।`,
    easing: (name, time) => `${name}: ${time} IST से शिकायत वाली पोस्ट घट रही हैं।`,
    resolved: (name, time) => `${name}: ${time} IST से शिकायत वाली पोस्ट सामान्य स्तर पर हैं।`,
    retracted: (name, time) => `वापस लिया: ${name} पर ${time} IST का हमारा अलर्ट ग़लत था।`,
    stale: age => `डेटा देर से आ रहा है: आख़िरी पोस्ट ${age} पहले। इसका मतलब यह नहीं कि सब ठीक है।`,
    noData: 'अब तक कोई पोस्ट नहीं पढ़ी गई।',
    none: 'कोई घटना खुली नहीं है।',
    unreachable: reason => `thap से पूछा नहीं जा सका: ${reason}`,
    units: { days: n => `${n} दिन`, hours: n => `${n} घंटे`, minutes: n => `${n} मिनट` }
  },
  bn: {
    caveat: 'এটি পোস্টের সংখ্যা, ক্ষতিগ্রস্ত মানুষের সংখ্যা নয়।',
    suspected: name => `${name}: অভিযোগের পোস্ট স্বাভাবিকের চেয়ে কিছু বেশি; এখনই আর কিছু বলার মতো নয়।`,
    quiet: (name, posts) => `${name}: অভিযোগের পোস্ট অস্বাভাবিক সংখ্যায় নেই (24 ঘণ্টায় ${posts}টি)।`,
    last: (from, to) => `শেষ ঘটনা ${from} থেকে ${to} IST পর্যন্ত চলেছে।`,
    easing: (name, time) => `${name}: ${time} IST থেকে অভিযোগের পোস্ট কমছে।`,
    resolved: (name, time) => `${name}: ${time} IST থেকে অভিযোগের পোস্ট স্বাভাবিক মাত্রায়।`,
    retracted: (name, time) => `প্রত্যাহার: ${name} নিয়ে আমাদের ${time} IST সময়ের সতর্কবার্তাটি ভুল ছিল।`,
    stale: age => `ডেটা দেরিতে আসছে: শেষ পোস্ট ${age} আগে। এর মানে এই নয় যে সব ঠিক আছে।`,
    noData: 'এখনও কোনো পোস্ট পড়া হয়নি।',
    none: 'কোনো ঘটনা খোলা নেই।',
    unreachable: reason => `thap-কে জিজ্ঞেস করা যায়নি: ${reason}`,
    units: { days: n => `${n} দিন`, hours: n => `${n} ঘণ্টা`, minutes: n => `${n} মিনিট` }
  }
}

const asksForAll = [
  /^(incidents|outages|what('s| is| all is)? (down|open)|kya kya (band|down)|ki ki bondho)/i,
  /^क्या (क्या )?(बंद|डाउन|ठप) (है|हैं)/,
  /^(কী|কি) ((কী|কি) )?(বন্ধ|ডাউন)/
]

function headers (more = {}) {
  return token ? { Authorization: `Bearer ${token}`, ...more } : more
}

async function ask (path, body) {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: headers(body ? { 'Content-Type': 'application/json' } : {}),
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(answerWithinMs)
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(`${path}: ${response.status} ${answer.detail ?? answer.title ?? ''}`.trim())
  return answer
}

// Romanised Hindi and Bengali are answered in their own scripts.
function languageOf (id) {
  const language = id.split('-')[0]
  return language in words ? language : 'en'
}
function languageByScript (text) {
  return /[\u0900-\u097f]/.test(text) ? 'hi' : /[\u0980-\u09ff]/.test(text) ? 'bn' : 'en'
}

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' })
const calendar = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', day: 'numeric', month: '2-digit', year: 'numeric' })
function time (text) {
  const when = new Date(text)
  const day = calendar.format(when)
  return day === calendar.format(new Date()) ? clock.format(when) : `${day} ${clock.format(when)}`
}

function age (seconds, language) {
  const [unit, length] = seconds >= 172_800 ? ['days', 86_400] : seconds >= 7_200 ? ['hours', 3_600] : ['minutes', 60]
  return words[language].units[unit](Math.floor(seconds / length))
}

// What has to be said of old data beside whatever is said of a service.
function dataNote (data, language) {
  if (data.age_s === null) return [words[language].noData]
  return data.age_s > staleS ? [words[language].stale(age(data.age_s, language))] : []
}

function incidentText (incident, name, language) {
  const say = words[language]
  switch (incident.state) {
    case 'confirmed': return [incident.headline[language], say.caveat]
    case 'easing': return [say.easing(name, time(incident.easing_at ?? incident.updated_at))]
    case 'resolved': return [say.resolved(name, time(incident.recovered_at ?? incident.resolved_at))]
    case 'retracted': return [say.retracted(name, time(incident.opened_at))]
    default: return [say.suspected(name)]
  }
}

function serviceText (service, language) {
  const say = words[language]
  const name = service.name[language]
  const byId = id => service.incidents.find(incident => incident.id === id)
  const current = byId(service.incident)
  if (current) return incidentText(current, name, language)
  if (service.state === 'suspected') return [say.suspected(name)]
  const last = byId(service.last_incident)
  const lines = [say.quiet(name, service.complaints_24h)]
  if (last?.resolved_at) lines.push(say.last(time(last.started_at), time(last.recovered_at ?? last.resolved_at)))
  return lines
}

async function answer (text) {
  const reading = await ask('/api/v1/explain', { text })
  const language = languageOf(reading.language)
  if (reading.services.length === 0) return asksForAll.some(pattern => pattern.test(text)) ? openIncidents(languageByScript(text)) : null
  // A service that is merely named is none of our business.
  if (reading.kind !== 'question' && !text.trim().endsWith('?')) return null
  const lines = []
  let data
  for (const { id } of reading.services.slice(0, 5)) {
    const service = await ask(`/api/v1/services/${encodeURIComponent(id)}`)
    data = service.data
    lines.push(serviceText(service, language).join(' '))
  }
  return [...lines, ...dataNote(data, language)].join('\n')
}

async function openIncidents (language) {
  const { incidents, data } = await ask('/api/v1/incidents?state=open')
  const lines = incidents.map(incident => incident.headline[language])
  if (lines.length === 0) lines.push(words[language].none)
  return [...lines, ...dataNote(data, language)].join('\n')
}

// Calls `onEvent({id, event, data})` for every event until the stream ends. Throws where it cannot be had or falls silent.
async function readStream (lastId, onEvent) {
  const silence = new AbortController()
  let timer
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(new Error(`nothing for ${silenceMs / 1_000} s`)), silenceMs)
  }
  alive()
  try {
    const response = await fetch(`${url}/api/v1/stream`, {
      headers: headers({ Accept: 'text/event-stream', ...(lastId ? { 'Last-Event-ID': lastId } : {}) }),
      signal: silence.signal
    })
    if (!response.ok) throw new Error(`/api/v1/stream: ${response.status}`)
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      alive()
      text += chunk
      const frames = text.split('\n\n')
      text = frames.pop()
      for (const frame of frames) {
        const field = name => frame.split('\n').filter(line => line.startsWith(`${name}: `)).map(line => line.slice(name.length + 2)).join('\n')
        if (field('data')) await onEvent({ id: field('id'), event: field('event'), data: JSON.parse(field('data')) })
      }
    }
  } finally {
    clearTimeout(timer)
  }
}

export default robot => {
  // Where we stand outlives a restart where the brain does: no incident is posted twice or left out.
  const memory = () => {
    const kept = robot.brain.get('thap') ?? { lastId: '', posted: {} }
    robot.brain.set('thap', kept)
    return kept
  }

  async function post (incident) {
    const { posted } = memory()
    const before = posted[incident.id]
    if (before && (before.sequence >= incident.sequence || before.state === incident.state)) return
    // Who has not heard that it began need not hear that it is over.
    if (!before && ['resolved', 'retracted'].includes(incident.state)) return
    const { name } = await ask(`/api/v1/services/${encodeURIComponent(incident.service)}`)
    const lines = postedLanguages.map(language => incidentText(incident, name[language], language).join(' '))
    await robot.messageRoom(room, lines.join('\n'))
    delete posted[incident.id]
    posted[incident.id] = { sequence: incident.sequence, state: incident.state }
    for (const oldest of Object.keys(posted).slice(0, -mostRemembered)) delete posted[oldest]
  }

  async function onEvent ({ id, event, data }) {
    if (event === 'transition') await post(data.incident)
    // Too much has happened since: what is open now is what matters.
    if (event === 'reset') for (const incident of (await ask('/api/v1/incidents?state=open')).incidents) await post(incident)
    if (id) memory().lastId = id
  }

  async function follow () {
    let pauseMs = 1_000
    for (;;) {
      try {
        await readStream(memory().lastId, async event => {
          pauseMs = 1_000
          await onEvent(event)
        })
      } catch (error) {
        robot.logger.warn(`thap: the stream ended: ${error.cause?.message ?? error.message}`)
      }
      await new Promise(resolve => setTimeout(resolve, pauseMs * (0.5 + Math.random())))
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  for (const language of postedLanguages) {
    if (!(language in words)) throw new Error(`HUBOT_THAP_LANG: no language "${language}"; there are ${Object.keys(words).join(', ')}`)
  }
  robot.respond(/(.+)/, async response => {
    const text = response.match[1]
    try {
      const said = await answer(text)
      if (said) await response.send(said)
    } catch (error) {
      await response.send(words[languageByScript(text)].unreachable(error.cause?.message ?? error.message))
    }
  })
  if (room) follow()
}
