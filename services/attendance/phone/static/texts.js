// The words of the page stand in its HTML, in its language: here are none.

const texts = new Map([...document.getElementById('texts').content.children].map((one) => [one.dataset.text, one.textContent]))

// A text by its name, with its values; `<name>.one` where there is one and the count is 1.
export function say(name, values = {}) {
  const chosen = (values.count === 1 && texts.get(`${name}.one`)) || texts.get(name) || name
  return chosen.replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? '')
}

export const knows = (name) => texts.has(name)

// A copy of `<template id="…">`.
export const copy = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true)

export const part = (root, name) => root.querySelector(`[data-part="${name}"]`)

export function put(root, name, text) {
  const element = part(root, name)
  element.textContent = text
  element.hidden = !text
  return element
}

// Shows one child for each item, by its key; those that are there already stay, with what is being written in them.
export function keyed(list, items, key, make, update) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]))
  const wanted = items.map((item) => {
    const child = known.get(key(item)) ?? Object.assign(make(item), {})
    child.dataset.key = key(item)
    update(child, item)
    return child
  })
  for (const [at, child] of wanted.entries()) {
    if (list.children[at] !== child) list.insertBefore(child, list.children[at] ?? null)
  }
  while (list.children.length > wanted.length) list.lastElementChild.remove()
}
