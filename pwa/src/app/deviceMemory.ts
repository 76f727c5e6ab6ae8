/** Small choices of this device: language, theme, the name last used to log in. In localStorage where the browser lets
 * us, otherwise only until the page is closed: some browsers throw at the mere mention of it when cookies are blocked,
 * and a blank page would not say why. */

const meanwhile = new Map<string, string>()

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return meanwhile.get(key) ?? null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    meanwhile.set(key, value)
  }
}
