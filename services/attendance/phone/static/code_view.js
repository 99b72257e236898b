// The code that participants scan; a new one each minute, also without network.
import { codeAt, squares } from './code.js'
import { now } from './model.js'
import { part, put, say } from './texts.js'
import { span } from './times.js'

let drawn = ''

export const title = () => say('code-title')

export async function draw(view, { roll }) {
  part(view, 'back').href = `#${roll.session_id}`
  const open = roll.check_in.map((one) => ({ ...one, ...roll.occasions.find((o) => o.occasion_id === one.occasion_id) }))
  const chosen = open.find((one) => Date.parse(one.ends_at) > now()) ?? open.at(-1)
  part(view, 'shown').hidden = !chosen
  part(view, 'none').hidden = Boolean(chosen)
  if (!chosen) return
  const { code, seconds } = await codeAt(chosen, now())
  put(view, 'when', `${roll.course_title}, ${span(chosen)}`)
  put(view, 'seconds', say('code-seconds', { count: seconds }))
  if (code === drawn) return
  drawn = code
  const address = `${location.origin}/incheckning/${code}`
  const { path, width } = squares(address)
  const picture = part(view, 'picture')
  picture.setAttribute('viewBox', `0 0 ${width} ${width}`)
  part(view, 'squares').setAttribute('d', path)
  put(view, 'code', `${code.slice(0, 4)} ${code.slice(4)}`)
  const parts = address.split(/(?<=[.]|[^/]\/)(?=[^/])/)  // it breaks where its parts end, as on the other pages
  part(view, 'address').replaceChildren(...parts.flatMap((one) => [one, document.createElement('wbr')]))
}
