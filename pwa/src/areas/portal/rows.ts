/** The list behind a number that the company counted: the very question, with the words above it. */
import type { RouteLocationRaw } from 'vue-router'

/** `title`: an i18n key. `of`: what of it, in words, where the number is one of several. */
export const rowsBehind = (
  record: string,
  params: Record<string, string>,
  title: string,
  of = '',
): RouteLocationRaw => ({
  path: '/today/rows',
  query: { record, of: JSON.stringify(params), title, ...(of ? { words: of } : {}) },
})
