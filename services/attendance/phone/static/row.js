// The row of one person: what holds, and what can be tapped. No "are you sure": a tap can be undone.
import { keepMark, remove, sendAgain, takeBack } from './noting.js'
import { canTakeBack, isUnsent } from './notes.js'
import { copy, keyed, part, put, say } from './texts.js'
import { clock, instant } from './times.js'

export function makeRow({ key }) {
  const row = copy('person')
  part(row, 'name').id = `name-${key}`
  for (const group of row.querySelectorAll('[role=group]')) group.setAttribute('aria-labelledby', `name-${key}`)
  for (const label of row.querySelectorAll('[data-for]')) {
    const field = row.querySelector(`[name=${label.dataset.for}]`)
    label.htmlFor = field.id = `${field.name}-${key}`
  }
  const tap = (name, act) => part(row, name).addEventListener('click', act)
  tap('present', () => keepMark(row.one, { status: 'present' }))
  tap('absent', () => keepMark(row.one, { status: 'absent' }))
  tap('partial', () => openPartly(row))
  tap('undo', () => undo(row.one))
  part(row, 'partly').addEventListener('submit', (event) => {
    event.preventDefault()
    keepPartly(row)
  })
  for (const button of row.querySelectorAll('[data-reason]')) {
    button.addEventListener('click', () => keepMark(row.one, { status: 'absent', absence_reason: button.dataset.reason }))
  }
  return row
}

export function drawRow(row, one) {
  row.one = one
  const kind = kindOf(one)
  put(row, 'name', one.name)
  put(row, 'about', one.about.filter(Boolean).join(', '))
  for (const name of ['present', 'partial', 'absent']) part(row, name).setAttribute('aria-pressed', kind === name)
  for (const button of row.querySelectorAll('[data-reason]')) {
    button.setAttribute('aria-pressed', one.says?.absence_reason === button.dataset.reason)
  }
  part(row, 'reasons').hidden = kind !== 'absent'
  put(row, 'state', kind ? stateOf(one.says, kind) : '')
  part(row, 'undo').hidden = !(one.says?.note && (canTakeBack(one.says.note) || one.says.before))
  part(row, 'conflict').hidden = !(one.conflict || one.says?.note?.outcome === 'conflict')
  part(row, 'decide').href = '/narvaro/konflikter' + (one.conflict ? `/${one.conflict.id}` : '')
  keyed(part(row, 'refusals'), one.refusals, (note) => note.id, makeRefusal, drawRefusal)
}

function kindOf({ says, occasion }) {
  if (!says) return null
  if (says.status === 'absent') return 'absent'
  const isPart = says.note
    ? says.arrived_at || says.left_at || Number.isInteger(says.minutes)
    : Number.isInteger(says.minutes) && says.minutes < occasion.scheduled_minutes
  return isPart ? 'partial' : 'present'
}

// What is marked, and how far it has come: saved in the phone is not yet saved for good.
function stateOf(says, kind) {
  const what = [say(`is-${kind}`)]
  if (says.arrived_at) what.push(say('came', { time: clock(says.arrived_at) }))
  if (says.left_at) what.push(say('left', { time: clock(says.left_at) }))
  if (kind === 'partial' && Number.isInteger(says.minutes)) what.push(say('minutes', { count: says.minutes }))
  if (says.absence_reason) what.push(say(`reason-${says.absence_reason}`))
  const fate = says.note ? (isUnsent(says.note) ? 'waiting' : says.note.outcome) : (says.source ?? 'held')
  return say('state', { what: what.join(', '), fate: say(`fate-${fate}`, { time: clock(says.marked_at) }) })
}

// --- marking in part -------------------------------------------------------------------------------------------------

function openPartly(row) {
  const form = part(row, 'partly')
  form.hidden = !form.hidden
  part(row, 'partial').setAttribute('aria-expanded', !form.hidden)
  if (!form.hidden) form.elements.arrived.focus()
}

async function keepPartly(row) {
  const form = part(row, 'partly')
  const { arrived, left, minutes } = Object.fromEntries(new FormData(form))
  put(row, 'wrong', arrived || left || minutes ? '' : say('partly-empty'))
  if (!arrived && !left && !minutes) return form.elements.arrived.focus()
  const at = (time) => (time ? instant(row.one.day.date, time) : undefined)
  const content = minutes ? { minutes: Number(minutes) } : { arrived_at: at(arrived), left_at: at(left) }
  if (!await keepMark(row.one, { status: 'present', ...content })) return
  form.reset()
  openPartly(row)
  part(row, 'partial').focus()
}

// --- undo and refusals -----------------------------------------------------------------------------------------------

// What is still in the phone alone is taken back; what has left it is marked anew as it was before.
function undo(one) {
  const { note, before } = one.says
  if (canTakeBack(note)) return takeBack(note)
  const { status, arrived_at, left_at, minutes, absence_reason } = before
  return keepMark(one, { status, arrived_at, left_at, minutes, absence_reason })
}

function makeRefusal(note) {
  const element = copy('refusal')
  part(element, 'again').addEventListener('click', () => sendAgain(element.note))
  part(element, 'remove').addEventListener('click', () => remove(element.note))
  element.note = note
  return element
}

function drawRefusal(element, note) {
  element.note = note
  const why = note.problem?.errors?.map((error) => error.message).join(' ') || note.problem?.detail || ''
  put(element, 'why', say('refused', { time: clock(note.noted_at), why }))
}
