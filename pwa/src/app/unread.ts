/** What the navigation counts; kept by `platform.ts` as the local store changes. */
import { ref } from 'vue'

/** How many notifications this person has not seen. */
export const unread = ref(0)

/** How many documents wait for this person's decision. */
export const toDecide = ref(0)
