// Days and times as the other pages write them: Sweden's, in the language of the page. Pure.

const ZONE = { timeZone: 'Europe/Stockholm' }
const LOCALES = { sv: 'sv-SE', en: 'en-GB' }
const locale = () => LOCALES[document.documentElement.lang] ?? LOCALES.sv

const shown = (at, form) => new Intl.DateTimeFormat(locale(), { ...ZONE, ...form }).format(new Date(at))

// `09.30`, in English `09:30`.
export const clock = (at) => shown(at, { hour: '2-digit', minute: '2-digit' }).replace(':', locale() === LOCALES.sv ? '.' : ':')

export const day = (at) => shown(at, { weekday: 'long', day: 'numeric', month: 'long' })

// `2027-03-02`, the local day.
export const dateOf = (at) => new Intl.DateTimeFormat('sv-SE', ZONE).format(new Date(at))

export const dateAround = (at, days) => {
  const noon = new Date(`${dateOf(at)}T12:00:00Z`)
  noon.setUTCDate(noon.getUTCDate() + days)
  return noon.toISOString().slice(0, 10)
}

// `kl. 09–12`, with minutes where one of the two has any.
export function span({ starts_at: starts, ends_at: ends }) {
  const both = [starts, ends].map(clock)
  const full = locale() === LOCALES.sv && both.every((text) => text.endsWith('.00'))
  const between = (full ? both.map((text) => text.slice(0, 2)) : both).join('–')
  return locale() === LOCALES.sv ? `kl. ${between}` : between
}

// A time of the day on a Swedish calendar day, as an instant.
export function instant(date, time) {
  const guess = Date.parse(`${date}T${time}:00Z`)
  const wall = (at) => {
    const parts = new Intl.DateTimeFormat('sv-SE', { ...ZONE, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(at))
    return Date.parse(`${parts.replace(' ', 'T')}Z`)
  }
  const first = guess - (wall(guess) - guess)
  return new Date(guess - (wall(first) - first)).toISOString()
}
