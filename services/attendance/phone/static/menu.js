// What concerns the phone itself: the notes as a file, starting afresh, signing out.
import { changed, phone, state } from './model.js'
import { bySession, isWaiting } from './notes.js'
import { forgetDays, forgetNames } from './store.js'

export function listenToMenu() {
  for (const button of document.querySelectorAll('[data-save-file]')) button.addEventListener('click', saveFile)
  document.getElementById('reset').addEventListener('click', reset)
  document.getElementById('sign-out').addEventListener('submit', async (event) => {
    event.preventDefault()
    await forgetNames().catch(() => {})
    event.target.submit()
  })
}

// The last way out: everything that has no answer yet, for the office to import. Ids and times, no names.
async function saveFile() {
  const saved = new Date().toISOString()
  const content = {
    format: 'kursnav-phone/1',
    saved_at: saved,
    clock_off: state.about.clock_off ?? 0,
    ...phone(),
    sessions: bySession(state.notes.filter((note) => isWaiting(note) && note.trainer_id === phone().trainer_id)),
  }
  const file = new File([JSON.stringify(content)], `markningar-${saved.slice(0, 16).replace(':', '')}.json`, { type: 'application/json' })
  if (matchMedia('(display-mode: standalone)').matches && navigator.canShare?.({ files: [file] })) {
    return navigator.share({ files: [file] }).catch(() => {})
  }
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: file.name })
  link.click()
  URL.revokeObjectURL(link.href)
}

// A new page and new rolls; what was noted stays.
async function reset() {
  const workers = await navigator.serviceWorker?.getRegistrations() ?? []
  await Promise.all(workers.map((worker) => worker.unregister()))
  const kept = (await caches.keys()).filter((name) => name.startsWith('telefon-'))
  await Promise.all(kept.map((name) => caches.delete(name)))
  await forgetDays()
  await changed()
  location.assign(location.pathname)
}
