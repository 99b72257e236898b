// Calls of the services. A call either has an answer of ours, or it has none: then nothing is known, and nothing changes.

export class NoAnswer extends Error {}
export class SignedOut extends Error {
  constructor(status) {
    super(`status ${status}`)
    this.status = status
  }
}

const PATIENCE = 20_000

// Status, body and time of the answer. Throws NoAnswer, also for what a gateway or a hotel's sign-in page says in the
// server's place, and SignedOut for 401 and 403.
export async function call(method, path, { body, known } = {}) {
  const headers = { 'Accept-Language': document.documentElement.lang }
  if (body) headers['Content-Type'] = 'application/json'
  if (known) headers['If-None-Match'] = known
  const asked = { method, headers, body: body && JSON.stringify(body), cache: 'no-store', redirect: 'error' }
  const response = await fetch(path, { ...asked, signal: AbortSignal.timeout(PATIENCE) }).catch(() => { throw new NoAnswer() })
  if (response.status >= 500 || response.status === 429) throw new NoAnswer()
  if (response.status === 304) return answered(response, null)
  const isOurs = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
  if (!isOurs) throw new NoAnswer()
  const read = await response.json().catch(() => { throw new NoAnswer() })
  if (response.status === 401 || response.status === 403) throw new SignedOut(response.status)
  return answered(response, read)
}

const answered = (response, body) => ({
  status: response.status,
  ok: response.ok,
  body,
  etag: response.headers.get('etag'),
  server_time: body?.server_time ?? response.headers.get('date'),
})
