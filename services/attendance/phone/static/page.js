// The trainer's phone page: starts everything, and shows the view that the address names.
import * as attestView from './attest_view.js'
import * as codeView from './code_view.js'
import { fetchDays } from './days.js'
import * as dayView from './day_view.js'
import { listenToMenu } from './menu.js'
import { onChange, refresh, rollOf, state } from './model.js'
import { counts, oldest } from './notes.js'
import * as rollView from './roll_view.js'
import { send } from './send.js'
import { learn } from './store.js'
import { put, say } from './texts.js'
import { clock, dateOf, day } from './times.js'

const VIEWS = { '': rollView, kod: codeView, attestera: attestView }
const DAY = 24 * 3600 * 1000
const element = (id) => document.getElementById(id)
const project = document.title.split(' – ').at(-1)

// `#` the day, `#<session>` its roll, `#<session>/kod`, `#<session>/attestera`.
function place() {
  const [session, name = ''] = location.hash.slice(1).split('/')
  const found = session && rollOf(session)
  const view = found ? VIEWS[name] ?? rollView : dayView
  return { view, found, section: element(found ? `view-${name in VIEWS ? name || 'roll' : 'roll'}` : 'view-day') }
}

function draw() {
  const { view, found, section } = place()
  for (const one of document.querySelectorAll('[data-view]')) one.hidden = one !== section
  element('heading').textContent = view.title(found)
  document.title = `${view.title(found)} – ${project}`
  view.draw(section, found)
  drawStatus()
}

// Three counts, never one word for two of them, and when the server answered last.
function drawStatus() {
  const status = element('status')
  for (const [name, count] of Object.entries(counts(state.notes))) put(status, name, say(`count-${name}`, { count }))
  put(status, 'contact', state.about.contact ? say('contact', { time: when(state.about.contact) }) : say('no-contact'))
  const first = oldest(state.notes)
  element('warn-old').hidden = !first || Date.now() - Date.parse(first) < DAY
  element('warn-sign-in').hidden = state.signin !== 401
  element('warn-role').hidden = state.signin !== 403
  element('warn-broken').hidden = !state.broken
}

const when = (at) => (dateOf(at) === dateOf(Date.now()) ? clock(at) : `${day(at)} ${clock(at)}`)

async function arrive() {
  draw()
  element('heading').focus()
  scrollTo(0, 0)
  if (place().view === attestView) {
    await send()
    await fetchDays()
  }
}

// Only an answer counts: what the browser says of being online is wrong as often as not.
async function contact() {
  await send()
  await fetchDays()
}

function listen() {
  onChange(draw)
  rollView.listen(element('view-roll'), draw)
  attestView.listen(element('view-attestera'), draw)
  listenToMenu()
  addEventListener('hashchange', arrive)
  addEventListener('online', contact)
  document.addEventListener('visibilitychange', () => (document.hidden ? send() : contact()))
  setInterval(() => { if (counts(state.notes).waiting) send() }, 20_000)
  setInterval(() => { if (!document.hidden) fetchDays() }, 60_000)
  setInterval(() => { if (place().view === codeView) draw() }, 1_000)
}

async function takeAlong() {
  const worker = await navigator.serviceWorker?.register('/narvaro/telefon.js', { scope: '/narvaro/telefon' })
  worker?.update().catch(() => {}) // no network: the one that we have will do
}

async function start() {
  listen()
  try {
    await refresh()
    if (!state.about.device_id) await learn({ device_id: crypto.randomUUID() })
  } catch {
    element('warn-broken').hidden = false
  }
  await contact()
  await takeAlong()
}

start()
