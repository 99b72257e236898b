// The shell of the phone page, so that it opens without network: the page in both languages, and the files that it
// loads. Rolls and notes are none of its business, and it never touches a POST. In front of this the server writes
// VERSION, PAGE and FILES; a new version is taken as a whole, or not at all.
const CACHE = `telefon-${VERSION}`
const shell = (language) => `${PAGE}?sprak=${language}`

addEventListener('install', (event) => event.waitUntil(install()))
addEventListener('activate', (event) => event.waitUntil(activate()))
addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request
  const { pathname, searchParams } = new URL(url)
  if (method !== 'GET') return
  if (FILES.includes(pathname)) event.respondWith(file(event.request))
  if (mode === 'navigate' && pathname === PAGE) event.respondWith(page(event.request, searchParams.get('sprak')))
})

async function install() {
  const before = await (await caches.match(PAGE))?.text()
  const cache = await caches.open(CACHE)
  const fresh = [...FILES, shell('sv'), shell('en')].map((path) => new Request(path, { cache: 'reload', credentials: 'omit' }))
  await cache.addAll(fresh)
  await cache.put(PAGE, await cache.match(shell(before?.includes('<html lang="en"') ? 'en' : 'sv')))
  await skipWaiting()
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith('telefon-') && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
  await clients.claim()
}

const file = async (request) => (await caches.match(request)) ?? fetch(request)

// The language is switched by the server, which remembers it too; without it the shell that we have is as good.
async function page(request, language) {
  const cache = await caches.open(CACHE)
  if (!language) return (await cache.match(PAGE)) ?? fetch(request)
  const kept = await cache.match(shell(language))
  if (kept) await cache.put(PAGE, kept.clone())
  return fetch(request).then((answer) => (answer.ok || !kept ? answer : kept)).catch(() => kept ?? Response.error())
}
