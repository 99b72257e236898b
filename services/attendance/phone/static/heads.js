// Counting heads: people without names. It is approximate, and never becomes hours.
import { state } from './model.js'
import { keepHeads } from './noting.js'
import { isRefused, isUnsent } from './notes.js'
import { part, put, say } from './texts.js'

export function listenToHeads(view) {
  const form = part(view, 'heads')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const text = form.elements.count.value.trim()
    const isCount = /^\d{1,5}$/.test(text)
    put(view, 'heads-wrong', isCount ? '' : say('heads-empty'))
    if (isCount && await keepHeads(view.found.roll, view.occasion, Number(text))) form.reset()
  })
}

export function drawHeads(view) {
  const own = state.notes.filter((note) =>
    note.kind === 'head_count' && !isRefused(note) && note.body.occasion_id === view.occasion.occasion_id).at(-1)
  const isNewer = own && (isUnsent(own) || own.answered_at > view.found.day.fetched_at)
  const count = isNewer ? own.body.count : view.occasion.head_count
  const fate = isNewer && isUnsent(own) ? say('fate-waiting') : say('fate-accepted')
  put(view, 'heads-state', Number.isInteger(count) ? say('state', { what: say('heads-counted', { count }), fate }) : '')
}
