// Who came without a registration. Name and number are booking's: the name waits in the phone until booking has it, a
// number is asked for only with network, and never kept.
import { NoAnswer, SignedOut } from './calls.js'
import { show, state } from './model.js'
import { keepWalkIn } from './noting.js'
import { register } from './send.js'
import { part, put, say } from './texts.js'

export const nameOf = (walkIn) => state.arrivals.find((one) => one.walk_in_id === walkIn)?.name

export function listenToWalkIns(view) {
  const form = part(view, 'walk-in')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const { number, ...who } = Object.fromEntries(new FormData(form))
    const wrong = who.name.trim() || number.trim() ? '' : say('walk-in-empty')
    put(view, 'walk-in-wrong', wrong)
    if (!wrong && await takeIn(view, who, number.trim())) form.reset()
  })
}

async function takeIn(view, { name, municipality }, number) {
  const { roll } = view.found
  const walkIn = { walk_in_id: crypto.randomUUID(), municipality: municipality || null, name: name.trim() || null }
  if (!number) return keepWalkIn(roll, walkIn, 'waiting')
  try {
    const answer = await register(roll.session_id, { ...walkIn, personal_number: number })
    if (answer.ok) return keepWalkIn(roll, walkIn, 'done')
    const faults = answer.body.errors?.map((error) => error.message) ?? []
    put(view, 'walk-in-wrong', faults.join(' ') || answer.body.detail)
  } catch (error) {
    if (error instanceof SignedOut) show({ signin: error.status })
    else if (!(error instanceof NoAnswer)) throw error
    put(view, 'walk-in-wrong', say('number-not-sent'))
  }
  return false
}
