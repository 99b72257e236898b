// One session: its people, one a row, and who came without a registration.
import { listenToHeads, drawHeads } from './heads.js'
import { now, state } from './model.js'
import { isRefused, refusedOf, standing, walkInsOf } from './notes.js'
import { drawRow, makeRow } from './row.js'
import { keyed, knows, part, put, say } from './texts.js'
import { dateOf, day as dayText, span } from './times.js'
import { listenToWalkIns, nameOf } from './walk_ins.js'

export const title = ({ roll }) => roll.course_title

export function listen(view, redraw) {
  part(view, 'occasion').addEventListener('change', (event) => {
    view.chosen = event.target.value
    part(view, 'people').replaceChildren() // what was being written was about the other occasion
    redraw()
  })
  listenToHeads(view)
  listenToWalkIns(view)
}

export function draw(view, found) {
  const { day, roll } = found
  const occasions = roll.occasions.filter((one) => dateOf(one.starts_at) === day.date)
  const occasion = occasions.find((one) => one.occasion_id === view.chosen) ?? current(occasions)
  Object.assign(view, { found, occasion })
  part(view, 'occasions').hidden = occasions.length < 2
  const options = occasions.map((one) => new Option(span(one), one.occasion_id, false, one === occasion))
  part(view, 'occasion').replaceChildren(...options)
  put(view, 'when', `${dayText(`${day.date}T12:00:00Z`)} ${span(occasion)}, ${roll.venue}`)
  const isOpen = roll.state !== 'attested'
  part(view, 'attested').hidden = isOpen
  part(view, 'own').href = `/narvaro/listor/${roll.session_id}`
  part(view, 'marking').hidden = !isOpen
  if (!isOpen) return
  const people = peopleOf(found, occasion)
  put(view, 'count', say('marked', { count: people.length, marked: people.filter((one) => one.says).length }))
  keyed(part(view, 'people'), people, (one) => one.key, makeRow, drawRow)
  for (const name of ['kod', 'attestera']) part(view, name).href = `#${roll.session_id}/${name}`
  part(view, 'kod').hidden = !roll.check_in.some((one) => one.occasion_id === occasion.occasion_id)
  drawHeads(view)
}

// Of several the one that is under way, or comes next.
const current = (occasions) => occasions.find((one) => Date.parse(one.ends_at) > now()) ?? occasions.at(-1)

// Everybody whom a row is about, with what is known of them on the occasion.
function peopleOf({ day, roll }, occasion) {
  const listed = [...registered(roll, occasion), ...without(day, roll)]
  return listed.map((one) => ({
    ...one,
    day,
    roll,
    occasion,
    key: one.person.participant_id ?? one.person.walk_in_id,
    says: standing(day, roll, state.notes, one.person, occasion.occasion_id),
    refusals: [...(one.refusals ?? []), ...refusedOf(state.notes, one.person, occasion.occasion_id)],
  }))
}

function registered(roll, occasion) {
  let masked = 0
  return roll.people.map((person) => ({
    person: { participant_id: person.participant_id },
    name: person.masked ? `${person.name} ${++masked}` : person.name ?? say('no-name'),
    about: [municipality(person.municipality), ...person.support_needs.map(say)],
    conflict: roll.conflicts.find((one) => one.participant_id === person.participant_id && one.occasion_id === occasion.occasion_id),
  }))
}

function without(day, roll) {
  return walkInsOf(day, roll, state.notes).map((one, at) => ({
    person: { walk_in_id: one.walk_in_id },
    name: nameOf(one.walk_in_id) ?? say('walk-in', { number: at + 1 }),
    about: [say('without-registration'), municipality(one.municipality)],
    refusals: state.notes.filter((note) => note.id === one.walk_in_id && isRefused(note)),
  }))
}

const municipality = (code) => (knows(`municipality-${code}`) ? say(`municipality-${code}`) : code)
