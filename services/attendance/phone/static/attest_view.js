// Attesting: an act of its own, with what it means in numbers. It needs the network: what is sealed is what the server has.
import { call, NoAnswer, SignedOut } from './calls.js'
import { fetchDays } from './days.js'
import { show, state } from './model.js'
import { isRefused, isWaiting, walkInsOf } from './notes.js'
import { send } from './send.js'
import { part, put, say } from './texts.js'

export const title = () => say('attest-title')

export function listen(view, redraw) {
  part(view, 'form').addEventListener('submit', async (event) => {
    event.preventDefault()
    part(view, 'button').disabled = true
    await attest(view)
    part(view, 'button').disabled = false
    redraw()
  })
}

export function draw(view, found) {
  const { day, roll } = found
  if (view.found?.roll.session_id !== roll.session_id) explain(view, null)
  view.found = found
  part(view, 'back').href = `#${roll.session_id}`
  put(view, 'course', roll.course_title)
  const cells = roll.people.flatMap((person) => roll.occasions.map((one) => person.marks.find((mark) => mark.occasion_id === one.occasion_id)))
  const numbers = {
    present: cells.filter((mark) => mark?.status === 'present').length,
    absent: cells.filter((mark) => mark?.status === 'absent').length,
    unmarked: cells.filter((mark) => !mark).length,
  }
  for (const [name, count] of Object.entries(numbers)) put(view, name, String(count))
  const came = walkInsOf(day, roll, state.notes).length
  put(view, 'walk-ins', came ? say('attest-walk-ins', { count: came }) : '')
  const own = state.notes.filter((note) => note.session_id === roll.session_id)
  const [waiting, refused] = [own.filter(isWaiting).length, own.filter(isRefused).length]
  put(view, 'waiting', waiting ? say('attest-waiting', { count: waiting }) : '')
  put(view, 'refused', refused ? say('attest-refused', { count: refused }) : '')
  part(view, 'form').hidden = roll.state === 'attested'
  for (const name of ['done', 'seal']) part(view, name).hidden = roll.state !== 'attested'
  part(view, 'seal').firstElementChild.href = `/narvaro/listor/${roll.session_id}/historik`
}

async function attest(view) {
  const seen = view.found.roll.content_hash
  await send()
  await fetchDays()
  const { roll } = view.found // as it is now: drawn again meanwhile
  const waits = state.notes.some((note) => note.session_id === roll.session_id && isWaiting(note))
  if (waits) return explain(view, say('attest-not-sent'))
  if (roll.content_hash !== seen) return explain(view, say('attest-changed'))
  const reason = part(view, 'form').elements.reason.value.trim()
  const leave = part(view, 'leave').hidden ? {} : { leave_held: true, reason: reason || null }
  try {
    const path = `/attendance/v1/sessions/${roll.session_id}/attest`
    const body = { roll_version: roll.roll_version, content_hash: roll.content_hash, ...leave }
    const answer = await call('POST', path, { body })
    part(view, 'leave').hidden = !answer.body.type?.endsWith('/held-marks') && !('leave_held' in leave && !answer.ok)
    explain(view, answer.ok ? null : answer.body.errors?.[0]?.message ?? answer.body.detail)
  } catch (error) {
    if (error instanceof SignedOut) show({ signin: error.status })
    else if (!(error instanceof NoAnswer)) throw error
    explain(view, say('attest-no-network'))
  }
  await fetchDays()
}

function explain(view, text) {
  put(view, 'why', text ?? '')
}
