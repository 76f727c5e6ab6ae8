/** How many notifications this person has not seen; kept by `platform.ts` as the local store changes. */
import { ref } from 'vue'

export const unread = ref(0)
