// What stays in the phone, in two databases with different lives: `kursnav-names` goes when somebody signs out, from
// whichever page (app.js); `kursnav-notes` holds ids alone, and stays until the server has answered.
import { openDB } from '../idb.js'

const CLOSED = ['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError']

class Database {
  constructor(name, upgrade) {
    this.name = name
    this.upgrade = upgrade
  }

  open() {
    this.opened ??= openDB(this.name, 1, {
      upgrade: this.upgrade,
      blocking: (_from, _to, event) => {
        event.target.close()
        this.opened = undefined
      },
      terminated: () => { this.opened = undefined },
    }).catch((error) => {
      this.opened = undefined
      throw error
    })
    return this.opened
  }

  // One transaction. `work` awaits nothing but its requests: a transaction ends at the first other `await`. A connection
  // that was closed under us (iPhones do that) is opened anew, and the same is tried once more.
  async run(mode, stores, work) {
    try {
      return await this.attempt(mode, stores, work)
    } catch (error) {
      if (!CLOSED.includes(error.name)) throw error
      this.opened = undefined
      return this.attempt(mode, stores, work)
    }
  }

  async attempt(mode, stores, work) {
    const database = await this.open()
    const transaction = database.transaction(stores, mode, { durability: 'strict' })
    const [result] = await Promise.all([work(...stores.map((store) => transaction.objectStore(store))), transaction.done])
    return result
  }
}

const notes = new Database('kursnav-notes', (database) => {
  database.createObjectStore('notes', { keyPath: 'id' })
  database.createObjectStore('about')
})
const names = new Database('kursnav-names', (database) => {
  database.createObjectStore('days', { keyPath: 'date' })
  database.createObjectStore('arrivals', { keyPath: 'walk_in_id' })
})

// Everything that the page shows.
export async function load() {
  const [noted, about] = await notes.run('readonly', ['notes', 'about'], (kept, facts) =>
    Promise.all([kept.getAll(), facts.get('phone')]))
  const [days, arrivals] = await names.run('readonly', ['days', 'arrivals'], (kept, came) =>
    Promise.all([kept.getAll(), came.getAll()]))
  noted.sort((one, other) => one.noted_at.localeCompare(other.noted_at))
  return { notes: noted, about: about ?? {}, days, arrivals }
}

// What is known about this phone: its id, who uses it, when the server answered last, how wrong its clock is.
export const learn = (facts) =>
  notes.run('readwrite', ['about'], async (about) => about.put({ ...await about.get('phone'), ...facts }, 'phone'))

export const putNotes = (changed) =>
  notes.run('readwrite', ['notes'], (kept) => Promise.all(changed.map((note) => kept.put(note))))

export const removeNotes = (ids) =>
  notes.run('readwrite', ['notes'], (kept) => Promise.all(ids.map((id) => kept.delete(id))))

// The notes as they are now, each changed unless it has gone; `change` returns the note, or null to take it away.
export const changeNotes = (ids, change) =>
  notes.run('readwrite', ['notes'], (kept) => Promise.all(ids.map(async (id) => {
    const note = await kept.get(id)
    const changed = note && change(note)
    if (changed) await kept.put(changed)
    if (changed === null) await kept.delete(id)
    return changed
  })))

// A day's rolls as the server gave them; other days' rolls of the sessions to forget go too.
export const replaceDay = (day, forget) =>
  names.run('readwrite', ['days'], async (days) => {
    for (const known of await days.getAll()) {
      const rolls = known.rolls.filter((roll) => !forget.includes(roll.session_id))
      if (rolls.length < known.rolls.length) await days.put({ ...known, rolls, etag: '' })
    }
    await days.put(day)
  })

export const keepDays = (dates) =>
  names.run('readwrite', ['days'], async (days) => {
    const old = (await days.getAllKeys()).filter((date) => !dates.includes(date))
    return Promise.all(old.map((date) => days.delete(date)))
  })

export const putArrival = (arrival) => names.run('readwrite', ['arrivals'], (came) => came.put(arrival))

export const removeArrival = (id) => names.run('readwrite', ['arrivals'], (came) => came.delete(id))

export const forgetNames = () =>
  names.run('readwrite', ['days', 'arrivals'], (days, came) => Promise.all([days.clear(), came.clear()]))

export const forgetDays = () => names.run('readwrite', ['days'], (days) => days.clear())
