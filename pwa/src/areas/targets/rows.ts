/** The list behind a number: the very request that the server named beside it. */
import type { RouteLocationRaw } from 'vue-router'
import { recordOf } from '../team/behind/rows'

export const rowsOf = (link: { path: string; params: Record<string, string> }, title: string): RouteLocationRaw => ({
  path: '/targets/rows',
  query: { record: recordOf(link.path), of: JSON.stringify(link.params), title },
})
