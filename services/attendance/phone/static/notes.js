// What the trainer noted, and what has become of it. Pure: no store, no network, no clock.
// The phone judges nothing: it keeps a note until the server has said what became of that very note.

export const isUnsent = (note) => note.outcome === null
export const isRefused = (note) => note.outcome === 'rejected' || note.registered === 'rejected'
// A walk-in is with both: attendance knows that somebody came, booking who it was.
export const isWaiting = (note) => !isRefused(note) && (isUnsent(note) || note.registered === 'waiting')

export const counts = (notes) => ({
  kept: notes.length,
  waiting: notes.filter(isWaiting).length,
  refused: notes.filter(isRefused).length,
})

export function noted(kind, id, { session_id, trainer_id, at }, body) {
  return { id, kind, session_id, trainer_id, noted_at: at, body, outcome: null, problem: null, tried: false }
}

// A mark keeps the time of its tap. Of one person's marks the later one comes later also when the clock was set back.
export function markOf(id, where, person, content, before) {
  const last = before.filter((note) => isAbout(note, person, content.occasion_id)).map((note) => note.body.marked_at).sort().at(-1)
  const after = last ? Date.parse(last) + 1 : 0
  const at = new Date(Math.max(Date.parse(where.at), after)).toISOString()
  return noted('mark', id, { ...where, at }, { mark_id: id, ...person, ...content, marked_at: at, base_version: where.base_version })
}

const isAbout = (note, person, occasion) =>
  note.kind === 'mark' && note.body.occasion_id === occasion
  && (note.body.participant_id ?? note.body.walk_in_id) === (person.participant_id ?? person.walk_in_id)

const PARTS = { walk_in: 'walk_ins', head_count: 'head_counts', mark: 'marks' }

// The notes as `sync` takes them: by session, and in it by kind.
export function bySession(notes) {
  const sessions = new Map()
  for (const note of notes) {
    if (!sessions.has(note.session_id)) {
      sessions.set(note.session_id, { session_id: note.session_id, walk_ins: [], head_counts: [], marks: [] })
    }
    sessions.get(note.session_id)[PARTS[note.kind]].push(note.body)
  }
  return [...sessions.values()]
}

const TRANSIENT = [409, 429]

// What the answer of `sync` says of each note, by its id. A session that was refused for now says nothing yet.
export function verdicts(answer, notes) {
  const found = new Map()
  for (const session of answer.sessions) {
    for (const { outcome, problem, ...ids } of session.results) {
      found.set(ids.mark_id ?? ids.walk_in_id ?? ids.head_count_id, { outcome, problem: problem ?? null })
    }
    if (session.status >= 400 && session.status < 500 && !TRANSIENT.includes(session.status)) {
      for (const note of notes.filter((one) => one.session_id === session.session_id)) {
        found.set(note.id, { outcome: 'rejected', problem: session.problem })
      }
    }
  }
  return found
}

// What holds of a person on an occasion as far as this phone knows: its own last note while the server has not answered,
// or not given the roll since; else the mark of the roll.
export function standing(day, roll, notes, person, occasion) {
  const own = notes.filter((note) => isAbout(note, person, occasion) && !isRefused(note))
  const last = own.at(-1)
  if (last && (isUnsent(last) || last.answered_at > day.fetched_at)) {
    return { ...last.body, note: last, before: own.at(-2)?.body ?? null }
  }
  const marks = person.walk_in_id
    ? roll.walk_ins.find((one) => one.walk_in_id === person.walk_in_id)?.marks
    : roll.people.find((one) => one.participant_id === person.participant_id)?.marks
  const mark = marks?.find((one) => one.occasion_id === occasion)
  return mark ? { ...mark, note: null, before: null } : null
}

// A tap can be taken back as long as nothing of it has left the phone.
export const canTakeBack = (note) => note !== null && isUnsent(note) && !note.tried

export const refusedOf = (notes, person, occasion) =>
  notes.filter((note) => isRefused(note) && isAbout(note, person, occasion))

// Those who came without a registration and have none yet: as the roll says, and as this phone noted since.
export function walkInsOf(day, roll, notes) {
  const listed = roll.walk_ins.map(({ walk_in_id, municipality }) => ({ walk_in_id, municipality }))
  const since = notes.filter((note) =>
    note.kind === 'walk_in' && note.session_id === roll.session_id
    && !listed.some((one) => one.walk_in_id === note.id)
    && (isUnsent(note) || isRefused(note) || note.answered_at > day.fetched_at))
  return [...listed, ...since.map((note) => note.body)]
}

// What nobody has to read any more: answered, and its roll attested or no longer in this phone for days.
export function readable(notes, rolls, now) {
  const old = new Date(now - 3 * 24 * 3600 * 1000).toISOString()
  const attested = (id) => rolls.some((roll) => roll.session_id === id && roll.state === 'attested')
  const isOver = (note) => attested(note.session_id) || note.noted_at < old
  return notes.filter((note) => isWaiting(note) || isRefused(note) || !isOver(note))
}

export const oldest = (notes) => notes.filter(isWaiting).map((note) => note.noted_at).sort()[0]
