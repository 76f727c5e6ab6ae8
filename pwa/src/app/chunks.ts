/** A screen that was not on this device when the network went away; the shell says so instead of staying silent. */
export const loadFailed = (error: unknown): boolean =>
  /dynamically imported module|Importing a module script failed|Unable to preload/i.test(String(error))
