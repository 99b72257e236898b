// The days' sessions: what the trainer opens the page for.
import { rolls, state } from './model.js'
import { counts, isWaiting } from './notes.js'
import { copy, keyed, part, put, say } from './texts.js'
import { day as dayText, dateOf, span } from './times.js'
import { now } from './model.js'

export const title = () => say('title')

export function draw(view) {
  const today = dateOf(now())
  const days = [...state.days].sort((one, other) => order(today, one.date).localeCompare(order(today, other.date)))
  keyed(part(view, 'days'), days, (day) => day.date, () => copy('day'), (child, day) => drawDay(child, day, today))
  part(view, 'unknown').hidden = state.days.length > 0
  drawOrphans(view)
}

// Today first, then tomorrow, then yesterday.
const order = (today, date) => (date === today ? '0' : date > today ? `1${date}` : `2${date}`)

function drawDay(child, day, today) {
  const which = day.date === today ? 'today' : day.date > today ? 'tomorrow' : 'yesterday'
  put(child, 'name', say(which, { day: dayText(`${day.date}T12:00:00Z`) }))
  keyed(part(child, 'sessions'), day.rolls, (roll) => roll.session_id, () => copy('session'), (one, roll) => drawSession(one, roll, day))
  part(child, 'none').hidden = day.rolls.length > 0
}

function drawSession(child, roll, day) {
  const link = put(child, 'link', roll.course_title)
  link.href = `#${roll.session_id}`
  const times = roll.occasions.filter((one) => dateOf(one.starts_at) === day.date).map(span).join(', ')
  put(child, 'where', `${times}, ${roll.venue}`)
  const count = roll.people.length
  put(child, 'state', roll.state === 'attested' ? say('attested') : say('people', { count }))
  const own = counts(state.notes.filter((note) => note.session_id === roll.session_id))
  put(child, 'waiting', own.waiting ? say('waiting-here', { count: own.waiting }) : '')
  put(child, 'refused', own.refused ? say('refused-here', { count: own.refused }) : '')
}

// What waits for a session that this phone no longer shows: an old day, or another trainer's.
function drawOrphans(view) {
  const shown = new Set(rolls().map((roll) => roll.session_id))
  const left = state.notes.filter((note) => !shown.has(note.session_id) && isWaiting(note))
  const others = left.filter((note) => note.trainer_id !== state.about.trainer_id).length
  const old = left.length - others
  put(view, 'old', old ? say('waiting-old', { count: old }) : '')
  put(view, 'others', others ? say('waiting-others', { count: others }) : '')
}
