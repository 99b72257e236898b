// The rolls of yesterday, today and tomorrow, taken along; what is to be forgotten goes.
import { call, NoAnswer, SignedOut } from './calls.js'
import { changed, heard, now, show, state, tidy } from './model.js'
import * as store from './store.js'
import { dateAround } from './times.js'

let running = null

export function fetchDays() {
  running ??= fetchAll().finally(() => { running = null })
  return running
}

async function fetchAll() {
  try {
    const dates = [0, -1, 1].map((days) => dateAround(now(), days))
    await store.keepDays(dates)
    for (const date of dates) await fetchDay(date)
    show({ signin: null })
  } catch (error) {
    if (error instanceof SignedOut) show({ signin: error.status })
    else if (!(error instanceof NoAnswer)) throw error
  } finally {
    await changed()
    await tidy()
  }
}

async function fetchDay(date) {
  const known = state.days.find((day) => day.date === date)
  const asked_at = new Date().toISOString()
  const { status, body, etag, ...answer } = await call('GET', `/attendance/v1/days/${date}`, { known: known?.etag })
  await heard(answer)
  if (status === 304) return store.replaceDay({ ...known, fetched_at: asked_at }, [])
  if (!Array.isArray(body?.rolls)) throw new NoAnswer()
  if (body.trainer_id !== state.about.trainer_id) await handOver(body.trainer_id)
  await store.replaceDay({ date, etag, rolls: body.rolls, fetched_at: asked_at }, body.forget)
}

// Another trainer uses this phone now: the names that it holds are none of theirs.
async function handOver(trainer_id) {
  if (state.about.trainer_id) await store.forgetNames()
  await store.learn({ trainer_id })
  await changed()
}
