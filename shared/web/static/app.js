// Every page works without this. It starts the components of the design system (menu on small screens, focus on errors)
// and keeps a double click from sending twice; the server would recognise the second anyway.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// Where a file can be dropped the component says a comma that nobody sees: who speaks what stands there would not be heard.
for (const comma of document.querySelectorAll('.govuk-file-upload-button > .govuk-visually-hidden')) comma.replaceWith(' ')

for (const element of document.querySelectorAll('[data-print]')) {
  element.hidden = false
  element.addEventListener('click', () => window.print())
}

// The trainer's phone page keeps names in the browser: they go when somebody signs out, from whichever page.
for (const form of document.querySelectorAll('form[action="/logga-ut"]')) {
  form.addEventListener('submit', () => indexedDB.deleteDatabase('kursnav-names'))
}

// Figures that change while somebody reads them: htmx holds the stream, and hands each of its events on as one of the
// page. `data-per` is what a number is shown in: 60 for minutes that are shown as hours.
const numbers = new Intl.NumberFormat(document.documentElement.lang === 'sv' ? 'sv-SE' : 'en-GB', {maximumFractionDigits: 1, roundingMode: 'halfEven'})
document.addEventListener('figures', (event) => {
  const changed = JSON.parse(event.detail.data)
  for (const shown of document.querySelectorAll('[data-figure]')) {
    const value = changed[shown.dataset.figure]
    if (typeof value === 'number') shown.textContent = numbers.format(value / (shown.dataset.per ?? 1))
  }
})
