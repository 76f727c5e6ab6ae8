/**
 * The code of a photo: a short name for its bytes that is printed on stamped copies and checked at `/verify/<code>`. Worked
 * out here so that it stands on a photo that nobody but this phone has seen yet; the server does the same (media/codes.py).
 */

/** Crockford's base 32: without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LETTERS = 11

/** `K7QX-9M2P-DR4T` for the SHA-256 in hex: 55 bits, and a letter that finds typing errors. */
export function photoCode(sha256: string): string {
  let bits = BigInt(`0x${sha256.slice(0, 14)}`) >> 1n
  let letters = ''
  for (let at = 0; at < LETTERS; at++) {
    letters = ALPHABET[Number(bits & 31n)]! + letters
    bits >>= 5n
  }
  return grouped(letters + checkLetter(letters))
}

/** What somebody typed as the code is written; null where it is mistyped or no code at all. */
export function readCode(typed: string): string | null {
  const letters = typed
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
    .replaceAll(/[\s–—_.-]/g, '')
  if (letters.length !== LETTERS + 1 || [...letters].some((letter) => !ALPHABET.includes(letter))) return null
  return letters.at(-1) === checkLetter(letters.slice(0, -1)) ? grouped(letters) : null
}

const grouped = (letters: string): string => letters.match(/.{4}/g)!.join('-')

/** Luhn's check for base 32. */
function checkLetter(letters: string): string {
  let total = 0
  for (const [index, letter] of [...letters].reverse().entries()) {
    const value = ALPHABET.indexOf(letter) * (index % 2 === 0 ? 2 : 1)
    total += Math.floor(value / 32) + (value % 32)
  }
  return ALPHABET[(32 - (total % 32)) % 32]!
}
