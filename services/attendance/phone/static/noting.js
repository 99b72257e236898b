// Keeping what was tapped. Only what the store has committed is shown as saved; what it has not is said in red.
import { changed, phone, show, state } from './model.js'
import { markOf, noted } from './notes.js'
import { sendSoon } from './send.js'
import * as store from './store.js'

let asked = false

// False when the phone could not save it; the page says so.
async function saving(write) {
  try {
    await write()
    show({ broken: false })
    await changed()
    sendSoon()
    return true
  } catch (error) {
    console.info('not saved', error)
    show({ broken: true })
    return false
  }
}

const where = (roll) => ({
  session_id: roll.session_id,
  trainer_id: phone().trainer_id,
  base_version: roll.roll_version,
  at: new Date().toISOString(),
})

export function keepMark({ roll, person, occasion }, content) {
  askToStay()
  const note = markOf(crypto.randomUUID(), where(roll), person, { occasion_id: occasion.occasion_id, ...content }, state.notes)
  return saving(() => store.putNotes([note]))
}

export function keepHeads(roll, occasion, count) {
  const id = crypto.randomUUID()
  const body = { head_count_id: id, occasion_id: occasion.occasion_id, count }
  return saving(() => store.putNotes([noted('head_count', id, where(roll), body)]))
}

// Who came without a registration: the id and the municipality stay, the name until booking has it. `registered`:
// whether booking has it already.
export function keepWalkIn(roll, { walk_in_id, municipality, name }, registered) {
  const note = { ...noted('walk_in', walk_in_id, where(roll), { walk_in_id, municipality }), registered }
  const arrival = { walk_in_id, session_id: roll.session_id, municipality, name }
  return saving(async () => {
    if (registered === 'waiting') await store.putArrival(arrival)
    await store.putNotes([note])
  })
}

// A note that has not left the phone. Should it leave at this very moment, it stays.
export const takeBack = (note) =>
  saving(() => store.changeNotes([note.id], (one) => (one.tried ? one : null)))

export const remove = (note) => saving(async () => {
  await store.removeNotes([note.id])
  if (note.kind === 'walk_in') await store.removeArrival(note.id)
})

export const sendAgain = (note) => saving(async () => {
  const arrival = state.arrivals.find((one) => one.walk_in_id === note.id)
  if (arrival) await store.putArrival({ ...arrival, problem: undefined })
  const registered = note.registered && note.registered !== 'done' ? 'waiting' : note.registered
  const outcome = note.outcome === 'rejected' ? null : note.outcome
  await store.changeNotes([note.id], (one) => ({ ...one, outcome, registered, problem: null }))
})

// A browser throws away what pages keep when room is short, unless it was asked not to.
function askToStay() {
  if (!asked) navigator.storage?.persist?.()
  asked = true
}
