/** UUIDv7 (RFC 9562), lower case: 48 bits of milliseconds, then a counter that only grows within this generator.
 *
 * The clock of a phone jumps; ids of one phone must not go backwards for that, because lists fall back on them for
 * order. So the generator keeps the largest millisecond it has used and counts on from there. Nothing on the server
 * relies on it: no client clock is used for ordering. */

export type RandomFill = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>

const COUNTER_LIMIT = 2 ** 32

export function uuid7Generator(
  now: () => number = Date.now,
  random: RandomFill = (bytes) => crypto.getRandomValues(bytes),
): () => string {
  let last = -1
  let counter = 0
  return () => {
    const bytes = random(new Uint8Array(16))
    const time = Math.max(0, Math.floor(now()))
    if (time > last) {
      last = time
      // The top bit stays free so that a burst has at least 2^31 numbers before the next millisecond is borrowed.
      counter = (((bytes[6]! & 0x7f) << 24) | (bytes[7]! << 16) | (bytes[8]! << 8) | bytes[9]!) >>> 0
    } else {
      counter += 1 + (bytes[9]! & 0x0f)
      if (counter >= COUNTER_LIMIT) {
        last += 1
        counter = 0
      }
    }
    return format(last, counter, bytes)
  }
}

function format(time: number, counter: number, bytes: Uint8Array): string {
  const high = Math.floor(time / 2 ** 32)
  const low = time % 2 ** 32
  const out = new Uint8Array(16)
  out[0] = (high >>> 8) & 0xff
  out[1] = high & 0xff
  out[2] = (low >>> 24) & 0xff
  out[3] = (low >>> 16) & 0xff
  out[4] = (low >>> 8) & 0xff
  out[5] = low & 0xff
  // 32 counter bits around version and variant: 12 in rand_a, 20 at the head of rand_b; 42 random bits remain.
  out[6] = 0x70 | ((counter >>> 28) & 0x0f)
  out[7] = (counter >>> 20) & 0xff
  out[8] = 0x80 | ((counter >>> 14) & 0x3f)
  out[9] = (counter >>> 6) & 0xff
  out[10] = ((counter & 0x3f) << 2) | (bytes[10]! & 0x03)
  for (let i = 11; i < 16; i++) out[i] = bytes[i]!
  const hex = Array.from(out, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The app's own generator; one a page is enough, the random bits keep tabs apart. */
export const uuid7 = uuid7Generator()
