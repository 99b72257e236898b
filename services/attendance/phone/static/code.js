// The check-in codes of an occasion, made without network from the day's seed: TOTP (RFC 6238, HMAC-SHA-256, 8 digits).
import encodeQR from '../qr.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function bytesOf(base32) {
  const bits = [...base32.replace(/=+$/, '')].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2))
}

// `at`: milliseconds by the server's clock.
export async function codeAt({ seed, period_seconds: period }, at) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytesOf(seed), hmac, false, ['sign'])
  const counter = new DataView(new ArrayBuffer(8))
  counter.setBigUint64(0, BigInt(Math.floor(at / 1000 / period)))
  const digest = new DataView(await crypto.subtle.sign(hmac, key, counter.buffer))
  const number = digest.getUint32(digest.getUint8(31) & 0x0f) & 0x7fffffff
  return { code: String(number % 10 ** 8).padStart(8, '0'), seconds: period - Math.floor(at / 1000) % period }
}

// The dark squares of a QR code as the path of an SVG, and how many squares wide it is.
export function squares(text) {
  const rows = encodeQR(text, 'raw', { border: 2 })
  const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
  return { path: dark.join(''), width: rows.length }
}
