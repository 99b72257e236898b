// What the page shows: everything in the store, in memory, told anew after each change, here and in other tabs.
import * as store from './store.js'
import { readable } from './notes.js'

export const state = { notes: [], about: {}, days: [], arrivals: [], signin: null, broken: false }

const others = new BroadcastChannel('kursnav-telefon')
const listeners = []

export const onChange = (listener) => listeners.push(listener)
const tell = () => listeners.forEach((listener) => listener())

others.addEventListener('message', () => refresh())

export async function refresh() {
  Object.assign(state, await store.load())
  tell()
}

// After a change of the store that this tab made.
export async function changed() {
  others.postMessage('changed')
  await refresh()
}

export function show(facts) {
  Object.assign(state, facts)
  tell()
}

// The time by the server's clock, as far as this phone knows.
export const now = () => Date.now() + (state.about.clock_off ?? 0)

export const rolls = () => state.days.flatMap((day) => day.rolls)

export function rollOf(sessionId) {
  for (const day of state.days) {
    const roll = day.rolls.find((one) => one.session_id === sessionId)
    if (roll) return { day, roll }
  }
  return null
}

export const phone = () => ({ device_id: state.about.device_id, trainer_id: state.about.trainer_id })

// The server has answered: when, and how far this clock is from its.
export const heard = (answer) =>
  store.learn({ contact: new Date().toISOString(), clock_off: Math.round(Date.parse(answer.server_time) - Date.now()) })

export async function tidy() {
  const kept = new Set(readable(state.notes, rolls(), Date.now()).map((note) => note.id))
  const gone = state.notes.filter((note) => !kept.has(note.id)).map((note) => note.id)
  if (gone.length) await store.removeNotes(gone)
}
