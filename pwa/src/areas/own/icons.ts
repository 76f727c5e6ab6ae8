/** Icons only the screens of own fields show; the others come from `@/ui/icons`. */
export { symRoundedFormsAddOn as iconOwnFields } from '@quasar/extras/material-symbols-rounded'
