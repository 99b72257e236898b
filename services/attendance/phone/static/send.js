// Sending what was noted. One tab at a time; a note leaves the queue only when the server's answer for it is stored.
import { call, NoAnswer, SignedOut } from './calls.js'
import { changed, heard, phone, show, state } from './model.js'
import { bySession, isRefused, isUnsent, verdicts } from './notes.js'
import * as store from './store.js'

const AT_ONCE = 500
const TOGETHER = 3_000

let running = null
let again = false
let timer = null

// Soon: taps that follow each other go together, and the last one can be taken back until then.
export function sendSoon() {
  timer ??= setTimeout(send, TOGETHER)
}

export function send() {
  clearTimeout(timer)
  timer = null
  again = running !== null
  running ??= alone(round).finally(() => {
    running = null
    if (again) return send()
  })
  return running
}

const alone = (work) => (navigator.locks ? navigator.locks.request('kursnav-telefon', work) : work())

async function round() {
  try {
    Object.assign(state, await store.load())
    while (await sendNotes());
    await sendArrivals()
  } catch (error) {
    if (error instanceof SignedOut) show({ signin: error.status })
    else if (!(error instanceof NoAnswer)) throw error
  } finally {
    await changed()
  }
}

const mine = (note) => note.trainer_id === state.about.trainer_id

// True when some were answered, so that more may follow.
async function sendNotes() {
  const notes = state.notes.filter((note) => isUnsent(note) && mine(note)).slice(0, AT_ONCE)
  if (!notes.length) return false
  // From here on the server may have them, whether we hear of it or not.
  const sent = (await store.changeNotes(notes.map((note) => note.id), (note) => ({ ...note, tried: true }))).filter(Boolean)
  const count = await sendAll(sent)
  Object.assign(state, await store.load())
  return count > 0
}

// How many were answered. What is refused as a whole is sent again in halves, until one alone is to blame.
async function sendAll(notes) {
  if (!notes.length) return 0
  const body = { ...phone(), device_time: new Date().toISOString(), sessions: bySession(notes) }
  const answer = await call('POST', '/attendance/v1/sync', { body })
  if (answer.ok) return accept(answer, notes)
  if (notes.length > 1) {
    const half = Math.ceil(notes.length / 2)
    return await sendAll(notes.slice(0, half)) + await sendAll(notes.slice(half))
  }
  return note(new Map([[notes[0].id, { outcome: 'rejected', problem: answer.body }]]))
}

async function accept(answer, notes) {
  if (!Array.isArray(answer.body?.sessions)) throw new NoAnswer()
  await heard(answer)
  show({ signin: null })
  return note(verdicts(answer.body, notes))
}

async function note(found) {
  const answered_at = new Date().toISOString()
  await store.changeNotes([...found.keys()], (one) => ({ ...one, ...found.get(one.id), answered_at }))
  return found.size
}

// Who came is booking's to know. The name goes from the phone when booking has answered.
async function sendArrivals() {
  for (const arrival of state.arrivals.filter((one) => !one.problem)) {
    const walkIn = state.notes.find((one) => one.id === arrival.walk_in_id)
    if (walkIn && (!mine(walkIn) || isRefused(walkIn))) continue
    const { session_id, ...body } = arrival
    const answer = await register(session_id, body)
    if (answer.ok) {
      await store.changeNotes([arrival.walk_in_id], (one) => ({ ...one, registered: 'done' }))
      await store.removeArrival(arrival.walk_in_id)
    } else {
      await store.changeNotes([arrival.walk_in_id], (one) => ({ ...one, registered: 'rejected', problem: answer.body }))
      await store.putArrival({ ...arrival, problem: answer.body })
    }
  }
  await sendNameless()
}

// Whose names went at a sign-out before booking had them: that somebody came is told all the same.
async function sendNameless() {
  const named = new Set(state.arrivals.map((one) => one.walk_in_id))
  const left = state.notes.filter((one) => one.registered === 'waiting' && !named.has(one.id) && mine(one) && !isRefused(one))
  for (const walkIn of left) {
    const answer = await register(walkIn.session_id, walkIn.body)
    const registered = answer.ok ? 'done' : 'rejected'
    await store.changeNotes([walkIn.id], (one) => ({ ...one, registered, problem: answer.ok ? one.problem : answer.body }))
  }
}

export const register = (sessionId, body) => call('POST', `/booking/v1/sessions/${sessionId}/walk-ins`, { body })
