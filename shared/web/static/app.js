// Every page works without this. It starts the components of the design system (menu on small screens, focus on errors)
// and keeps a double click from sending twice; the server would recognise the second anyway.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

for (const element of document.querySelectorAll('[data-print]')) {
  element.hidden = false
  element.addEventListener('click', () => window.print())
}

// The trainer's phone page keeps names in the browser: they go when somebody signs out, from whichever page.
for (const form of document.querySelectorAll('form[action="/logga-ut"]')) {
  form.addEventListener('submit', () => indexedDB.deleteDatabase('kursnav-names'))
}
