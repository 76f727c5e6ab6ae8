/** Photos whose picture the server does not have: they are not asked for again each time they scroll by. */
export const pictureless = new Set<string>()
addEventListener('online', () => pictureless.clear())
