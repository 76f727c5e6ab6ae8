/** Names of people, from this device: everybody's are on every device. */
import { usePersonName } from '../company/settings'

export function useNames(): (id: unknown) => string {
  const name = usePersonName()
  return (id) => name(id) || '–'
}
